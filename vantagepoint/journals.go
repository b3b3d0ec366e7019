package vantagepoint

// JournalControl is the control row of a journal entry file, table jeControl.
type JournalControl struct {
	Batch               string `json:"Batch"`
	Description         string `json:"Description"`
	Recurring           Flag   `json:"Recurring"`
	EndDate             Date   `json:"EndDate"` // of the file; what counts for reports is the entry's TransDate
	DefaultCurrencyCode string `json:"DefaultCurrencyCode" vp:"optional"`
	Total               Amount `json:"Total"`        // control total of the debits
	CreditsTotal        Amount `json:"CreditsTotal"` // control total of the credits
	SumDebitsTotal      Amount `json:"SumDebitsTotal" vp:"computed"`
	SumCreditsTotal     Amount `json:"SumCreditsTotal" vp:"computed"`
	// The differences are control total less sum. A batch that is out of balance is stored, but cannot be posted.
	DiffDebitsTotal  Amount `json:"DiffDebitsTotal" vp:"computed"`
	DiffCreditsTotal Amount `json:"DiffCreditsTotal" vp:"computed"`
	AllowTaxEntries  Flag   `json:"AllowTaxEntries"`
	Selected         Flag   `json:"Selected"`
	Posted           Flag   `json:"Posted"`
	Creator          string `json:"Creator"`
	Period           Period `json:"Period"`
	Company          string `json:"Company"`
	Reverse          Flag   `json:"Reverse"` // a reversing entry is made at ReverseDate
	ReverseDate      Date   `json:"ReverseDate"`
	Extra            Extra  `json:"-"`
}

// JournalMaster is one journal entry, table jeMaster.
type JournalMaster struct {
	Batch       string `json:"Batch"`
	RefNo       string `json:"RefNo"` // stored with leading zeros up to the tenant's length; not unique
	TransDate   Date   `json:"TransDate"`
	Description string `json:"Description"`
	// Type is the basis of the entry: "3", for both accrual and cash, in every sample. Empty sends "3".
	Type                           string `json:"Type" vp:"default=3"`
	UpdateBilled                   Flag   `json:"UpdateBilled"`
	Posted                         Flag   `json:"Posted"`
	Seq                            int    `json:"Seq"`
	CurrencyCode                   string `json:"CurrencyCode" vp:"optional"`
	CurrencyExchangeOverrideMethod string `json:"CurrencyExchangeOverrideMethod" vp:"default=N"` // N none, D date, R rate; empty sends N
	CurrencyExchangeOverrideDate   Date   `json:"CurrencyExchangeOverrideDate"`
	CurrencyExchangeOverrideRate   Amount `json:"CurrencyExchangeOverrideRate"`
	Status                         string `json:"Status" vp:"default=N"` // N in progress, S submitted, A approved, R rejected; empty sends N
	StatusDescription              string `json:"StatusDescription" vp:"computed"`
	Diary                          string `json:"Diary"` // only with diaries set up; the server may replace it
	Extra                          Extra  `json:"-"`
}

// JournalDetail is one line of a journal entry, table jeDetail. One of the two amounts is zero, none is negative.
type JournalDetail struct {
	Batch       string `json:"Batch"`
	RefNo       string `json:"RefNo"`
	PKey        string `json:"PKey"` // the caller's key of the line, unique in the table
	Seq         int    `json:"Seq"`
	Description string `json:"Description"`
	WBS1        string `json:"WBS1" vp:"blank"` // project
	WBS2        string `json:"WBS2" vp:"blank"` // phase
	WBS3        string `json:"WBS3" vp:"blank"` // task
	Account     string `json:"Account"`
	AccountName string `json:"AccountName" vp:"computed"`
	Org         string `json:"Org" vp:"computed"` // follows from the project
	// DebitAmount and CreditAmount are in the currency of the entry.
	DebitAmount                  Amount `json:"DebitAmount"`
	CreditAmount                 Amount `json:"CreditAmount"`
	CurrencyExchangeOverrideRate Amount `json:"CurrencyExchangeOverrideRate"`
	SuppressBill                 Flag   `json:"SuppressBill"`
	LinkCompany                  string `json:"LinkCompany"` // the other company of an intercompany line
	Extra                        Extra  `json:"-"`
}

