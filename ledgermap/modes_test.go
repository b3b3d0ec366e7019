package ledgermap_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// invoiceEdits are the edits that make the starter rules book AR invoices.
func invoiceEdits() []string {
	return []string{
		"mode: journal ", "invoice: {receivable: {account: \"111.00\", project: \"00000100.00\"}}\nmode: invoice ",
		`  "115.00": {type: asset`, `  "111.00": {type: asset, control: receivable}
  "115.00": {type: asset`,
	}
}

func invoiceMode(t testing.TB, more ...string) *ledgermap.Rules {
	return rules(t, append(invoiceEdits(), more...)...)
}

func TestInvoiceModeBooksSalesInARAndTheRestInACompanionJournal(t *testing.T) {
	s := typical()
	s.rows = append(s.rows, row{kind: "other-transaction/other-transaction/Successful charge", amount: "7.00", posted: noon("2025-08-05")})
	p := plan(t, invoiceMode(t), s.source(t), ledgermap.Input{Payout: paid(t, "2025-08-11 10:00:00")})
	want := `1 A invoice 202507 2025-07-30 
  401.00/00000100.00 -100.00 principal
  611.00/00000100.00 15.00 referral_fee
  111.00/00000100.00 85.00 receivable
2 B invoice 202508 2025-08-07 
  402.00/00000100.00 -5.00 shipping
  409.00/00000100.00 5.00 promotion
  409.00/00000100.00 40.00 refund_principal
  611.00/00000100.00 -6.00 referral_fee
  801.00 -12.50 reimbursement
  111.00/00000100.00 -21.50 receivable
101 A journal 202507 2025-07-30 
  221.00 -8.00 tax
  221.00 8.00 facilitator_tax
102 B journal 202508 2025-08-07 
  116.00 20.00 reserve_current
  211.00 -7.00 charge
  115.00 -13.00 clearing
201 Z receipt 202508 2025-08-11 invoice
  101.00 50.50 bank
  111.00/00000100.00 -85.00 receivable
  111.00/00000100.00 21.50 receivable
  115.00 13.00 clearing
203 X disbursement 202508 2025-08-05 
  101.00 -7.00 bank
  211.00 7.00 charge
`
	if diff := cmp.Diff(want, shape(p)); diff != "" {
		t.Error(diff)
	}
	receipt, _ := p.Document(ledgermap.TransferLeg)
	lines := receipt.Lines()
	if lines[1].Invoice != "A" || lines[2].Invoice != "B" || lines[3].Invoice != "" {
		t.Errorf("the receipt pays invoices %q, %q and %q", lines[1].Invoice, lines[2].Invoice, lines[3].Invoice)
	}
	ledger := booked(t, p.Documents...)
	if !ledger["111.00"].IsZero() || !ledger["115.00"].IsZero() {
		t.Errorf("receivable %s and clearing %s stay open", ledger["111.00"], ledger["115.00"])
	}
	bijection(t, p, s.source(t))
}

func TestInvoiceModeClosesReceivablesWhateverTheTotal(t *testing.T) {
	for name, c := range map[string]struct {
		fee    string
		payout ledgermap.Payout
		kind   ledgermap.Kind
		wait   ledgermap.Wait
		at     int
	}{
		"waiting for the payout": {fee: "-1.00", kind: ledgermap.Receipt, wait: ledgermap.WaitPayout, at: ledgermap.TransferLeg},
		"failed":                 {fee: "-1.00", payout: ledgermap.Payout{Status: ledgermap.PayoutFailed}, kind: ledgermap.Receipt, wait: ledgermap.WaitInvoice, at: ledgermap.FailedTransfer},
		"negative":               {fee: "-143.50", kind: ledgermap.Receipt, wait: ledgermap.WaitInvoice, at: ledgermap.TransferLeg},
		"zero":                   {fee: "-43.50", kind: ledgermap.Receipt, wait: ledgermap.WaitInvoice, at: ledgermap.TransferLeg},
	} {
		t.Run(name, func(t *testing.T) {
			s := typical()
			s.rows = append(s.rows, row{kind: "other-transaction/other-transaction/Subscription Fee", amount: c.fee, posted: noon("2025-08-05")})
			p := plan(t, invoiceMode(t), s.source(t), ledgermap.Input{Payout: c.payout})
			d, ok := p.Document(c.at)
			if !ok || d.Kind() != c.kind || d.WaitsFor() != c.wait {
				t.Errorf("planned\n%s", shape(p))
			}
			ledger := booked(t, p.Documents...)
			if !ledger["111.00"].IsZero() || !ledger["115.00"].IsZero() {
				t.Errorf("receivable %s and clearing %s stay open\n%s", ledger["111.00"], ledger["115.00"], shape(p))
			}
			for _, d := range p.Documents {
				for _, l := range d.Lines() {
					if d.Kind() == ledgermap.Journal && l.Account == "111.00" {
						t.Errorf("journal %d touches the receivable account", d.Ordinal())
					}
				}
			}
		})
	}
}

