package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestFromInitToAnEvidencePackThatAnybodyCanCheck(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i = synced(t, i)
		id := "acme-us/" + i.first(t)
		name := filepath.Join(t.TempDir(), "pack.zip")
		object := i.run(t, "evidence", "pack", id, "-o", name, "--json").expect(t, 0).lines(t)[0]
		if object["settlement_id"] != i.first(t) || len(object["sha256"].(string)) != 64 {
			t.Errorf("object %v", object)
		}
		// The auditor has the file and no configuration.
		o := payoutsync(t, "--config", filepath.Join(t.TempDir(), "none.yaml"), "evidence", "verify", name, "--json").expect(t, 0)
		v := o.lines(t)[0]
		if v["settlement_id"] != i.first(t) || v["booked"] != v["documents"] || len(v["faults"].([]any)) != 0 {
			t.Errorf("verified: %v", v)
		}
		// The head that the installation prints is the pack's, and another one is not.
		head, _ := i.run(t, "audit", "verify", "--json").expect(t, 0).lines(t)[0]["head"].(string)
		payoutsync(t, "evidence", "verify", name, "--head", head).expect(t, 0)
		payoutsync(t, "evidence", "verify", name, "--head", strings.Repeat("ab", 32)).expect(t, exitBroken)

		text := readFile(t, name)
		for _, secret := range []string{
			i.credentials["amazon"]["client_secret"], i.credentials["amazon"]["refresh_token"],
			i.credentials["vantagepoint"]["password"], i.credentials["vantagepoint"]["client_secret"], "Bearer ",
		} {
			if strings.Contains(text, secret) {
				t.Error("the pack holds a secret")
			}
		}
		if !strings.Contains(text, "DataEntry/jeControl") {
			t.Error("the pack lacks what was sent to the ledger")
		}
		again := filepath.Join(t.TempDir(), "again.zip")
		i.run(t, "evidence", "pack", id, "-o", again).expect(t, 0)
		if !bytes.Equal([]byte(text), []byte(readFile(t, again))) {
			t.Error("the same payout makes two packs that differ")
		}
		i.aChangedPackIsFound(t, name)
	})
}

