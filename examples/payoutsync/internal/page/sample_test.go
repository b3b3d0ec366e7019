package page_test

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/page"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// samplePayout is a payout with one of everything.
func samplePayout(t *testing.T) page.Payout {
	t.Helper()
	return page.Payout{
		Seller: "acme-us", Settlement: "50034020328", Start: "2026-01-25 00:00", End: "2026-02-08 00:00", Zone: "America/Los_Angeles",
		Total: usd(t, 1234567), Rows: 1204,
		Facts: []page.Fact{
			{Name: "Payout", Value: page.Amount(usd(t, 1234567))},
			{Name: "State", Value: "refused", Bad: true},
			{Name: "Second source", Value: "agreed"},
			{Name: "Money", Value: "paid 2026-02-09, trace TRC0012345678"},
			{Name: "Report rows", Value: "1204"},
			{Name: "Clearing account 115.00", Value: page.Amount(usd(t, 0))},
		},
		Refusal:  "the ledger holds something else under batch JEABCDEFGHIJKLMNOPQRSTUVWXYZ23:\n\tline 3 is 15.00 there and 16.00 in the plan",
		Findings: []string{"out_of_window: 2 rows are posted before it starts; they are kept and dated truly"},
		Steps: []page.Step{
			{Label: "Sales, delivery, gift wrap", Amount: usd(t, 2000000)},
			{Label: "Refunds and promotions", Amount: usd(t, -150000)},
			{Label: "Tax collected and withheld", Amount: usd(t, 0)},
			{Label: "Amazon's fees", Amount: usd(t, -615433)},
		},
		Categories: []page.Category{
			{Name: "principal", Meaning: "price of goods sold", Rows: 800, Amount: usd(t, 2000000)},
			{Name: "refund_principal", Meaning: "price given back to the buyer, restocking fee kept", Rows: 4, Amount: usd(t, -150000)},
			{Name: "referral_fee", Meaning: "Amazon's selling fees and commission, and their return on a refund", Rows: 400, Amount: usd(t, -615433)},
		},
		Documents: []page.Document{
			{
				Key: "ACME//A1/50034020328/1.1", Batch: "JEABCDEFGHIJKLMNOPQRSTUVWXYZ23", Ref: "50034020328A", Kind: "journal", State: "conflict", Date: "2026-02-08",
				Description: "Amazon 50034020328 part 1/1", Period: 202602, Debit: usd(t, 2000000), Credit: usd(t, 2000000), Lines: []page.Line{
					{
						Account: "401.00", Name: "Product sales", Project: "00000100.00", Description: "Amazon 50034020328 product sales", Credit: usd(t, 2000000), Rows: 800,
						Orders: []page.Order{{ID: "111-2222222-3333333", Rows: 2, Amount: usd(t, 3998)}, {ID: "111-2222222-4444444", Rows: 1, Amount: usd(t, 1999)}},
						Rest:   page.Order{Rows: 797, Amount: usd(t, 1994003)},
					},
					{Account: "409.00", Name: "Refunds", Project: "00000100.00", Description: "Amazon 50034020328 refunds of sales", Debit: usd(t, 150000), Rows: 1, Orders: []page.Order{{ID: "Principal", Rows: 1, Amount: usd(t, -150000)}}},
					{Account: "611.00", Name: "Direct selling fees", Description: "Amazon 50034020328 selling fees", Debit: usd(t, 615433), Rows: 400},
					{Account: "115.00", Name: "Amazon clearing", Description: "Amazon 50034020328 clearing", Debit: usd(t, 1234567)},
				},
			},
			{
				Kind: "receipt", State: "waiting", Waits: "waits for its money", Date: "2026-02-09", Description: "Amazon 50034020328 payout", Period: 202602,
				Debit: usd(t, 1234567), Credit: usd(t, 1234567), Lines: []page.Line{
					{Account: "101.00", Name: "Cash, operating account", Description: "Amazon 50034020328 bank", Debit: usd(t, 1234567), Auto: true},
					{Account: "115.00", Name: "Amazon clearing", Description: "Amazon 50034020328 clearing", Credit: usd(t, 1234567)},
				},
			},
		},
		Trail: []page.Record{
			{At: "2026-02-10 09:00:00", Who: "payoutsync on host", What: "planned", Hash: "0011223344556677"},
			{At: "2026-02-10 09:00:01", Who: "payoutsync on host", What: "intent 50034020328A", Why: "4 lines, debit 20000.00, credit 20000.00 USD", Hash: "8899aabbccddeeff"},
		},
		Head:  page.Head{Records: 17, Hash: strings.Repeat("0123456789abcdef", 4)},
		Proof: []page.Fact{{Name: "Report (SHA-256)", Value: strings.Repeat("ab", 32)}, {Name: "Plan", Value: strings.Repeat("cd", 32)}},
	}
}

