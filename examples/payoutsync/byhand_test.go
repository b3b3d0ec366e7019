package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// synced is an installation whose payouts are booked.
func synced(t *testing.T, i install) install {
	t.Helper()
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	i.run(t, "connect", "acme-us").expect(t, 0)
	i.run(t, "sync").expect(t, 0)
	return i
}

// first is the id of the seller's first settlement.
func (i install) first(t *testing.T) string {
	t.Helper()
	all := i.run(t, "status", "--json").expect(t, 0).lines(t)
	if len(all) != 3 {
		t.Fatalf("status shows %d payouts", len(all))
	}
	return all[2]["settlement_id"].(string)
}

func TestStatusSaysWhereEachPayoutStandsAndAsksNobody(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i = synced(t, i)
		calls := i.tenant.Calls()
		all := i.run(t, "status", "--json").expect(t, 0).lines(t)
		for n, want := range []string{"pending", "agreed", "agreed"} { // the latest first, and its money is on its way
			if p := all[n]; p["state"] != "booked" || p["reconciliation"] == "" || len(p["documents"].([]any)) == 0 || (n > 0 && p["reconciliation"] != want) {
				t.Errorf("payout %d: %v", n, p)
			}
		}
		if o := i.run(t, "status", "acme-us", "--state", "refused").expect(t, 0); !strings.Contains(o.out, "No payout is known that fits") {
			t.Errorf("printed %q", o.out)
		}
		if o := i.run(t, "status").expect(t, 0); strings.Count(o.out, "acme-us/") < 3 {
			t.Errorf("printed %q", o.out)
		}
		i.run(t, "status", "nobody").expect(t, exitUsage)
		if after := i.tenant.Calls(); fmt.Sprint(after) != fmt.Sprint(calls) {
			t.Errorf("status asked the tenant: %v, then %v", calls, after)
		}
	})
}

func TestR14_4_ExplainGoesFromEachLedgerLineToItsRowsAndBack(t *testing.T) {
	i := synced(t, newInstall(t))
	id := "acme-us/" + i.first(t)
	lines := i.run(t, "explain", id, "--json").expect(t, 0).lines(t)
	rows := map[any]bool{}
	for _, l := range lines {
		n := fmt.Sprint(l["line"])
		found := i.run(t, "explain", l["key"].(string), "--line", n, "--json").expect(t, 0).lines(t)
		if l["rows"] == json.Number("0") {
			continue // a counter line has the rows that it balances
		}
		if fmt.Sprint(len(found)) != fmt.Sprint(l["rows"]) {
			t.Errorf("line %s of %s says %v rows, and %d are behind it", n, l["key"], l["rows"], len(found))
		}
		for _, r := range found {
			if rows[r["row"]] {
				t.Errorf("row %v is behind two lines", r["row"])
			}
			rows[r["row"]] = true
		}
		back := i.run(t, "explain", id, "--row", fmt.Sprint(found[0]["row"]), "--json").expect(t, 0).lines(t)
		if len(back) != 1 || back[0]["key"] != l["key"] || fmt.Sprint(back[0]["line"]) != n {
			t.Errorf("row %v came from line %s of %s and goes to %v", found[0]["row"], n, l["key"], back)
		}
	}
	if len(rows) < 40 {
		t.Errorf("%d rows are explained, and the report has 40 or more", len(rows))
	}
	if o := i.run(t, "explain", lines[0]["batch"].(string)).expect(t, 0); !strings.Contains(o.out, lines[0]["key"].(string)) {
		t.Errorf("by its batch: %s", o.out)
	}
	for _, wrong := range [][]string{{"explain", "nobody/1"}, {"explain", id, "--line", "1"}, {"explain", lines[0]["key"].(string), "--line", "999"}, {"explain", id, "--row", "1"}} {
		i.run(t, wrong...).expect(t, exitUsage)
	}
}

func TestR4_6_AReversedPayoutStaysReversedUntilItIsReplayedAsTheNextRevision(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i = synced(t, i)
		id := i.first(t)
		before := len(i.tenant.Batches())
		i.run(t, "reverse", id).expect(t, exitUsage) // without a reason
		if o := i.run(t, "reverse", id, "--reason", "wrong project", "--json").expect(t, 0); o.lines(t)[0]["state"] != "reversed" {
			t.Fatalf("reversed: %s", o.out)
		}
		if n := len(i.tenant.Batches()); n <= before {
			t.Fatalf("%d batches before the reversal, %d after it", before, n)
		}
		reversed := len(i.tenant.Batches())
		i.run(t, "sync").expect(t, 0)
		if n := len(i.tenant.Batches()); n != reversed {
			t.Errorf("sync booked %d batches although the payout was reversed", n-reversed)
		}
		again := i.run(t, "replay", id, "--json").expect(t, 0).lines(t)[0]
		if again["state"] != "booked" || !strings.HasSuffix(again["documents"].([]any)[0].(map[string]any)["key"].(string), ".2") {
			t.Errorf("replayed: %v", again)
		}
		if s := i.run(t, "sync", "--json").expect(t, 0).summary(t); s.Booked != 0 || s.Found != 3 || s.ClearingOpen != 0 {
			t.Errorf("afterwards: %+v", counts(s))
		}
		i.run(t, "audit", "verify").expect(t, 0)
	}, vantagepointtest.Options{RefnoLength: 14}) // the revision needs a place in the reference
}

// explained is what explain prints of one document, as objects and as text.
func (i install) explained(t *testing.T, document string) (lines []map[string]any, text string) {
	t.Helper()
	return i.run(t, "explain", document, "--json").expect(t, exitDone).lines(t), i.run(t, "explain", document).expect(t, exitDone).out
}