// aChangedPackIsFound changes one figure in the middle of a pack, with its checksum.
func (i install) aChangedPackIsFound(t *testing.T, name string) {
	t.Helper()
	r, err := zip.OpenReader(name)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		if f.Name == "plan.json" {
			data = bytes.Replace(data, []byte(`"debit": "`), []byte(`"debit": "1`), 1)
		}
		into, err := w.CreateHeader(&zip.FileHeader{Name: f.Name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := into.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, out.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := payoutsync(t, "evidence", "verify", name).expect(t, exitBroken); !strings.Contains(o.out, `"plan.json"`) {
		t.Errorf("printed %q", o.out)
	}
}

func TestEvidenceOfAnUnknownPayoutIsAMistakeOfUsage(t *testing.T) {
	i := synced(t, newInstall(t))
	i.run(t, "evidence", "pack", "acme-us/1").expect(t, exitUsage)
	i.run(t, "evidence", "pack", i.first(t), "-o", filepath.Join(t.TempDir(), "no", "such", "folder.zip")).expect(t, exitUsage)
}

func TestAPayoutThatNoRoundHasTakenUpSaysWhatPlansIt(t *testing.T) {
	i := newInstall(t)
	i.run(t, "connect", "acme-us").expect(t, 0)
	i.run(t, "sync", "--dry-run").expect(t, 0)
	for _, command := range [][]string{{"explain", i.first(t)}, {"evidence", "pack", i.first(t)}} {
		if o := i.run(t, command...).expect(t, exitUsage); !strings.Contains(o.errors, "`payoutsync sync acme-us`") {
			t.Errorf("%s: %s", command[0], o.errors)
		}
	}
}

func TestTheEvidenceOfAReversedPayoutSaysThatItIsReversed(t *testing.T) {
	i := synced(t, newInstall(t))
	i.run(t, "reverse", i.first(t), "--reason", "wrong project").expect(t, exitDone)
	name := filepath.Join(t.TempDir(), "pack.zip")
	i.run(t, "evidence", "pack", i.first(t), "-o", name).expect(t, exitDone)
	v := payoutsync(t, "evidence", "verify", name, "--json").expect(t, exitDone).lines(t)[0]
	if v["reversed"] != v["documents"] {
		t.Errorf("%v", v)
	}
	if o := payoutsync(t, "evidence", "verify", name).expect(t, exitDone); !strings.Contains(o.out, fmt.Sprintf("0 booked as planned, %v booked and reversed since", v["reversed"])) {
		t.Errorf("it says %s", o.out)
	}
}

// statement is a bank's file that holds the booked bank legs of the tenant.
func (i install) statement(t *testing.T, change func(n int, amount string) string) string {
	t.Helper()
	var text strings.Builder
	text.WriteString("Date,Description,Amount\n")
	n := 0
	for _, batch := range i.tenant.Batches() {
		for _, e := range batch.Entries {
			for _, l := range e.Lines {
				if l.Bank == "" || !l.Auto {
					continue
				}
				if amount := change(n, l.Amount); amount != "" {
					fmt.Fprintf(&text, "%s,AMAZON EDI PYMNT %s,%s\n", e.Date, strings.TrimLeft(e.Ref, "0"), amount)
				}
				n++
			}
		}
	}
	if n == 0 {
		t.Fatal("nothing is on the bank account")
	}
	name := filepath.Join(t.TempDir(), "bank.csv")
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestR3_4_TheBanksOwnLinesAreHeldAgainstTheBookedBankLegs(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i = synced(t, i)
		same := i.statement(t, func(_ int, amount string) string { return amount })
		if o := i.run(t, "reconcile", "--bank", same).expect(t, 0); !strings.Contains(o.out, "0 with another amount, 0 ambiguous, 0 bank lines without a booking, 0 bookings without a bank line") {
			t.Errorf("printed %q", o.out)
		}
		cent := i.statement(t, func(n int, amount string) string {
			if n == 0 {
				return amount[:len(amount)-1] + string('0'+(amount[len(amount)-1]-'0'+1)%10)
			}
			return amount
		})
		o := i.run(t, "reconcile", "--bank", cent, "--json").expect(t, exitRefused)
		lines := o.lines(t)
		if s := lines[len(lines)-1]["summary"].(map[string]any); fmt.Sprint(s["amount_differs"]) != "1" || fmt.Sprint(s["unmatched_legs"]) != "0" {
			t.Errorf("a cent: %s", o.out)
		}
		missing := i.statement(t, func(n int, amount string) string {
			if n == 0 {
				return ""
			}
			return amount
		})
		if o := i.run(t, "reconcile", "--bank", missing).expect(t, exitRefused); !strings.Contains(o.out, "not on the bank's statement") {
			t.Errorf("printed %q", o.out)
		}
	})
}

func TestBankLinesThatAreNoneOfAmazonsCanBeLeftOut(t *testing.T) {
	i := synced(t, newInstall(t))
	name := i.statement(t, func(_ int, amount string) string { return amount })
	rent := "2026-01-05,RENT,-900.00\n"
	if err := os.WriteFile(name, []byte(readFile(t, name)+rent), 0o600); err != nil {
		t.Fatal(err)
	}
	i.run(t, "reconcile", "--bank", name).expect(t, exitRefused)
	if o := i.run(t, "reconcile", "--bank", name, "--only", "amazon").expect(t, 0); !strings.Contains(o.out, "1 lines left out") {
		t.Errorf("printed %q", o.out)
	}
	if o := i.run(t, "reconcile", "--bank", name, "--from", "2126-01-01", "--only", "RENT").expect(t, exitRefused); !strings.Contains(o.out, "0 bookings without a bank line") {
		t.Errorf("printed %q", o.out)
	}
}

func TestReconcileWantsAPayoutOrABanksFile(t *testing.T) {
	i := newInstall(t)
	for _, args := range [][]string{{}, {"acme-us/1", "--bank", "x.csv"}, {"--bank", "x.csv", "--from", "yesterday"}, {"--bank", "x.csv", "--days", "-1"}} {
		if o := i.run(t, append([]string{"reconcile"}, args...)...).expect(t, exitUsage); o.errors == "" {
			t.Errorf("%v says nothing", args)
		}
	}
	if o := i.run(t, "reconcile", "--help").expect(t, 0); !strings.Contains(o.out, "Example: payoutsync reconcile --bank") {
		t.Errorf("help: %s", o.out)
	}
}
