package ledgermap

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Kind says which transaction of the ledger a document becomes.
type Kind string

// The kinds of document.
const (
	Journal      Kind = "journal"      // a journal entry; every line is sent
	Invoice      Kind = "invoice"      // an AR invoice, or a credit memo; the AR line is made by the ledger
	Receipt      Kind = "receipt"      // a cash receipt; the bank line is made by the ledger. Without one it only applies invoices
	Disbursement Kind = "disbursement" // a cash disbursement; the bank line is made by the ledger
)

// Wait is what has to happen before a document may be booked.
type Wait string

// The things a document can wait for.
const (
	WaitNone    Wait = ""        // nothing: it may be booked now
	WaitPayout  Wait = "payout"  // Amazon says that the money is paid
	WaitInvoice Wait = "invoice" // the invoices it pays are posted in AR
)

// The ordinals of a settlement's documents. They are part of the posting key, so each is a function of the report
// alone, and never of payout facts: the receipt of a payout has the same key before and after the bank has it.
const (
	FirstPart      = 1   // period parts: 1, 2, 3 … in the order of the periods
	FirstCompanion = 101 // the journal beside each invoice part, in the same order
	TransferLeg    = 201 // the receipt of a positive total, or the carry journal of a negative one
	FailedTransfer = 202 // the journal for a transfer that the bank sent back
	FirstCharge    = 203 // one disbursement for each charge to the seller's card or bank, in the order of the rows

	// Of an accrual, whose entries are numbered from FirstPart: their reversals, in the same order.
	FirstAccrualReversal = 501
)

// Widths of Vantagepoint's columns, in UTF-16 code units, as nvarchar counts. Deltek documents those of accounts,
// projects and detail descriptions; that of a batch description is not documented, and 30 is what its samples show.
const (
	maxAccount             = 13
	maxWBS                 = 30
	maxCompany             = 14
	maxLineDescription     = 80
	maxDocumentDescription = 30
)

// ErrUnbalanced is what [NewDocument] answers when debits and credits differ, in the document or in one company or
// organisation of it.
var ErrUnbalanced = errors.New("debits and credits differ")

// Line is one line of a document. Exactly one of Debit and Credit is positive; the other is zero in the document's
// currency.
type Line struct {
	Account          string // exactly as in the chart of accounts
	WBS1, WBS2, WBS3 string // project, phase, task; empty for none

	// Company is the company whose books the line belongs to where it is not the document's own; Organisation is
	// the one whose separate balance sheet it belongs to. Both are empty where the company does not use them.
	Company, Organisation string

	Debit, Credit settlement.Money
	Description   string

	Category string // of the report rows behind it, or the name of the counter line: "clearing", "bank" …
	Rows     int    // how many rows of the report are in it; 0 for a counter line
	Auto     bool   // the ledger makes this line itself: counted in the balance, never sent

	// Invoice is the Part of the settlement's invoice that a receipt's line pays; empty otherwise.
	Invoice string

	// Original is the line's amount in the settlement's currency, without sign, where the document was converted.
	Original settlement.Money
}

// Signed is the line's amount with its side: positive for a debit, negative for a credit.
func (l Line) Signed() settlement.Money {
	if l.Credit.Sign() != 0 {
		return l.Credit.Neg()
	}
	return l.Debit
}

// Conversion is the rate a document was converted at. The zero value is no conversion.
type Conversion struct {
	From, To settlement.Currency
	Rate     string // units of To for one unit of From, as the rules write it
	Date     Date   // of the rate
	Source   string // who published it
}

// IsZero reports whether there was no conversion.
func (c Conversion) IsZero() bool { return c == Conversion{} }

// DocumentSpec is what [NewDocument] makes a document from.
type DocumentSpec struct {
	SettlementID string // Amazon's settlement number; for an accrual, its own name
	Ordinal      int    // which document of the settlement this is; part of the posting key
	Part         string // the same as a letter, the end of the ledger's reference number
	Kind         Kind
	Period       int  // fiscal period, YYYYPP; 0 only for what waits for a payout on a day that no period holds yet
	Date         Date // transaction date in the ledger's time zone
	Currency     settlement.Currency
	WaitsFor     Wait
	Description  string
	Conversion   Conversion
	Reverses     string // the digest of the document that this one reverses; empty otherwise
	Lines        []Line
}

// Document is one balanced posting document. Only [NewDocument] makes one, so there is no unbalanced Document; the
// zero value has no lines and [Document.IsZero]. It cannot be changed.
type Document struct {
	spec   DocumentSpec
	total  settlement.Money
	digest string
}

