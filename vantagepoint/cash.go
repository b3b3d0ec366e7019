package vantagepoint

// ReceiptControl is the control row of a cash receipt file, table crControl: one deposit.
type ReceiptControl struct {
	Batch            string `json:"Batch"`
	Description      string `json:"Description"`
	Recurring        Flag   `json:"Recurring"`
	EndDate          Date   `json:"EndDate"`
	Total            Amount `json:"Total"`
	SumTotal         Amount `json:"SumTotal" vp:"computed"`
	DiffTotal        Amount `json:"DiffTotal" vp:"computed"` // Total less SumTotal
	DefaultBank      string `json:"DefaultBank"`             // empty: the first entry's bank
	BankCurrencyCode string `json:"BankCurrencyCode" vp:"computed"`
	Selected         Flag   `json:"Selected"`
	Posted           Flag   `json:"Posted"`
	Creator          string `json:"Creator"`
	Period           Period `json:"Period"`
	Company          string `json:"Company"`
	Extra            Extra  `json:"-"`
}

// ReceiptMaster is one receipt, table crMaster.
type ReceiptMaster struct {
	Batch string `json:"Batch"`
	// RefNo is stored with leading zeros up to the tenant's length. A bank with automatic numbering assigns its own:
	// send "[AUTONUMBER]" or nothing then.
	RefNo                          string `json:"RefNo"`
	TransDate                      Date   `json:"TransDate"`
	TransComment                   string `json:"TransComment"`
	Posted                         Flag   `json:"Posted"`
	BankCode                       string `json:"BankCode"` // the GL account behind it is debited on posting
	Seq                            int    `json:"Seq"`
	CurrencyCode                   string `json:"CurrencyCode" vp:"optional"`                    // the server stores the bank's, whatever is sent
	CurrencyExchangeOverrideMethod string `json:"CurrencyExchangeOverrideMethod" vp:"default=N"` // N none, D date, R rate; empty sends N
	CurrencyExchangeOverrideDate   Date   `json:"CurrencyExchangeOverrideDate"`
	CurrencyExchangeOverrideRate   Amount `json:"CurrencyExchangeOverrideRate"`
	Status                         string `json:"Status" vp:"default=N"` // N in progress, S submitted, A approved, R rejected; empty sends N
	StatusDescription              string `json:"StatusDescription" vp:"computed"`
	Diary                          string `json:"Diary"` // the server may replace it
	Extra                          Extra  `json:"-"`
}

// ReceiptDetail is one line of a receipt, table crDetail. A positive amount is money received: posting credits the
// account and debits the bank by itself.
type ReceiptDetail struct {
	Batch                        string `json:"Batch"`
	RefNo                        string `json:"RefNo"`
	PKey                         string `json:"PKey"`
	Seq                          int    `json:"Seq"`
	Description                  string `json:"Description"`
	WBS1                         string `json:"WBS1" vp:"blank"`
	WBS2                         string `json:"WBS2" vp:"blank"`
	WBS3                         string `json:"WBS3" vp:"blank"`
	Invoice                      string `json:"Invoice" vp:"optional"` // the AR invoice that is paid
	Account                      string `json:"Account"`
	AccountName                  string `json:"AccountName" vp:"computed"`
	Amount                       Amount `json:"Amount"`
	Interest                     Flag   `json:"Interest"`
	TaxCode                      string `json:"TaxCode"`
	TaxBasis                     Amount `json:"TaxBasis"`
	Retainer                     Flag   `json:"Retainer"`
	CurrencyExchangeOverrideRate Amount `json:"CurrencyExchangeOverrideRate"`
	LinkCompany                  string `json:"LinkCompany"`
	Extra                        Extra  `json:"-"`
}

// DisbursementControl is the control row of a cash disbursement file, table cdControl.
type DisbursementControl struct {
	Batch            string `json:"Batch"`
	Description      string `json:"Description"`
	Recurring        Flag   `json:"Recurring"`
	EndDate          Date   `json:"EndDate"`
	Total            Amount `json:"Total"`
	SumTotal         Amount `json:"SumTotal" vp:"computed"`
	DiffTotal        Amount `json:"DiffTotal" vp:"computed"` // Total less SumTotal
	DefaultBank      string `json:"DefaultBank"`             // empty: the first entry's bank
	BankCurrencyCode string `json:"BankCurrencyCode" vp:"computed"`
	Selected         Flag   `json:"Selected"`
	Posted           Flag   `json:"Posted"`
	Creator          string `json:"Creator"`
	Period           Period `json:"Period"`
	Company          string `json:"Company"`
	Extra            Extra  `json:"-"`
}