// An invoice names no currency, so that foreign figures would be read as the company's own.
func TestR12_2_InvoiceModeRefusesAForeignCurrencyWhateverTheCompanyDeclares(t *testing.T) {
	s := typical()
	s.currency = "CAD"
	for _, multi := range []string{"true", "false"} {
		r := invoiceMode(t, "multi_currency: true", "multi_currency: "+multi)
		if refused := refusal(t, r, s.source(t), ledgermap.Input{}); refused.Code != ledgermap.RefusedCurrency || !strings.Contains(refused.Message, "mode: journal") {
			t.Errorf("multi_currency %s: %v", multi, refused)
		}
	}
	if p := plan(t, invoiceMode(t, "currency: USD", "currency: CAD"), s.source(t), ledgermap.Input{}); p.Documents[0].Kind() != ledgermap.Invoice {
		t.Errorf("in the company's own currency planned\n%s", shape(p))
	}
}

// converting are the edits that make the starter rules convert Canadian dollars.
func converting(t testing.TB, augustRate string, edits ...string) *ledgermap.Rules {
	return rules(t, append(edits, "multi_currency: true", "multi_currency: false", "rules:\n", `exchange: {account: "801.00"}
rates:
  - {currency: CAD, rate: "0.7301", date: 2025-07-01, until: 2025-07-31, source: "Bank of Canada, monthly average"}
  - {currency: CAD, rate: "`+augustRate+`", date: 2025-08-01, until: 2025-08-31, source: "Bank of Canada, monthly average"}
rules:
`)...)
}

func TestR12_3_AConvertedDocumentStoresItsRateAndOnlyTheExchangeAccountTakesTheDifference(t *testing.T) {
	s := typical()
	s.currency = "CAD"
	p := plan(t, converting(t, "0.7000"), s.source(t), ledgermap.Input{Payout: paid(t, "2025-08-11 10:00:00")})
	want := `1 A journal 202507 2025-07-30 
  401.00/00000100.00 -73.01 principal
  221.00 -5.84 tax
  221.00 5.84 facilitator_tax
  611.00/00000100.00 10.95 referral_fee
  115.00 62.06 clearing
2 B journal 202508 2025-08-07 
  402.00/00000100.00 -3.50 shipping
  409.00/00000100.00 3.50 promotion
  409.00/00000100.00 28.00 refund_principal
  611.00/00000100.00 -4.20 referral_fee
  801.00 -8.75 reimbursement
  116.00 14.00 reserve_current
  115.00 -29.05 clearing
201 Z receipt 202508 2025-08-11 
  102.CAD 30.45 bank
  115.00 -33.01 clearing
  801.00 2.56 exchange
`
	if diff := cmp.Diff(want, shape(p)); diff != "" {
		t.Error(diff)
	}
	c := p.Documents[0].Conversion()
	if c.Rate != "0.7301" || c.From.String() != "CAD" || c.To.String() != "USD" || c.Date.String() != "2025-07-01" || c.Source == "" {
		t.Errorf("conversion %+v", c)
	}
	if got := p.Documents[0].Lines()[0].Original; got.String() != "100.00" || got.Currency().String() != "CAD" {
		t.Errorf("the original of the first line is %s %s", got, got.Currency())
	}
	received := paid(t, "2025-08-11 10:00:00")
	received.Received = money(t, "31.00", "USD")
	p = plan(t, converting(t, "0.7000"), s.source(t), ledgermap.Input{Payout: received})
	d, _ := p.Document(ledgermap.TransferLeg)
	if got := d.Lines()[0].Debit.String(); got != "31.00" {
		t.Errorf("the bank received 31.00, booked are %s", got)
	}
	bijection(t, p, s.source(t))
}