// NewDocument checks and keeps a document. It refuses what does not balance ([ErrUnbalanced]), in the whole and
// within each company and organisation, what is not in one currency, what has a line with both sides or neither,
// and what does not fit Vantagepoint's columns.
func NewDocument(spec DocumentSpec) (Document, error) {
	spec.Lines = slices.Clone(spec.Lines)
	if err := spec.check(); err != nil {
		return Document{}, fmt.Errorf("ledgermap: %s document %d of settlement %s: %w", spec.Kind, spec.Ordinal, spec.SettlementID, err)
	}
	total, err := spec.balance()
	if err != nil {
		return Document{}, fmt.Errorf("ledgermap: %s document %d of settlement %s: %w", spec.Kind, spec.Ordinal, spec.SettlementID, err)
	}
	return Document{spec: spec, total: total, digest: spec.digest()}, nil
}

func (s *DocumentSpec) check() error {
	switch {
	case s.SettlementID == "":
		return errors.New("no settlement is named")
	case s.Ordinal < 1:
		return errors.New("the ordinal is not positive")
	case s.Part == "" || strings.Trim(s.Part, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "":
		return fmt.Errorf("part %q is not one or more capital letters", s.Part)
	case !slices.Contains([]Kind{Journal, Invoice, Receipt, Disbursement}, s.Kind):
		return fmt.Errorf("%q is not a kind of document", s.Kind)
	case !slices.Contains([]Wait{WaitNone, WaitPayout, WaitInvoice}, s.WaitsFor):
		return fmt.Errorf("%q is nothing a document waits for", s.WaitsFor)
	case (s.Period < 100001 || s.Period > 999999 || s.Period%100 == 0) && !(s.Period == 0 && s.WaitsFor == WaitPayout):
		return fmt.Errorf("%d is not a fiscal period like 202511", s.Period)
	case !s.Date.valid():
		return fmt.Errorf("%q is not a date", s.Date)
	case s.Currency == settlement.Currency{}:
		return errors.New("it has no currency")
	case len(s.Lines) < 2:
		return fmt.Errorf("it has %d lines, and needs two", len(s.Lines))
	}
	if err := fits("description", s.Description, maxDocumentDescription); err != nil {
		return err
	}
	auto := 0
	for i := range s.Lines {
		if err := s.Lines[i].check(s.Currency); err != nil {
			return fmt.Errorf("line %d: %w", i+1, err)
		}
		if s.Lines[i].Auto {
			auto++
		}
	}
	if auto > 1 || auto == 1 && s.Kind == Journal {
		return fmt.Errorf("%d lines are left to the ledger to make; a journal has none, every other document at most one", auto)
	}
	return nil
}

// check checks one line and writes the empty side as zero in the document's currency.
func (l *Line) check(c settlement.Currency) error {
	for _, m := range []*settlement.Money{&l.Debit, &l.Credit} {
		if *m == (settlement.Money{}) {
			*m = settlement.MoneyOf(0, c)
		}
		if m.Currency() != c {
			return fmt.Errorf("its amount is in %s, the document in %s", m.Currency(), c)
		}
		if m.Sign() < 0 {
			return fmt.Errorf("its amount %s is negative; a negative debit is a credit", m)
		}
	}
	switch {
	case l.Debit.Sign() != 0 && l.Credit.Sign() != 0:
		return fmt.Errorf("it has both a debit of %s and a credit of %s", l.Debit, l.Credit)
	case l.Debit.Sign() == 0 && l.Credit.Sign() == 0:
		return errors.New("it has neither a debit nor a credit")
	case l.Account == "":
		return errors.New("it has no account")
	case l.Rows < 0:
		return fmt.Errorf("it stands for %d rows", l.Rows)
	}
	return errors.Join(
		fits("account", l.Account, maxAccount),
		fits("WBS1", l.WBS1, maxWBS),
		fits("WBS2", l.WBS2, maxWBS),
		fits("WBS3", l.WBS3, maxWBS),
		fits("company", l.Company, maxCompany),
		fits("organisation", l.Organisation, maxWBS),
		fits("description", l.Description, maxLineDescription),
	)
}

func fits(what, text string, width int) error {
	if n := len(utf16.Encode([]rune(text))); n > width {
		return fmt.Errorf("%s %q has %d characters, Vantagepoint keeps %d", what, text, n, width)
	}
	if strings.ContainsFunc(text, unicode.IsControl) {
		return fmt.Errorf("%s %q holds a control character", what, text)
	}
	return nil
}

// balance is the sum of the debits. It fails unless the credits are the same, in the whole and in every company
// and organisation.
func (s *DocumentSpec) balance() (settlement.Money, error) {
	type books struct{ company, organisation string }
	var order []books
	sums := make(map[books]settlement.Money, 1)
	debit, credit := settlement.MoneyOf(0, s.Currency), settlement.MoneyOf(0, s.Currency)
	for _, l := range s.Lines {
		of := books{l.Company, l.Organisation}
		if _, ok := sums[of]; !ok {
			order = append(order, of)
		}
		var err [3]error
		debit, err[0] = debit.Add(l.Debit)
		credit, err[1] = credit.Add(l.Credit)
		sums[of], err[2] = sums[of].Add(l.Signed())
		if err := errors.Join(err[:]...); err != nil {
			return settlement.Money{}, err
		}
	}
	if debit != credit {
		return settlement.Money{}, fmt.Errorf("%w: debits %s, credits %s %s", ErrUnbalanced, debit, credit, s.Currency)
	}
	for _, of := range order {
		if sums[of].Sign() != 0 {
			return settlement.Money{}, fmt.Errorf("%w by %s %s within company %q, organisation %q",
				ErrUnbalanced, sums[of], s.Currency, of.company, of.organisation)
		}
	}
	return debit, nil
}

// digest hashes what the ledger will hold. The key (settlement, ordinal, part) is left out, because a key says
// which booking this is and the digest what it contains; so are WaitsFor, which is about when and not what, and the
// categories, rows and originals, which no ledger holds.
func (s *DocumentSpec) digest() string {
	h := sha256.New()
	digestText(h, "ledgermap/document/1", string(s.Kind), s.Date.String(), s.Currency.String(), s.Description,
		s.Conversion.Rate, s.Conversion.Date.String(), s.Conversion.Source, s.Reverses)
	digestInt(h, int64(s.Period), int64(len(s.Lines)))
	for _, l := range s.Lines {
		digestText(h, l.Account, l.WBS1, l.WBS2, l.WBS3, l.Company, l.Organisation, l.Description, l.Invoice)
		auto := int64(0)
		if l.Auto {
			auto = 1
		}
		digestInt(h, l.Debit.Minor(), l.Credit.Minor(), auto)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// digestText hashes texts with their lengths, so that no two lists of texts hash alike by running together.
func digestText(h hash.Hash, texts ...string) {
	for _, t := range texts {
		digestInt(h, int64(len(t)))
		h.Write([]byte(t))
	}
}

func digestInt(h hash.Hash, numbers ...int64) {
	var b [8]byte
	for _, n := range numbers {
		binary.BigEndian.PutUint64(b[:], uint64(n))
		h.Write(b[:])
	}
}

// IsZero reports whether this is no document at all.
func (d Document) IsZero() bool { return d.spec.Kind == "" }

// SettlementID is Amazon's settlement number.
func (d Document) SettlementID() string { return d.spec.SettlementID }

// Ordinal says which document of the settlement this is; it is part of the posting key.
func (d Document) Ordinal() int { return d.spec.Ordinal }

// Part is the letter or letters that end the ledger's reference number. It is unique among the settlement's
// documents of one kind.
func (d Document) Part() string { return d.spec.Part }

// Kind says which transaction of the ledger the document becomes.
func (d Document) Kind() Kind { return d.spec.Kind }

// Period is the fiscal period, YYYYPP.
func (d Document) Period() int { return d.spec.Period }

// Date is the transaction date in the ledger's time zone.
func (d Document) Date() Date { return d.spec.Date }

// Currency is the one currency of all amounts in the document.
func (d Document) Currency() settlement.Currency { return d.spec.Currency }

// WaitsFor is what has to happen before the document may be booked.
func (d Document) WaitsFor() Wait { return d.spec.WaitsFor }

// Description is the document's own text, at most 30 characters.
func (d Document) Description() string { return d.spec.Description }

// Conversion is the rate at which the document was converted into the company's currency, if it was.
func (d Document) Conversion() Conversion { return d.spec.Conversion }

// Reverses is the digest of the document that this one reverses, or "".
func (d Document) Reverses() string { return d.spec.Reverses }

// Lines is a copy of the lines, in the order in which they are numbered from 1.
func (d Document) Lines() []Line { return slices.Clone(d.spec.Lines) }

// DebitTotal is the sum of all debits, with the line that the ledger makes itself. It equals CreditTotal.
func (d Document) DebitTotal() settlement.Money { return d.total }

// CreditTotal is the sum of all credits. It equals DebitTotal.
func (d Document) CreditTotal() settlement.Money { return d.total }

// Digest is the SHA-256, in hex, of what the ledger will hold of the document. Two documents with the same key and
// another digest are a conflict.
func (d Document) Digest() string { return d.digest }

// Spec is a copy of what the document was made from, to make another from it.
func (d Document) Spec() DocumentSpec {
	spec := d.spec
	spec.Lines = d.Lines()
	return spec
}

// Equal reports whether two documents are the same in everything, the key and the provenance of lines included.
func (d Document) Equal(o Document) bool {
	a, b := d.spec, o.spec
	same := slices.Equal(a.Lines, b.Lines)
	return same && a.SettlementID == b.SettlementID && a.Ordinal == b.Ordinal && a.Part == b.Part && a.Kind == b.Kind &&
		a.Period == b.Period && a.Date == b.Date && a.Currency == b.Currency && a.WaitsFor == b.WaitsFor &&
		a.Description == b.Description && a.Conversion == b.Conversion && a.Reverses == b.Reverses
}
