package ledgermap_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"runtime"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// weeks is a fiscal calendar of periods of so many days, numbered on through the years as if each had 99.
func weeks(t testing.TB, from string, days, n int) ledgermap.Calendar {
	t.Helper()
	var periods []ledgermap.Period
	start := date(t, from)
	for i := range n {
		periods = append(periods, ledgermap.Period{Number: (2020+i/99)*100 + i%99 + 1, Start: start, End: start.AddDays(days - 1)})
		start = start.AddDays(days)
	}
	c, err := ledgermap.NewCalendar(periods)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// ratesFor are two rates of one currency, with a change in the middle of the generated settlements.
func ratesFor(currency, before, after string) string {
	return fmt.Sprintf("  - {currency: %s, rate: %q, date: 2024-01-01, until: 2026-10-20, source: test}\n"+
		"  - {currency: %s, rate: %q, date: 2026-10-21, until: 2027-12-31, source: test}\n", currency, before, currency, after)
}

// TestR1_1_R3_1_R6_2_GeneratedSettlementsKeepTheirSums plans generated sellers under many rules and calendars. NewDocument proves the balance of each
// document; here are the sums over documents and settlements.
func TestR1_1_R3_1_R6_2_GeneratedSettlementsKeepTheirSums(t *testing.T) {
	outcomes := []settlementtest.Outcome{settlementtest.Paid, settlementtest.Negative, settlementtest.Zero, settlementtest.Failed}
	calendars := map[string]ledgermap.Calendar{
		"months": months(t), "weeks": weeks(t, "2024-01-01", 7, 180), "days": weeks(t, "2026-01-01", 1, 380), "4-4-5": weeks(t, "2024-01-01", 28, 50),
	}
	variants := map[string]*ledgermap.Rules{
		"category": rules(t), "order": rules(t, "summarise: category ", "summarise: order "), "sku": rules(t, "summarise: category ", "summarise: sku "),
		"rates": rules(t, "multi_currency: true", "multi_currency: false", "rules:\n", "exchange: {account: \"801.00\"}\nrates:\n"+ratesFor("EUR", "1.0837", "1.1419")+
			ratesFor("JPY", "0.006713", "0.00655")+ratesFor("CAD", "0.7312", "0.70991")+"rules:\n"),
		"tokyo": rules(t, "America/Los_Angeles", "Asia/Tokyo"), "beirut": rules(t, "America/Los_Angeles", "Asia/Beirut"),
	}
	stores := []string{"ATVPDKIKX0DER", "A1PA6795UKMFR9", "A1VC38T7YXB528", "A2EUQ1WTGCTBG2"} // USD, EUR, JPY, CAD
	count := 8
	if testing.Short() {
		count = 2
	}
	for seed := range count {
		random := rand.New(rand.NewPCG(uint64(seed), 6))
		seller := settlementtest.Seller{
			Seed: uint64(seed), Marketplace: stores[seed%len(stores)], Count: 5, Rows: 40 + random.IntN(80),
			Cycle: []time.Duration{0, 36 * time.Hour, 14 * 24 * time.Hour}[random.IntN(3)],
		}
		for range 5 {
			seller.Outcomes = append(seller.Outcomes, outcomes[random.IntN(len(outcomes))])
		}
		variants["invoice"] = invoiceMode(t, "currency: USD", "currency: "+seller.Settlements()[0].Currency)
		for variant, r := range variants {
			for name, calendar := range calendars {
				t.Run(fmt.Sprintf("%d %s %s", seed, variant, name), func(t *testing.T) {
					ledger := make(book)
					for _, s := range seller.Settlements() {
						open := func() settlement.Source { return settlement.NewReader(bytes.NewReader(s.V2()), settlement.Options{}) }
						in := ledgermap.Input{Calendar: calendar, Payout: ledgermap.Payout{Status: ledgermap.PayoutPaid, Date: s.Deposit}}
						p := plan(t, r, open(), in)
						sums := booked(t, p.Documents...)
						if c := sums[r.ClearingAccount()]; !c.IsZero() {
							t.Fatalf("settlement %s leaves %s on clearing\n%s", s.ID, c, shape(p))
						}
						if variant == "rates" && p.Statement.Currency != r.FunctionalCurrency() {
							if c := p.Documents[0].Currency(); c != r.FunctionalCurrency() {
								t.Fatalf("settlement %s is booked in %s", s.ID, c)
							}
						} else if r.Mode() == ledgermap.ModeJournal {
							if c := booked(t, journals(p)...)[r.ClearingAccount()]; c.Minor() != s.Total {
								t.Fatalf("settlement %s has %s on clearing over its parts, the total is %s", s.ID, c, s.TotalText())
							}
						} else if ar := sums["111.00"]; !ar.IsZero() {
							t.Fatalf("settlement %s leaves %s of receivables open", s.ID, ar)
						}
						ledger.add(t, p.Documents...)
						bijection(t, p, open())
						for _, d := range p.Documents {
							mirror, err := ledgermap.Reverse(d, calendar, d.Date())
							if err != nil {
								t.Fatal(err)
							}
							if left := booked(t, d, mirror).accounts(); len(left) != 0 {
								t.Fatalf("original and reversal leave %v", left)
							}
						}
					}
				})
			}
		}
	}
}

func TestTheSamePlanByteForByteInAHundredRuns(t *testing.T) {
	seller := settlementtest.Seller{Seed: 7, Count: 1, Rows: 400}
	report := seller.Settlements()[0].V2()
	zones := []string{"UTC", "Asia/Kolkata", "America/St_Johns", "Pacific/Kiritimati"}
	local, procs := time.Local, runtime.GOMAXPROCS(0)
	t.Cleanup(func() { time.Local = local; runtime.GOMAXPROCS(procs) })
	var first []byte
	var hash string
	for i := range 100 {
		zone, err := time.LoadLocation(zones[i%len(zones)])
		if err != nil {
			t.Fatal(err)
		}
		time.Local = zone
		runtime.GOMAXPROCS(1 + i%4)
		t.Setenv("LC_ALL", []string{"C", "de_DE.UTF-8", "tr_TR.UTF-8", "ja_JP.SJIS"}[i%4])
		r := rules(t, "summarise: category ", "summarise: sku ") // read anew: no order of a map may show
		p := plan(t, r, settlement.NewReader(bytes.NewReader(report), settlement.Options{}), ledgermap.Input{Seller: "acme"})
		got, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first, hash = got, p.Hash()
		}
		if !bytes.Equal(got, first) || p.Hash() != hash {
			t.Fatalf("run %d made another plan", i)
		}
	}
}