// A receipt of the report's date may be booked before anybody knows what the bank received; and a charge that was given
// back is not what the payout brought.
func TestR12_3_WhatTheBankReceivedIsOfTheReceiptThatWaitsForItAlone(t *testing.T) {
	s := august(row{kind: sold, amount: "100.00", posted: noon("2025-08-02")}, row{kind: charged, amount: "-10.00", posted: noon("2025-08-03")})
	s.currency = "CAD"
	known := paid(t, "2025-08-11 10:00:00")
	known.Received = money(t, "60.00", "USD")
	for receipt, want := range map[string]string{"paid ": "60.00 7.00", "deposit-date ": "63.00 7.00"} {
		p := plan(t, converting(t, "0.7000", "receipt: paid ", "receipt: "+receipt), s.source(t), ledgermap.Input{Payout: known})
		payout, _ := p.Document(ledgermap.TransferLeg)
		charge, _ := p.Document(ledgermap.FirstCharge)
		if got := payout.Lines()[0].Debit.String() + " " + charge.Lines()[0].Debit.String(); got != want {
			t.Errorf("receipt: %s: the bank receives %s, want %s", receipt, got, want)
		}
	}
}

// The minor units of two currencies need not be of one size.
func TestR12_3_ConversionKnowsTheDecimalsOfBothCurrencies(t *testing.T) {
	for _, c := range []struct{ from, to, rate, amount, want string }{
		{"CAD", "USD", "0.7", "10.00", "7.00"},
		{"JPY", "USD", "0.0067", "1000", "6.70"},
		{"KWD", "USD", "3.25", "0.400", "1.30"},
		{"KWD", "JPY", "481.5", "0.004", "2"},
		{"USD", "JPY", "147.5", "1.01", "149"},
		{"JPY", "KWD", "0.0021", "1001", "2.102"},
	} {
		r := rules(t, "multi_currency: true", "multi_currency: false", "currency: USD", "currency: "+c.to, "rules:\n", `exchange: {account: "801.00"}
rates:
  - {currency: `+c.from+`, rate: "`+c.rate+`", date: 2025-08-01, until: 2025-08-31, source: x}
rules:
`)
		s := august(row{kind: sold, amount: c.amount, posted: noon("2025-08-02")})
		s.currency = c.from
		p := plan(t, r, s.source(t), ledgermap.Input{NoBank: true})
		if got := p.Documents[0].Lines()[0].Credit; got != money(t, c.want, c.to) {
			t.Errorf("%s %s are booked as %s %s, want %s", c.amount, c.from, got, c.to, c.want)
		}
	}
}

func TestR12_4_ConversionRoundsByLargestRemainderAndStillBalances(t *testing.T) {
	s := august()
	s.currency = "CAD"
	for _, kind := range []string{
		"Order/ItemPrice/Principal", "Order/ItemPrice/Shipping", "Order/ItemPrice/GiftWrap", "Order/Promotion/Principal", "Order/ItemFees/Commission",
		"Order/ItemFees/FBAPerUnitFulfillmentFee", "other-transaction/other-transaction/Storage Fee",
	} {
		s.rows = append(s.rows, row{kind: kind, amount: "0.05", posted: noon("2025-08-02")})
	}
	p := plan(t, converting(t, "0.3333"), s.source(t), ledgermap.Input{}) // 0.05 → 0.016665 each, clearing 0.116655
	d := p.Documents[0]
	for _, l := range d.Lines() {
		exact := l.Original.Minor() * 3333 // in 1/10000 of a cent
		if off := l.Signed().Abs().Minor()*10000 - exact; off >= 10000 || off <= -10000 {
			t.Errorf("%s became %s: off by a cent or more", l.Original, l.Signed())
		}
		if l.Category == "exchange" {
			t.Error("there is a line for rounding differences")
		}
	}
	bijection(t, p, s.source(t))
}

