package vantagepoint

// InvoiceControl is the control row of an AR invoice file, table inControl.
type InvoiceControl struct {
	Batch        string `json:"Batch"`
	Description  string `json:"Description"`
	Recurring    Flag   `json:"Recurring"`
	EndDate      Date   `json:"EndDate"`
	Total        Amount `json:"Total"`
	SumTotal     Amount `json:"SumTotal" vp:"computed"`
	DiffTotal    Amount `json:"DiffTotal" vp:"computed"` // Total less SumTotal
	RetTotal     Amount `json:"RetTotal"`                // of the retainage
	SumRetTotal  Amount `json:"SumRetTotal" vp:"computed"`
	DiffRetTotal Amount `json:"DiffRetTotal" vp:"computed"`
	Selected     Flag   `json:"Selected"`
	Posted       Flag   `json:"Posted"`
	Creator      string `json:"Creator"`
	Period       Period `json:"Period"`
	Company      string `json:"Company"`
	Extra        Extra  `json:"-"`
}

// InvoiceMaster is one invoice, table inMaster. There is no column for the customer: the bill-to comes from the project.
type InvoiceMaster struct {
	Batch                          string `json:"Batch"`
	Invoice                        string `json:"Invoice"` // stored with leading zeros up to the tenant's length
	WBS1                           string `json:"WBS1" vp:"blank"`
	WBS2                           string `json:"WBS2" vp:"blank"`
	WBS3                           string `json:"WBS3" vp:"blank"`
	TransDate                      Date   `json:"TransDate"`
	DueDate                        Date   `json:"DueDate"`
	TransComment                   string `json:"TransComment"`
	Posted                         Flag   `json:"Posted"`
	Seq                            int    `json:"Seq"`
	CurrencyExchangeOverrideMethod string `json:"CurrencyExchangeOverrideMethod" vp:"default=N"` // N none, D date, R rate; empty sends N
	CurrencyExchangeOverrideDate   Date   `json:"CurrencyExchangeOverrideDate"`
	CurrencyExchangeOverrideRate   Amount `json:"CurrencyExchangeOverrideRate"`
	Status                         string `json:"Status" vp:"default=N"` // N in progress, S submitted, A approved, R rejected; empty sends N
	StatusDescription              string `json:"StatusDescription" vp:"computed"`
	Diary                          string `json:"Diary"`
	Extra                          Extra  `json:"-"`
}

// InvoiceDetail is one line of an invoice, table inDetail. A positive amount is revenue billed: posting credits the
// account and debits receivables by itself. A credit memo has negative amounts.
type InvoiceDetail struct {
	Batch           string `json:"Batch"`
	Invoice         string `json:"Invoice"`
	WBS1            string `json:"WBS1" vp:"blank"` // empty: the invoice's
	WBS2            string `json:"WBS2" vp:"blank"`
	WBS3            string `json:"WBS3" vp:"blank"`
	PKey            string `json:"PKey"`
	Seq             int    `json:"Seq"`
	InvoiceSection  string `json:"InvoiceSection"` // F fee, L labour, C consultant, E expense, U unit, A add-on, T tax, I interest
	TaxCode         string `json:"TaxCode"`
	Account         string `json:"Account"`
	AccountName     string `json:"AccountName" vp:"computed"`
	Amount          Amount `json:"Amount"`
	RetAmount       Amount `json:"RetAmount"` // retainage
	TaxBasis        Amount `json:"TaxBasis"`
	Retainer        Flag   `json:"Retainer"`
	LinkWBS1        string `json:"LinkWBS1"`
	LinkWBS2        string `json:"LinkWBS2"`
	LinkWBS3        string `json:"LinkWBS3"`
	CreditMemoRefNo string `json:"CreditMemoRefNo"`
	Extra           Extra  `json:"-"`
}

func invoiceKind() kind[InvoiceControl, InvoiceMaster, InvoiceDetail] {
	master := masterConstants()
	master["AuthorizedByName"] = ""
	return kind[InvoiceControl, InvoiceMaster, InvoiceDetail]{
		noun: "invoices", prefix: "in", refKey: "Invoice", ledgerSign: -1,
		constant: map[string]Extra{"Master": master},
		view:     viewInvoice,
	}
}

func viewInvoice(d *Invoice) view {
	c := &d.Control
	v := view{batch: &c.Batch, description: &c.Description, company: &c.Company, creator: &c.Creator, period: &c.Period, end: &c.EndDate, posted: &c.Posted}
	billed := total{name: "total", declared: &c.Total, sum: c.SumTotal, diff: c.DiffTotal}
	retained := total{name: "retainage total", declared: &c.RetTotal, sum: c.SumRetTotal, diff: c.DiffRetTotal}
	for i := range d.Masters {
		m := &d.Masters[i]
		v.entries = append(v.entries, entry{
			batch: &m.Batch, ref: &m.Invoice, seq: &m.Seq, date: &m.TransDate, wbs: [3]*string{&m.WBS1, &m.WBS2, &m.WBS3},
		})
	}
	for i := range d.Details {
		l := &d.Details[i]
		billed.want, retained.want = billed.want.Add(l.Amount), retained.want.Add(l.RetAmount)
		v.lines = append(v.lines, line{
			batch: &l.Batch, ref: &l.Invoice, pkey: &l.PKey, seq: &l.Seq, account: &l.Account,
			wbs: [3]*string{&l.WBS1, &l.WBS2, &l.WBS3}, amount: &l.Amount,
		})
	}
	v.totals = []total{billed, retained}
	return v
}