// sampleMonth is a month with one of everything.
func sampleMonth(t *testing.T) page.Month {
	t.Helper()
	roll := func(account, in, out string) page.Roll {
		return page.Roll{
			Account: account, In: in, Out: out,
			Rows: []page.RollRow{
				{Settlement: "50034020328", Opening: usd(t, 500000), In: usd(t, 734567), Out: usd(t, -1234567), Closing: usd(t, 0)},
				{Settlement: "50034020329", Opening: usd(t, 0), In: usd(t, 98765), Out: usd(t, 0), Closing: usd(t, 98765)},
			},
			Total: page.RollRow{Opening: usd(t, 500000), In: usd(t, 833332), Out: usd(t, -1234567), Closing: usd(t, 98765)},
		}
	}
	clearing := roll("115.00 Amazon clearing: what Amazon owes", "Earned", "Paid or carried")
	clearing.Problems = []string{"settlement 50034020327: everything is booked, and 0.01 is left on the clearing account"}
	return page.Month{
		Period: 202602, From: "2026-02-01", To: "2026-02-28", Made: "2026-03-02",
		Books: []page.Book{{
			Seller: "acme-us", Currency: usd(t, 0).Currency(), Zone: "America/Los_Angeles", Clearing: clearing, Reserve: roll("116.00 Amazon reserve: what Amazon holds back", "Held", "Released"),
			Deferred:     []page.DeferredRow{{Marketplace: "Amazon.com", Opening: usd(t, 100), Deferred: usd(t, 5000), Released: usd(t, 100), Closing: usd(t, 5000)}},
			DeferredNote: "Accrued, and reversed in the next period: journals ACR202602A, ACR202602A501, drafts as far as the last round saw.",
			Payouts: []page.MonthPayout{
				{Settlement: "50034020328", Start: "2026-01-25 00:00", End: "2026-02-08 00:00", State: "booked", Reconciliation: "agreed", Total: usd(t, 1234567), Earned: usd(t, 734567), Money: "paid 2026-02-09, trace TRC0012345678"},
				{Settlement: "50034020329", Start: "2026-02-08 00:00", End: "2026-02-22 00:00", State: "refused", Reconciliation: "pending", Total: usd(t, 98765), Earned: usd(t, 98765), Money: "on its way, deposit planned 2026-03-01"},
			},
			Open: []page.OpenItem{{Settlement: "50034020329", What: "refused: 1 kinds of line cannot be booked by rules.yaml; map them there and plan again"}, {What: "no settlement was found since 2026-02-22"}},
			Head: page.Head{Records: 17, Hash: strings.Repeat("0123456789abcdef", 4)},
		}},
	}
}

// samples are the sample pages by name.
func samples(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for name, write := range map[string]func(io.Writer) error{
		"payout": samplePayout(t).Write, "payout-empty": page.Payout{Settlement: "1", Total: usd(t, 0)}.Write,
		"month": sampleMonth(t).Write, "month-empty": page.Month{Period: 202602}.Write,
	} {
		var html bytes.Buffer
		if err := write(&html); err != nil {
			t.Fatal(err)
		}
		pages[name] = html.String()
	}
	return pages
}

func TestThePagesAreThoseThatWereLookedAt(t *testing.T) {
	for name, html := range samples(t) {
		file := filepath.Join("testdata", name+".html")
		if *update {
			if err := os.WriteFile(file, []byte(html), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(html, "\n")); diff != "" {
			t.Errorf("%s (-want +got):\n%s\nLook at it in a browser, and if it is better now, run the test with -update", name, diff)
		}
	}
}