func TestR12_AForeignCurrencyWithoutARateForTheDayIsRefused(t *testing.T) {
	s := typical()
	s.currency = "CAD"
	s.rows[0].posted = noon("2025-09-01")
	if refused := refusal(t, converting(t, "0.70"), s.source(t), ledgermap.Input{}); refused.Code != ledgermap.RefusedCurrency || !strings.Contains(refused.Message, "2025-09-01") {
		t.Errorf("%v", refused)
	}
}

func TestConvertedChargesMeetTheirJournalLine(t *testing.T) {
	s := august(
		row{kind: charged, amount: "10.01", posted: noon("2025-08-02")}, row{kind: charged, amount: "10.05", posted: noon("2025-07-30")},
		row{kind: charged, amount: "10.03", posted: noon("2025-08-03")}, row{kind: charged, amount: "10.07", posted: noon("2025-07-31")},
		row{kind: "Order/ItemPrice/Principal", amount: "3.33", posted: noon("2025-08-03")},
	)
	s.currency = "CAD"
	p := plan(t, converting(t, "0.7077"), s.source(t), ledgermap.Input{})
	ledger := booked(t, p.Documents...)
	if !ledger["211.00"].IsZero() || !ledger["115.00"].IsZero() {
		t.Errorf("payable %s and clearing %s stay open\n%s", ledger["211.00"], ledger["115.00"], shape(p))
	}
}

// abroad are the edits that give one marketplace a project of another company and organisation.
func abroad(due string) []string {
	return []string{
		"projects:\n", "projects:\n  \"CA\": {type: regular, company: B0, organisation: B0.00}\n",
		"rules:\n", due + "rules:\n  - {when: {category: principal, marketplace: Amazon.ca}, project: \"CA\"}\n",
	}
}

func TestR1_4_TwoCompaniesNeedAccountsOnBothSides(t *testing.T) {
	_, err := ledgermap.LoadRules("rules.yaml", edited(t, abroad("")...))
	if err == nil || !strings.Contains(err.Error(), `company "B0"`) {
		t.Fatalf("got %v, want a refusal that names company B0", err)
	}
	r := rules(t, abroad("due:\n  - {company: B0, here: {account: \"117.00\"}, there: {account: \"211.00\"}}\n")...)
	s := typical()
	s.rows = append(s.rows, row{kind: "Order/ItemPrice/Principal", amount: "30.00", posted: noon("2025-08-02"), market: "Amazon.ca"})
	p := plan(t, r, s.source(t), ledgermap.Input{}) // NewDocument proves the balance within each company
	var got []string
	for _, l := range p.Documents[1].Lines() {
		if l.Company != "" || l.Category == "due" {
			got = append(got, l.Company+" "+l.Account+" "+l.Signed().String())
		}
	}
	if diff := cmp.Diff([]string{"B0 401.00 -30.00", "B0 211.00 30.00", " 117.00 -30.00"}, got); diff != "" {
		t.Error(diff)
	}
	if ledger := booked(t, p.Documents...); !ledger["115.00"].IsZero() {
		t.Errorf("clearing is %s", ledger["115.00"])
	}
}

// TestR12_3_ConvertedSettlementsClearWithoutAReceiptToo: two parts at two rates leave on the clearing account what no
// receipt takes away where the total is zero or negative. It is an exchange difference, and nothing else is.
func TestR12_3_ConvertedSettlementsClearWithoutAReceiptToo(t *testing.T) {
	for name, c := range map[string]struct {
		fee  string
		want map[string]string
	}{
		"zero":     {"-100.00", map[string]string{"401.00": "-73.01", "612.00": "70.00", "801.00": "3.01"}},
		"negative": {"-110.00", map[string]string{"401.00": "-73.01", "612.00": "77.00", "801.00": "3.01", "211.00": "-7.00"}},
	} {
		s := august(
			row{kind: "Order/ItemPrice/Principal", amount: "100.00", posted: noon("2025-07-30")},
			row{kind: "other-transaction/other-transaction/Storage Fee", amount: c.fee, posted: noon("2025-08-02")},
		)
		s.currency = "CAD"
		p := plan(t, converting(t, "0.7000"), s.source(t), ledgermap.Input{})
		if diff := cmp.Diff(c.want, booked(t, p.Documents...).accounts()); diff != "" {
			t.Errorf("%s: the books (-want +got):\n%s\n%s", name, diff, shape(p))
		}
		if last := p.Documents[len(p.Documents)-1]; last.Kind() != ledgermap.Journal || last.Ordinal() != ledgermap.TransferLeg || last.Conversion().Rate != "0.7000" {
			t.Errorf("%s: planned\n%s", name, shape(p))
		}
	}
}

