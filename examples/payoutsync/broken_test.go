package main

import (
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
)

// reports are the archived documents of an installation on SQLite.
func (i install) reports(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(i.dir, "payoutsync-data", "archive", "objects", "*", "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("the archive holds %v, %v", names, err)
	}
	return names
}

func TestAReportThatIsNotWhatWasDeliveredEndsEveryCommandThatReadsItWithFour(t *testing.T) {
	for name, damage := range map[string]func(name string) error{
		"missing": os.Remove,
		"changed": func(name string) error {
			text, err := os.ReadFile(name)
			if err == nil {
				text[len(text)/2] ^= 1
				err = os.WriteFile(name, text, 0o600)
			}
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			i := synced(t, newInstall(t))
			id := i.first(t)
			for _, report := range i.reports(t) {
				if err := damage(report); err != nil {
					t.Fatal(err)
				}
			}
			for _, args := range [][]string{
				{"report", id}, {"explain", id}, {"evidence", "pack", id, "-o", filepath.Join(i.dir, "pack.zip")}, {"reconcile", id}, {"replay", id}, {"sync"}, {"audit", "verify"},
			} {
				if o := i.run(t, args...).expect(t, exitBroken); !strings.Contains(o.out+o.errors, "restore the object from a backup") {
					t.Errorf("%s: does not say what to do: %s%s", strings.Join(args, " "), o.out, o.errors)
				}
			}
		})
	}
}

// change changes the database behind the program's back.
func (i install) change(t *testing.T, statements ...string) {
	t.Helper()
	db := i.open(t)
	for _, statement := range statements {
		if n, err := db.Exec(t.Context(), statement); err != nil || n == 0 {
			t.Fatalf("%s: %d rows, %v", statement, n, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

const aRecordIsChanged = `update booking_records set body = replace(body, 'created', 'refused') where seq = (select min(seq) from booking_records where body like '%created%')`

func TestABrokenTrailIsSeenAtThePayoutAndIsFollowedByNoNextStep(t *testing.T) {
	i := synced(t, newInstall(t))
	i.change(t, aRecordIsChanged)
	if o := i.run(t, "sync", "--dry-run").expect(t, exitBroken); strings.Contains(o.errors, "Next:") || !strings.Contains(o.out, "\n1 settlement: ") || !strings.Contains(o.out, " 1 refused") ||
		!strings.Contains(o.out, " 2 not reached") {
		t.Errorf("a dry run says %s%s", o.out, o.errors)
	}
	for range 2 { // the second time it has stood there
		if s := i.run(t, "sync", "--json").expect(t, exitBroken).summary(t); s.Settlements != 1 || s.Refused != 1 || s.NotReached != 2 || s.Booked+s.Found != 0 {
			t.Errorf("summary %+v", s)
		}
		p := i.run(t, "status", "--json").expect(t, 0).lines(t)[2]
		if told, _ := p["error"].(map[string]any); p["state"] != "refused" || told["code"] != "broken" || !strings.Contains(told["message"].(string), "audit trail") || p["total"] == "" || len(p["documents"].([]any)) == 0 {
			t.Errorf("status says %v", p)
		}
	}
}

func TestTheReportPageOfABrokenTrailSaysWhatToDo(t *testing.T) {
	i := synced(t, newInstall(t))
	id := i.first(t)
	i.change(t, aRecordIsChanged)
	in, err := (&app{config: i.config, log: slog.New(slog.DiscardHandler)}).open(t.Context(), installation.Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close() // it was only read
	err = (&pages{in: in}).Report(t.Context(), "acme-us", id, io.Discard)
	if refused, ok := errors.AsType[*web.RefusedError](err); !ok || !strings.Contains(refused.Reason, "`payoutsync audit verify`") || !strings.Contains(refused.Reason, "from a backup") {
		t.Errorf("it says %v", err)
	}
}

func TestATrailThatIsGoneIsBrokenAndNoNewOneIsBegun(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	if o := i.run(t, "audit", "verify").expect(t, 0); !strings.Contains(o.errors, "no payout is booked yet") {
		t.Errorf("of a new home it says %q", o.errors)
	}
	i = synced(t, i)
	i.change(t, `delete from booking_records`, `delete from booking_heads`)
	for range 2 {
		if o := i.run(t, "audit", "verify").expect(t, exitBroken); !strings.Contains(o.errors, "3 payouts booked of which the log knows nothing: ") {
			t.Errorf("it says %s%s", o.out, o.errors)
		}
		if o := i.run(t, "sync").expect(t, exitBroken); !strings.Contains(o.out, "the log knows none") {
			t.Errorf("sync says %s%s", o.out, o.errors)
		}
	}
}