// million is a report of a million rows, made once.
func million(b *testing.B) []byte {
	b.Helper()
	return settlementtest.Seller{Seed: 1, Count: 1, Rows: 1_000_000}.Settlements()[0].V2()
}

func BenchmarkReadAMillionRows(b *testing.B) {
	report := million(b)
	b.ReportAllocs()
	for b.Loop() {
		src := settlement.NewReader(bytes.NewReader(report), settlement.Options{})
		for _, err := range src.Lines() {
			if err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkPlanAMillionRows says also what the mapping costs on top of the reading, as a part of that.
func BenchmarkPlanAMillionRows(b *testing.B) {
	report, r := million(b), rules(b)
	open := func() settlement.Source {
		return settlement.NewReader(bytes.NewReader(report), settlement.Options{})
	}
	var reading, planning time.Duration
	b.ReportAllocs()
	for b.Loop() {
		began := time.Now()
		for _, err := range open().Lines() {
			if err != nil {
				b.Fatal(err)
			}
		}
		read := time.Now()
		if _, err := r.Plan(open(), ledgermap.Input{Calendar: months(b)}); err != nil {
			b.Fatal(err)
		}
		reading, planning = reading+read.Sub(began), planning+time.Since(read)
	}
	b.ReportMetric(float64(planning-reading)/float64(reading), "mapping/reading")
}