func TestExplainAnswersForTheRevisionThatItIsAskedAbout(t *testing.T) {
	i := synced(t, newInstall(t, vantagepointtest.Options{RefnoLength: 14}))
	id := "acme-us/" + i.first(t)
	was := i.run(t, "explain", id, "--json").expect(t, exitDone).lines(t)[0]
	first, batch := was["key"].(string), was["batch"].(string)
	at, _ := strings.CutSuffix(first, "/1.1")
	mirror, second := at+"/1001.1", at+"/1.2"
	i.run(t, "reverse", id, "--reason", "wrong account").expect(t, exitDone)
	i.edit(t, "rules.yaml", `principal: {account: "401.00"`, `principal: {account: "402.00"`)
	i.run(t, "replay", id).expect(t, exitDone)

	batches := map[string]vantagepointtest.Batch{} // by name
	for _, b := range i.tenant.Batches() {
		batches[b.Batch] = b
	}
	for _, key := range []string{first, mirror, second} {
		lines, text := i.explained(t, key)
		held := batches[lines[0]["batch"].(string)].Entries[0].Lines
		if lines[0]["key"] != key || len(lines) != len(held) || !strings.Contains(text, "key "+key+",") {
			t.Errorf("%s: %d lines of %v, and the ledger's batch holds %d", key, len(lines), lines[0]["key"], len(held))
			continue
		}
		for n, l := range held {
			if lines[n]["account"] != l.Account {
				t.Errorf("%s line %d: account %v, and the ledger's batch has %s", key, n+1, lines[n]["account"], l.Account)
			}
		}
		again, _ := i.explained(t, lines[0]["batch"].(string))
		if again[0]["key"] != key {
			t.Errorf("by its batch, %s is %v", key, again[0]["key"])
		}
	}
	if _, text := i.explained(t, batch); !strings.Contains(text, "by "+mirror) || !strings.Contains(text, "replaced by "+second) {
		t.Errorf("it does not say what became of %s: %s", first, text)
	}
	if _, text := i.explained(t, mirror); !strings.Contains(text, "reverses "+first+", batch "+batch) {
		t.Errorf("it does not say what %s is: %s", mirror, text)
	}
	rows := i.run(t, "explain", first, "--line", "1", "--json").expect(t, exitDone).lines(t)
	if len(rows) == 0 || rows[0]["key"] != first {
		t.Errorf("the rows of a line of %s: %v", first, rows)
	} else if back := i.run(t, "explain", first, "--row", fmt.Sprint(rows[0]["row"]), "--json").expect(t, exitDone).lines(t); back[0]["key"] != first {
		t.Errorf("back from row %v: %v", rows[0]["row"], back[0]["key"])
	}
	if o := i.run(t, "explain", mirror, "--line", "1").expect(t, exitUsage); !strings.Contains(o.errors, "`payoutsync explain "+first+" --line N`") {
		t.Errorf("a line of a reversal: %s", o.errors)
	}
}

func TestExplainAnswersForNoDocumentThatIsNone(t *testing.T) {
	i := synced(t, newInstall(t))
	id := "acme-us/" + i.first(t)
	key := i.run(t, "explain", id, "--json").expect(t, exitDone).lines(t)[0]["key"].(string)
	at, _ := strings.CutSuffix(key, "/1.1")
	for _, none := range []string{at + "/1.9", at + "/7.1", at + "/501.1", at + "/1001.1", "X" + key, "JE" + strings.Repeat("A", 28)} {
		for _, flags := range [][]string{nil, {"--line", "1"}, {"--row", "3"}} {
			if o := i.run(t, append([]string{"explain", none}, flags...)...).expect(t, exitUsage); o.out != "" || !strings.Contains(o.errors, "`payoutsync explain ") {
				t.Errorf("%s %v: %s%s", none, flags, o.out, o.errors)
			}
		}
	}
	if o := i.run(t, "explain", at+"/1").expect(t, exitUsage); !strings.Contains(o.errors, "one looks like") {
		t.Errorf("half a key: %s", o.errors)
	}
}

func TestTheDayOfAReversalIsTheDatabasesAndNotTheMachines(t *testing.T) {
	const ahead = 48 * time.Hour
	database := pgtest.DSNAhead(t, ahead)
	i := installWith(t, spapitest.Options{Now: func() time.Time { return time.Now().Add(ahead) }}, vantagepointtest.Options{RefnoLength: 14})
	i.edit(t, "payoutsync.yaml", "database: sqlite", "database: "+database)
	i = synced(t, i)
	before := len(i.tenant.Batches())
	i.run(t, "reverse", i.first(t), "--reason", "wrong project").expect(t, exitDone)
	earliest := time.Now().Add(ahead - 12*time.Hour).UTC().Format(time.DateOnly) // in whichever zone
	mirrors := i.tenant.Batches()[before:]
	if len(mirrors) == 0 {
		t.Fatal("nothing was reversed")
	}
	for _, b := range mirrors {
		if day := b.Entries[0].Date; day < earliest {
			t.Errorf("%s is of %s, and the database's day is not before %s", b.Batch, day, earliest)
		}
	}
}

func TestReconcileAsksTheSecondSourceAboutOnePayoutAndBooksNothing(t *testing.T) {
	i := synced(t, newInstall(t))
	before := len(i.tenant.Batches())
	o := i.run(t, "reconcile", i.first(t), "--json").expect(t, 0).lines(t)[0]
	if o["verdict"] != "agreed" || o["by"] != "summary" || o["trace_id"] == "" {
		t.Errorf("got %v", o)
	}
	if o := i.run(t, "reconcile", i.first(t)).expect(t, 0); !strings.Contains(o.out, "agreed, by summary") {
		t.Errorf("printed %q", o.out)
	}
	if len(i.tenant.Batches()) != before {
		t.Error("something was booked")
	}
}
