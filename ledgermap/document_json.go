package ledgermap

import (
	"encoding/json"
	"fmt"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// The JSON of documents: amounts are text with the currency's decimals, the unused side is zero. The posting key
// and the batch name are not ledgermap's to know; booking adds them.
type documentJSON struct {
	SettlementID string          `json:"settlement_id"`
	Ordinal      int             `json:"ordinal"`
	Part         string          `json:"part"`
	Kind         Kind            `json:"kind"`
	Period       int             `json:"period"`
	Date         Date            `json:"date"`
	Currency     string          `json:"currency"`
	WaitsFor     Wait            `json:"waits_for"`
	Description  string          `json:"description"`
	Conversion   *conversionJSON `json:"conversion,omitempty"`
	Reverses     string          `json:"reverses,omitempty"`
	Lines        []lineJSON      `json:"lines"`
	DebitTotal   string          `json:"debit_total"`
	CreditTotal  string          `json:"credit_total"`
	Digest       string          `json:"digest"`
}

type lineJSON struct {
	Line         int    `json:"line"`
	Account      string `json:"account"`
	WBS1         string `json:"wbs1"`
	WBS2         string `json:"wbs2"`
	WBS3         string `json:"wbs3"`
	Company      string `json:"company,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Debit        string `json:"debit"`
	Credit       string `json:"credit"`
	Description  string `json:"description"`
	Category     string `json:"category"`
	Rows         int    `json:"rows"`
	Auto         bool   `json:"auto"`
	Invoice      string `json:"invoice,omitempty"`
	Original     string `json:"original,omitempty"`
}

type conversionJSON struct {
	From   string `json:"from"`
	To     string `json:"to"`
	Rate   string `json:"rate"`
	Date   Date   `json:"date"`
	Source string `json:"source"`
}

// MarshalJSON writes the document with its totals and digest.
func (d Document) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	w := documentJSON{
		SettlementID: d.spec.SettlementID, Ordinal: d.spec.Ordinal, Part: d.spec.Part, Kind: d.spec.Kind,
		Period: d.spec.Period, Date: d.spec.Date, Currency: d.spec.Currency.String(), WaitsFor: d.spec.WaitsFor,
		Description: d.spec.Description, Reverses: d.spec.Reverses,
		DebitTotal: d.total.String(), CreditTotal: d.total.String(), Digest: d.digest,
	}
	if c := d.spec.Conversion; !c.IsZero() {
		w.Conversion = &conversionJSON{From: c.From.String(), To: c.To.String(), Rate: c.Rate, Date: c.Date, Source: c.Source}
	}
	for i, l := range d.spec.Lines {
		line := lineJSON{
			Line: i + 1, Account: l.Account, WBS1: l.WBS1, WBS2: l.WBS2, WBS3: l.WBS3, Company: l.Company,
			Organisation: l.Organisation, Debit: l.Debit.String(), Credit: l.Credit.String(),
			Description: l.Description, Category: l.Category, Rows: l.Rows, Auto: l.Auto, Invoice: l.Invoice,
		}
		if l.Original != (settlement.Money{}) {
			line.Original = l.Original.String()
		}
		w.Lines = append(w.Lines, line)
	}
	return json.Marshal(w)
}

// UnmarshalJSON reads what MarshalJSON wrote, through [NewDocument], and refuses a document whose digest is not
// that of its content.
func (d *Document) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*d = Document{}
		return nil
	}
	var w documentJSON
	if err := json.Unmarshal(data, &w); err != nil {
		return fmt.Errorf("ledgermap: document: %w", err)
	}
	spec, err := w.spec()
	if err != nil {
		return fmt.Errorf("ledgermap: document %d of settlement %s: %w", w.Ordinal, w.SettlementID, err)
	}
	read, err := NewDocument(spec)
	if err != nil {
		return err
	}
	if read.digest != w.Digest {
		return fmt.Errorf("ledgermap: document %d of settlement %s says digest %s and has %s: it was changed after it was made",
			w.Ordinal, w.SettlementID, w.Digest, read.digest)
	}
	*d = read
	return nil
}

func (w documentJSON) spec() (DocumentSpec, error) {
	currency, err := settlement.ParseCurrency(w.Currency)
	if err != nil {
		return DocumentSpec{}, err
	}
	spec := DocumentSpec{
		SettlementID: w.SettlementID, Ordinal: w.Ordinal, Part: w.Part, Kind: w.Kind, Period: w.Period, Date: w.Date,
		Currency: currency, WaitsFor: w.WaitsFor, Description: w.Description, Reverses: w.Reverses,
	}
	from := currency
	if c := w.Conversion; c != nil {
		spec.Conversion = Conversion{Rate: c.Rate, Date: c.Date, Source: c.Source}
		if spec.Conversion.From, err = settlement.ParseCurrency(c.From); err != nil {
			return DocumentSpec{}, err
		}
		if spec.Conversion.To, err = settlement.ParseCurrency(c.To); err != nil {
			return DocumentSpec{}, err
		}
		from = spec.Conversion.From
	}
	for _, l := range w.Lines {
		line := Line{
			Account: l.Account, WBS1: l.WBS1, WBS2: l.WBS2, WBS3: l.WBS3, Company: l.Company, Organisation: l.Organisation,
			Description: l.Description, Category: l.Category, Rows: l.Rows, Auto: l.Auto, Invoice: l.Invoice,
		}
		if line.Debit, err = settlement.ParseMoney(l.Debit, currency); err != nil {
			return DocumentSpec{}, fmt.Errorf("line %d: debit: %w", l.Line, err)
		}
		if line.Credit, err = settlement.ParseMoney(l.Credit, currency); err != nil {
			return DocumentSpec{}, fmt.Errorf("line %d: credit: %w", l.Line, err)
		}
		if l.Original != "" {
			if line.Original, err = settlement.ParseMoney(l.Original, from); err != nil {
				return DocumentSpec{}, fmt.Errorf("line %d: original: %w", l.Line, err)
			}
		}
		spec.Lines = append(spec.Lines, line)
	}
	return spec, nil
}
