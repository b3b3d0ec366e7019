package ledgermap_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// row is one line of a report as a test writes it: kind as type/type/description.
type row struct {
	kind, amount, posted string // posted as "2025-08-14 20:59:25", UTC, or as a day
	order, sku, market   string
	fulfilment           string
}

// sheet is a V2 report as a test writes it. The total is the sum of the rows.
type sheet struct {
	id, currency        string
	start, end, deposit string
	rows                []row
}

// text is the report in Amazon's form.
func (s sheet) text(t testing.TB) string {
	t.Helper()
	c := currency(t, s.currency)
	total := settlement.MoneyOf(0, c)
	var b strings.Builder
	columns := []string{
		"settlement-id", "settlement-start-date", "settlement-end-date", "deposit-date", "total-amount", "currency", "transaction-type",
		"order-id", "merchant-order-id", "adjustment-id", "shipment-id", "marketplace-name", "amount-type", "amount-description", "amount",
		"fulfillment-id", "posted-date", "posted-date-time", "order-item-code", "merchant-order-item-id", "merchant-adjustment-item-id",
		"sku", "quantity-purchased", "promotion-id",
	}
	for _, r := range s.rows {
		words := strings.Split(r.kind, "/")
		m, err := settlement.ParseMoney(r.amount, c)
		if err != nil {
			t.Fatal(err)
		}
		if total, err = total.Add(m); err != nil {
			t.Fatal(err)
		}
		stamp := r.posted
		if len(stamp) > len(time.DateOnly) {
			stamp += " UTC"
		}
		cells := []string{
			s.id, "", "", "", "", "", words[0], r.order, r.order, "", "", r.market, words[1], strings.Join(words[2:], "/"), r.amount,
			r.fulfilment, r.posted[:10], stamp, "", "", "", r.sku, "", "",
		}
		b.WriteString(strings.Join(cells, "\t") + "\n")
	}
	summary := make([]string, len(columns))
	copy(summary, []string{s.id, s.start + " UTC", s.end + " UTC", s.deposit + " UTC", total.String(), s.currency})
	return strings.Join(columns, "\t") + "\n" + strings.Join(summary, "\t") + "\n" + b.String()
}

func (s sheet) source(t testing.TB) settlement.Source {
	t.Helper()
	return settlement.NewReader(strings.NewReader(s.text(t)), settlement.Options{Name: s.id + ".txt"})
}

// august is a settlement of two weeks across the end of July, with the rows given.
func august(rows ...row) sheet {
	return sheet{
		id: "23874397121", currency: "USD", start: "2025-07-25 07:00:00", end: "2025-08-08 07:00:00", deposit: "2025-08-10 07:00:00", rows: rows,
	}
}

// rules loads the starter rules after replacing texts in them; pairs of old and new.
func rules(t testing.TB, pairs ...string) *ledgermap.Rules {
	t.Helper()
	r, err := ledgermap.LoadRules("rules.yaml", edited(t, pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func edited(t testing.TB, pairs ...string) []byte {
	t.Helper()
	text := string(ledgermap.Starter())
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("the starter rules do not hold %q", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return []byte(text)
}

// months is a calendar for every settlement of these tests.
func months(t testing.TB) ledgermap.Calendar {
	return ledgermap.Months(date(t, "2015-01-01"), date(t, "2027-12-31"))
}

func paid(t testing.TB, day string) ledgermap.Payout {
	t.Helper()
	d, err := time.Parse(time.DateTime, day)
	if err != nil {
		t.Fatal(err)
	}
	return ledgermap.Payout{Status: ledgermap.PayoutPaid, Date: d, TraceID: "T1", Source: "listPayouts"}
}

func plan(t testing.TB, r *ledgermap.Rules, src settlement.Source, in ledgermap.Input) *ledgermap.Plan {
	t.Helper()
	if len(in.Calendar.Periods()) == 0 {
		in.Calendar = months(t)
	}
	p, err := r.Plan(src, in)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func refusal(t testing.TB, r *ledgermap.Rules, src settlement.Source, in ledgermap.Input) *ledgermap.RefusedError {
	t.Helper()
	if len(in.Calendar.Periods()) == 0 {
		in.Calendar = months(t)
	}
	p, err := r.Plan(src, in)
	refused, ok := errors.AsType[*ledgermap.RefusedError](err)
	if !ok {
		t.Fatalf("got plan %v and error %v, want a refusal", p, err)
	}
	return refused
}

// book is a ledger of signed sums by account.
type book map[string]settlement.Money

func (b book) add(t testing.TB, documents ...ledgermap.Document) {
	t.Helper()
	for _, d := range documents {
		for _, l := range d.Lines() {
			sum, err := b[l.Account].Add(l.Signed())
			if err != nil {
				t.Fatal(err)
			}
			b[l.Account] = sum
		}
	}
}

// accounts is the ledger as text, without the accounts at zero.
func (b book) accounts() map[string]string {
	texts := make(map[string]string)
	for account, sum := range b {
		if !sum.IsZero() {
			texts[account] = sum.String()
		}
	}
	return texts
}

func booked(t testing.TB, documents ...ledgermap.Document) book {
	t.Helper()
	b := make(book)
	b.add(t, documents...)
	return b
}

// journals are the plan's period parts.
func journals(p *ledgermap.Plan) []ledgermap.Document {
	var list []ledgermap.Document
	for _, d := range p.Documents {
		if d.Ordinal() < ledgermap.TransferLeg {
			list = append(list, d)
		}
	}
	return list
}

// shape is the plan as short lines, for a reader: ordinal, part, kind, period, date, wait; then its lines.
func shape(p *ledgermap.Plan) string {
	var b strings.Builder
	for _, d := range p.Documents {
		fmt.Fprintf(&b, "%d %s %s %d %s %s\n", d.Ordinal(), d.Part(), d.Kind(), d.Period(), d.Date(), d.WaitsFor())
		for _, l := range d.Lines() {
			project := ""
			if l.WBS1 != "" {
				project = "/" + l.WBS1
			}
			fmt.Fprintf(&b, "  %s%s %s %s\n", l.Account, project, l.Signed(), l.Category)
		}
	}
	return b.String()
}