// JournalTax is one tax row of a journal line, table jeDetailTax.
type JournalTax struct {
	Batch             string `json:"Batch"`
	RefNo             string `json:"RefNo"`
	PKey              string `json:"PKey"` // of the line
	TaxCode           string `json:"TaxCode"`
	Seq               int    `json:"Seq"`
	TaxDebitAmount    Amount `json:"TaxDebitAmount"`
	TaxCreditAmount   Amount `json:"TaxCreditAmount"`
	CompoundOnTaxCode string `json:"CompoundOnTaxCode"`
	Extra             Extra  `json:"-"`
}

// masterConstants are columns of every kind of entry.
func masterConstants() Extra {
	return Extra{"AuthorizedBy": "", "RejectReason": "", "ModUser": "", "ModDate": "", "DiaryNo": 0}
}

func journalKind() kind[JournalControl, JournalMaster, JournalDetail] {
	master := masterConstants()
	master["ModUserEmployee"], master["AllowAssetEntries"] = "", "N"
	return kind[JournalControl, JournalMaster, JournalDetail]{
		noun: "journals", prefix: "je", refKey: "RefNo", ledgerSign: 1,
		constant: map[string]Extra{
			"Control": {
				"RecurSchedule": "N", "RecurClearAmounts": "N", "RecurStartDate": "", "RecurFrequency": "", "RecurType": "",
				"RecurTimes": 0, "RecurExpirationDate": "", "RecurAutoPost": "N", "RecurProcessQueue": "", "RecurTimesUsed": 0,
				"RecurLastPostDate": "", "ReverseAutoPost": "N", "ReverseProcessQueue": "", "RecurAlert": "N", "ReverseAlert": "N",
				"ProcessID": "",
			},
			"Master": master,
			"Detail": {
				"EquipmentID": "", "EquipmentDesc": "", "DebitAmountFunctionalCurrency": 0, "CreditAmountFunctionalCurrency": 0,
				"DebitAmountProjectCurrency": 0, "CreditAmountProjectCurrency": 0,
			},
		},
		view: viewJournal,
	}
}

func viewJournal(d *Journal) view {
	c := &d.Control
	v := view{
		batch: &c.Batch, description: &c.Description, company: &c.Company, creator: &c.Creator,
		period: &c.Period, end: &c.EndDate, posted: &c.Posted, currency: &c.DefaultCurrencyCode,
	}
	debits := total{name: "debits", declared: &c.Total, sum: c.SumDebitsTotal, diff: c.DiffDebitsTotal}
	credits := total{name: "credits", declared: &c.CreditsTotal, sum: c.SumCreditsTotal, diff: c.DiffCreditsTotal}
	for i := range d.Masters {
		m := &d.Masters[i]
		v.entries = append(v.entries, entry{batch: &m.Batch, ref: &m.RefNo, seq: &m.Seq, date: &m.TransDate, currency: &m.CurrencyCode})
	}
	for i := range d.Details {
		l := &d.Details[i]
		debits.want, credits.want = debits.want.Add(l.DebitAmount), credits.want.Add(l.CreditAmount)
		v.lines = append(v.lines, line{
			batch: &l.Batch, ref: &l.RefNo, pkey: &l.PKey, seq: &l.Seq, account: &l.Account,
			wbs: [3]*string{&l.WBS1, &l.WBS2, &l.WBS3}, debit: &l.DebitAmount, credit: &l.CreditAmount,
		})
	}
	for _, tax := range d.Taxes {
		debits.want, credits.want = debits.want.Add(tax.TaxDebitAmount), credits.want.Add(tax.TaxCreditAmount)
	}
	v.totals = []total{debits, credits}
	return v
}