func TestR9_2_OrdersWhoseTaxDoesNotNetAreListed(t *testing.T) {
	s := typical()
	s.rows = append(
		s.rows,
		row{kind: "Order/ItemPrice/Tax", amount: "3.00", posted: noon("2025-08-02"), order: "7"},
		row{kind: "Order/ItemWithheldTax/MarketplaceFacilitatorTax-Principal", amount: "-2.00", posted: noon("2025-08-04"), order: "7"},
		row{kind: "Refund/ItemWithheldTax/MarketplaceFacilitatorTax-Principal", amount: "0.40", posted: noon("2025-08-04"), order: "5"},
	)
	orders, err := ledgermap.TaxByOrder(s.source(t))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, o := range orders {
		got = append(got, strings.Join([]string{o.OrderID, o.Collected.String(), o.Withheld.String(), o.Rest.String()}, " "))
	}
	if diff := cmp.Diff([]string{"5 0.00 0.40 0.40", "7 3.00 -2.00 1.00"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestR1_1_OrganisationsWithBalanceSheetsOfTheirOwnBalanceEach(t *testing.T) {
	text := string(edited(
		t, "projects:\n  \"00000100.00\": {type: regular,", "projects:\n  \"EAST\": {type: regular, organisation: E}\n  \"WEST\": {type: regular, organisation: W}\n  \"00000100.00\": {type: regular, organisation: W,",
		"closed_period: refuse ", "organisations: separate\nclosed_period: refuse ",
		"rules:\n", `due:
  - {organisation: E, here: {account: "117.00", project: WEST}, there: {account: "211.00", project: EAST}}
rules:
  - {when: {category: principal, marketplace: Amazon.ca}, project: EAST}
  - {when: {category: tax, marketplace: Amazon.ca}, project: EAST}
`,
	))
	for _, account := range []string{"101.00", "115.00", "116.00", "117.00", "211.00", "221.00", "231.00"} {
		text = strings.ReplaceAll(text, `{account: "`+account+`"}`, `{account: "`+account+`", project: WEST}`)
	}
	for _, code := range []string{"AED", "AUD", "BRL", "CAD", "EGP", "EUR", "GBP", "INR", "JPY", "MXN", "PLN", "SAR", "SEK", "SGD", "TRY", "ZAR"} {
		text = strings.Replace(text, `{account: "102.`+code+`"}`, `{account: "102.`+code+`", project: WEST}`, 1)
	}
	r, err := ledgermap.LoadRules("rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	s := august(
		row{kind: "Order/ItemPrice/Principal", amount: "30.00", posted: noon("2025-08-02"), market: "Amazon.ca"},
		row{kind: "Order/ItemPrice/Tax", amount: "3.00", posted: noon("2025-08-02"), market: "Amazon.ca"},
		row{kind: "Order/ItemPrice/Principal", amount: "10.00", posted: noon("2025-08-02")},
	)
	chart := chartOf(r)
	for i, p := range r.Projects() {
		chart.Projects[i].Organisation = p.Organisation
	}
	if list := r.Lint(chart); len(list) != 0 {
		t.Errorf("a fitting chart has complaints: %v", list)
	}
	chart.Projects[0].Organisation = "N"
	if list := r.Lint(chart); len(list) != 1 || !strings.Contains(list[0], "belongs to organisation N") {
		t.Errorf("a project of another organisation: %v", list)
	}
	p := plan(t, r, s.source(t), ledgermap.Input{}) // NewDocument proves the balance within each organisation
	var got []string
	for _, l := range p.Documents[0].Lines() {
		got = append(got, l.Organisation+" "+l.WBS1+" "+l.Account+" "+l.Signed().String())
	}
	want := []string{
		"W 00000100.00 401.00 -10.00", "E EAST 401.00 -30.00", "E EAST 221.00 -3.00",
		"E EAST 211.00 33.00", "W WEST 117.00 -33.00", "W WEST 115.00 43.00",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
