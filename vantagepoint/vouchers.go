package vantagepoint

// VoucherControl is the control row of an AP voucher file, table apControl.
type VoucherControl struct {
	Batch       string `json:"Batch"`
	Description string `json:"Description"`
	Recurring   Flag   `json:"Recurring"`
	EndDate     Date   `json:"EndDate"`
	Total       Amount `json:"Total"`
	SumTotal    Amount `json:"SumTotal" vp:"computed"`
	DiffTotal   Amount `json:"DiffTotal" vp:"computed"` // Total less SumTotal
	Selected    Flag   `json:"Selected"`
	Posted      Flag   `json:"Posted"`
	Creator     string `json:"Creator"`
	Period      Period `json:"Period"`
	Company     string `json:"Company"`
	Extra       Extra  `json:"-"`
}

// VoucherMaster is one voucher, table apMaster.
type VoucherMaster struct {
	Batch string `json:"Batch"`
	// MasterPKey is the caller's key of the voucher and joins its lines. Empty: made from the batch and Seq.
	MasterPKey                     string `json:"MasterPKey"`
	Vendor                         string `json:"Vendor"`
	InvoiceDate                    Date   `json:"InvoiceDate"` // zero: TransDate
	Invoice                        string `json:"Invoice"`     // the vendor's number
	TransDate                      Date   `json:"TransDate"`
	LiabCode                       string `json:"LiabCode"`
	BankCode                       string `json:"BankCode"`
	PayTerms                       string `json:"PayTerms"`
	PayDate                        Date   `json:"PayDate"`
	Address                        string `json:"Address" vp:"default=<Default>"` // empty sends <Default>
	Posted                         Flag   `json:"Posted"`
	Seq                            int    `json:"Seq"`
	Voucher                        string `json:"Voucher"`
	CurrencyCode                   string `json:"CurrencyCode" vp:"optional"`
	CurrencyExchangeOverrideMethod string `json:"CurrencyExchangeOverrideMethod" vp:"default=N"` // N none, D date, R rate; empty sends N
	CurrencyExchangeOverrideDate   Date   `json:"CurrencyExchangeOverrideDate"`
	CurrencyExchangeOverrideRate   Amount `json:"CurrencyExchangeOverrideRate"`
	PaymentCurrencyCode            string `json:"PaymentCurrencyCode" vp:"optional"`
	Status                         string `json:"Status" vp:"default=N"` // N in progress, S submitted, A approved, R rejected; empty sends N
	StatusDescription              string `json:"StatusDescription" vp:"computed"`
	Diary                          string `json:"Diary"`
	Extra                          Extra  `json:"-"`
}

// VoucherDetail is one line of a voucher, table apDetail. A positive amount is an expense: posting debits the account
// and credits payables by itself.
type VoucherDetail struct {
	Batch                        string `json:"Batch"`
	MasterPKey                   string `json:"MasterPKey"`
	PKey                         string `json:"PKey"`
	Seq                          int    `json:"Seq"`
	Description                  string `json:"Description"`
	WBS1                         string `json:"WBS1" vp:"blank"`
	WBS2                         string `json:"WBS2" vp:"blank"`
	WBS3                         string `json:"WBS3" vp:"blank"`
	Account                      string `json:"Account"`
	AccountName                  string `json:"AccountName" vp:"computed"`
	Amount                       Amount `json:"Amount"`
	SuppressBill                 Flag   `json:"SuppressBill"`
	NetAmount                    Amount `json:"NetAmount"` // without tax; zero: Amount
	CurrencyExchangeOverrideRate Amount `json:"CurrencyExchangeOverrideRate"`
	PONumber                     string `json:"PONumber"`
	PaymentAmount                Amount `json:"PaymentAmount"` // in the payment currency; zero: Amount
	Extra                        Extra  `json:"-"`
}

func voucherKind() kind[VoucherControl, VoucherMaster, VoucherDetail] {
	master := masterConstants()
	master["PaymentExchangeOverrideMethod"], master["PaymentExchangeOverrideDate"], master["PaymentExchangeOverrideRate"] = "N", "", 0
	master["AllowAssetEntries"] = "N"
	return kind[VoucherControl, VoucherMaster, VoucherDetail]{
		noun: "vouchers", prefix: "ap", refKey: "MasterPKey", ledgerSign: 1,
		constant: map[string]Extra{
			"Master": master,
			"Detail": {
				"PaymentExchangeInfo": "", "ExpenseCode": "", "OriginatingVendor": "", "CreateAsset": "N", "AssetType": "",
				"Item": "", "EquipmentID": "",
			},
		},
		view: viewVoucher,
	}
}

func viewVoucher(d *Voucher) view {
	c := &d.Control
	v := view{batch: &c.Batch, description: &c.Description, company: &c.Company, creator: &c.Creator, period: &c.Period, end: &c.EndDate, posted: &c.Posted}
	sum := total{name: "total", declared: &c.Total, sum: c.SumTotal, diff: c.DiffTotal}
	for i := range d.Masters {
		m := &d.Masters[i]
		v.entries = append(v.entries, entry{
			batch: &m.Batch, ref: &m.MasterPKey, refIsPKey: true, seq: &m.Seq, date: &m.TransDate, currency: &m.CurrencyCode, dated: &m.InvoiceDate,
		})
	}
	for i := range d.Details {
		l := &d.Details[i]
		sum.want = sum.want.Add(l.Amount)
		v.lines = append(v.lines, line{
			batch: &l.Batch, ref: &l.MasterPKey, pkey: &l.PKey, seq: &l.Seq, account: &l.Account,
			wbs: [3]*string{&l.WBS1, &l.WBS2, &l.WBS3}, amount: &l.Amount, net: &l.NetAmount, payment: &l.PaymentAmount,
		})
	}
	v.totals = []total{sum}
	return v
}