// DisbursementMaster is one payment out, table cdMaster.
type DisbursementMaster struct {
	Batch string `json:"Batch"`
	// CheckNo is the number of the payment. A bank with automatic numbering assigns its own: send "[AUTONUMBER]" or
	// nothing then.
	CheckNo                        string `json:"CheckNo"`
	BankCode                       string `json:"BankCode"` // the GL account behind it is credited on posting
	TransDate                      Date   `json:"TransDate"`
	Payee                          string `json:"Payee"`
	Posted                         Flag   `json:"Posted"`
	Seq                            int    `json:"Seq"`
	CurrencyCode                   string `json:"CurrencyCode" vp:"optional"`                    // the server stores the bank's
	CurrencyExchangeOverrideMethod string `json:"CurrencyExchangeOverrideMethod" vp:"default=N"` // N none, D date, R rate; empty sends N
	CurrencyExchangeOverrideDate   Date   `json:"CurrencyExchangeOverrideDate"`
	CurrencyExchangeOverrideRate   Amount `json:"CurrencyExchangeOverrideRate"`
	Status                         string `json:"Status" vp:"default=N"` // N in progress, S submitted, A approved, R rejected; empty sends N
	StatusDescription              string `json:"StatusDescription" vp:"computed"`
	Diary                          string `json:"Diary"`
	Extra                          Extra  `json:"-"`
}

// DisbursementDetail is one line of a payment out, table cdDetail. A positive amount is money paid: posting debits the
// account and credits the bank by itself.
type DisbursementDetail struct {
	Batch                        string `json:"Batch"`
	CheckNo                      string `json:"CheckNo"`
	PKey                         string `json:"PKey"`
	Seq                          int    `json:"Seq"`
	Description                  string `json:"Description"`
	WBS1                         string `json:"WBS1" vp:"blank"`
	WBS2                         string `json:"WBS2" vp:"blank"`
	WBS3                         string `json:"WBS3" vp:"blank"`
	Account                      string `json:"Account"`
	AccountName                  string `json:"AccountName" vp:"computed"`
	NetAmount                    Amount `json:"NetAmount"` // without tax; zero: Amount
	Amount                       Amount `json:"Amount"`
	CurrencyExchangeOverrideRate Amount `json:"CurrencyExchangeOverrideRate"`
	LinkCompany                  string `json:"LinkCompany"`
	Extra                        Extra  `json:"-"`
}

func receiptKind() kind[ReceiptControl, ReceiptMaster, ReceiptDetail] {
	return kind[ReceiptControl, ReceiptMaster, ReceiptDetail]{
		noun: "receipts", prefix: "cr", refKey: "RefNo", ledgerSign: -1,
		constant: map[string]Extra{
			"Master": masterConstants(),
			"Detail": {"SourceCurrencyCode": "", "SourceBalance": "", "SourceAmount": 0, "SourceExchangeInfo": "", "PreInvoice": ""},
		},
		view: viewReceipt,
	}
}

func viewReceipt(d *Receipt) view {
	c := &d.Control
	v := view{batch: &c.Batch, description: &c.Description, company: &c.Company, creator: &c.Creator, period: &c.Period, end: &c.EndDate, posted: &c.Posted}
	sum := total{name: "total", declared: &c.Total, sum: c.SumTotal, diff: c.DiffTotal}
	for i := range d.Masters {
		m := &d.Masters[i]
		v.entries = append(v.entries, entry{
			batch: &m.Batch, ref: &m.RefNo, seq: &m.Seq, date: &m.TransDate, currency: &m.CurrencyCode, bank: &m.BankCode,
		})
	}
	for i := range d.Details {
		l := &d.Details[i]
		sum.want = sum.want.Add(l.Amount)
		v.lines = append(v.lines, line{
			batch: &l.Batch, ref: &l.RefNo, pkey: &l.PKey, seq: &l.Seq, account: &l.Account,
			wbs: [3]*string{&l.WBS1, &l.WBS2, &l.WBS3}, amount: &l.Amount,
		})
	}
	v.totals, v.bank = []total{sum}, &c.DefaultBank
	return v
}

func disbursementKind() kind[DisbursementControl, DisbursementMaster, DisbursementDetail] {
	return kind[DisbursementControl, DisbursementMaster, DisbursementDetail]{
		noun: "disbursements", prefix: "cd", refKey: "CheckNo", ledgerSign: 1,
		constant: map[string]Extra{"Master": masterConstants()},
		view:     viewDisbursement,
	}
}

func viewDisbursement(d *Disbursement) view {
	c := &d.Control
	v := view{batch: &c.Batch, description: &c.Description, company: &c.Company, creator: &c.Creator, period: &c.Period, end: &c.EndDate, posted: &c.Posted}
	sum := total{name: "total", declared: &c.Total, sum: c.SumTotal, diff: c.DiffTotal}
	for i := range d.Masters {
		m := &d.Masters[i]
		v.entries = append(v.entries, entry{
			batch: &m.Batch, ref: &m.CheckNo, seq: &m.Seq, date: &m.TransDate, currency: &m.CurrencyCode, bank: &m.BankCode,
		})
	}
	for i := range d.Details {
		l := &d.Details[i]
		sum.want = sum.want.Add(l.Amount)
		v.lines = append(v.lines, line{
			batch: &l.Batch, ref: &l.CheckNo, pkey: &l.PKey, seq: &l.Seq, account: &l.Account,
			wbs: [3]*string{&l.WBS1, &l.WBS2, &l.WBS3}, amount: &l.Amount, net: &l.NetAmount,
		})
	}
	v.totals, v.bank = []total{sum}, &c.DefaultBank
	return v
}
