package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// keep puts a snapshot of a period's end into the database, as serve does in the hour after it.
func (i install) keep(t *testing.T, s ledgermap.Snapshot) {
	t.Helper()
	db, err := store.Open(t.Context(), i.database, filepath.Join(i.dir, "payoutsync-data"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // nothing is lost
	body, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	if err := db.AddSnapshot(t.Context(), store.Snapshot{Name: "acme-us", Period: s.Period, Hash: s.Hash(), Complete: s.Complete, Body: body}); err != nil {
		t.Fatal(err)
	}
}

func TestASnapshotThatCannotHaveBeenTakenYetIsNotSaidToBeMissed(t *testing.T) {
	i := synced(t, newInstall(t))
	now := time.Now()
	period := strconv.Itoa(now.Year()*100 + int(now.Month()))
	for asked, want := range map[string]string{period: "`serve` takes the snapshot in the hour after", "209901": "the fiscal calendar holds no such period"} {
		if o := i.run(t, "accrue", "--period", asked).expect(t, exitRefused); !strings.Contains(o.errors, want) || strings.Contains(o.errors, "was taken") {
			t.Errorf("accrue of %s: %s", asked, o.errors)
		}
	}
	name := filepath.Join(t.TempDir(), "close.html")
	i.run(t, "report", "--period", period, "-o", name).expect(t, exitDone)
	if html := readFile(t, name); !strings.Contains(html, "`serve` takes the snapshot in the hour after") {
		t.Errorf("the month's close: %s", html)
	}
}

// other adds a second seller, of whom nothing is stored.
func (i install) other(t *testing.T) {
	t.Helper()
	text := readFile(t, i.config)
	_, seller, _ := strings.Cut(text, "  - name: acme-us")
	text += "\n  - name: other-us" + strings.Replace(seller, i.amazon.Accounts()[0].ID, "A1OTHER", 1)
	if err := os.WriteFile(i.config, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEverySellerOfAnAccrualOrAPingIsAnswered(t *testing.T) {
	i := synced(t, newInstall(t))
	i.other(t)
	o := i.run(t, "accrue", "--period", "209901").expect(t, exitRefused)
	if !strings.Contains(o.errors, "seller acme-us: period 209901: incomplete") || !strings.Contains(o.errors, "seller other-us: no credentials") {
		t.Errorf("accrue: %s%s", o.out, o.errors)
	}
	lines := i.run(t, "accrue", "--period", "209901", "--json").expect(t, exitRefused).lines(t)
	if len(lines) != 2 || lines[0]["error"] == nil || lines[1]["seller"] != "other-us" || lines[1]["error"] == nil {
		t.Errorf("as JSON: %v", lines)
	}
	i.edit(t, "payoutsync.yaml", "database: DEMO", "database: NONE")
	o = i.run(t, "ping").expect(t, exitUsage)
	for _, name := range []string{"acme-us", "other-us"} {
		if !strings.Contains(o.errors, "run `payoutsync ping "+name+"` again") {
			t.Errorf("ping of %s: %s", name, o.errors)
		}
	}
}

func TestR8_1_AccrueBooksTheSnapshotOnceWithItsReversalAndSaysIncompleteWithoutOne(t *testing.T) {
	onBoth(t, func(t *testing.T, i install) {
		i.edit(t, "rules.yaml", `# accrual: {account: "118.00"}`, `accrual: {account: "117.00"}`)
		i = synced(t, i)
		last := time.Now().AddDate(0, 0, -time.Now().Day())
		period := last.Year()*100 + int(last.Month())
		accrue := func(code int, flags ...string) map[string]any {
			t.Helper()
			return i.run(t, append([]string{"accrue", "--json", "--period", strconv.Itoa(period)}, flags...)...).expect(t, code).lines(t)[0]
		}
		if o := accrue(exitRefused); o["error"].(map[string]any)["code"] != "incomplete" {
			t.Errorf("without a snapshot: %v", o)
		}
		usd, err := settlement.ParseCurrency("USD")
		if err != nil {
			t.Fatal(err)
		}
		i.keep(t, ledgermap.Snapshot{Period: period, Complete: true, Opening: true, Transactions: []ledgermap.Deferred{
			{ID: "a", Marketplace: "Amazon.com", Amounts: []ledgermap.DeferredAmount{
				{Category: settlement.CategoryPrincipal, Amount: settlement.MoneyOf(10000, usd)}, {Category: settlement.CategoryReferralFee, Amount: settlement.MoneyOf(-1500, usd)},
			}},
		}})
		if o := accrue(exitRefused); o["error"].(map[string]any)["code"] != "opening_balance" {
			t.Errorf("an opening balance that nobody has reviewed: %v", o)
		}
		closes := func() string {
			t.Helper()
			name := filepath.Join(t.TempDir(), "close.html")
			i.run(t, "report", "--period", strconv.Itoa(period), "-o", name).expect(t, exitDone)
			return readFile(t, name)
		}
		if html := closes(); !strings.Contains(html, "Not accrued: payoutsync accrue --period "+strconv.Itoa(period)) || !strings.Contains(html, "is not accrued</li>") {
			t.Errorf("the month's close does not say that the accrual is not booked: %s", html)
		}
		before := len(i.tenant.Batches())
		if o := accrue(exitDone, "--dry-run"); o["state"] != "planned" || o["roll_forward"].([]any)[0].(map[string]any)["closing"] != "85.00" {
			t.Errorf("dry run: %v", o)
		}
		for _, want := range []string{"created", "found"} {
			o := accrue(exitDone, "--opening")
			documents := o["documents"].([]any)
			if o["state"] != "booked" || len(documents) != 2 || documents[0].(map[string]any)["state"] != want {
				t.Errorf("want two documents %s: %v", want, o)
			}
			if n := len(i.tenant.Batches()); n != before+2 {
				t.Errorf("%d batches are new, want the accrual and its reversal", n-before)
			}
		}
		o := accrue(exitDone) // it was reviewed when it was booked
		if o["state"] != "booked" {
			t.Errorf("again, without --opening: %v", o)
		}
		text := i.run(t, "accrue", "--period", strconv.Itoa(period)).expect(t, exitDone).out
		for _, d := range o["documents"].([]any) {
			if line := regexp.MustCompile(`100\.00 USD +found +` + d.(map[string]any)["batch"].(string)); !line.MatchString(text) {
				t.Errorf("it does not show %v: %s", d, text)
			}
		}
		if html := closes(); !strings.Contains(html, "Accrued, and reversed in the next period under the same number: journals ACR"+strconv.Itoa(period)+"A, drafts") || strings.Contains(html, "not accrued") {
			t.Errorf("the month's close does not say that the accrual is booked: %s", html)
		}
		for n, d := range accrue(exitDone, "--opening")["documents"].([]any) {
			d := d.(map[string]any)
			lines, text := i.explained(t, d["batch"].(string))
			want := []string{"an accrual: `payoutsync report --period " + strconv.Itoa(period), "reverses "}[n]
			if lines[0]["key"] != d["key"] || !strings.Contains(text, want) {
				t.Errorf("explained: %v\n%s", lines, text)
			}
			i.run(t, "explain", d["key"].(string), "--line", "1").expect(t, exitUsage)
		}
		i.run(t, "accrue", "--period", "November").expect(t, exitUsage)
		i.run(t, "audit", "verify").expect(t, exitDone)
	})
}
