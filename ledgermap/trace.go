package ledgermap

import (
	"errors"
	"fmt"
	"iter"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Traced is a report row with the ledger line that it went to.
type Traced struct {
	Line settlement.Line
	// To is the line of the plan's document; its zero value says that the row is in a memo: it and others add up to
	// nothing, and no ledger line exists.
	To Ref
}

// Trace reads the report again and answers for every row, in the order of the file, to which ledger line it went:
// each row to exactly one line, or to one memo. Over a document line, the rows' count is its Rows, and their sum its
// amount, in the settlement's currency and with the sign of the seller.
//
// The source has to be the report of the plan: another one is an error, before or after its rows. The sequence can
// be ranged again where the source can.
func (p *Plan) Trace(src settlement.Source) iter.Seq2[Traced, error] {
	return func(yield func(Traced, error) bool) {
		if src = settlement.Genuine(src); src == nil || p.rules == nil {
			yield(Traced{}, errors.New("ledgermap: only a plan made by Rules.Plan can be traced, with its report"))
			return
		}
		t := newTally(p.rules, p.calendar, p.Statement)
		for line, err := range src.Lines() {
			if err != nil {
				yield(Traced{}, err)
				return
			}
			text := line
			n, key, _ := t.key(&text)
			where := t.resolver.places[key.place]
			var to Ref
			known := false
			if n >= 0 && where.refuse == "" {
				to, known = p.places[spot{period: t.parts[n].period.Number, target: where.target, group: key.group}]
			}
			if !known {
				yield(Traced{}, fmt.Errorf("ledgermap: line %d is not in the plan of settlement %s: this is another report", line.Row, p.Statement.ID))
				return
			}
			if !yield(Traced{Line: line, To: to}, nil) {
				return
			}
		}
		statement, err := src.Statement()
		if err == nil && statement.Digest != p.Hashes.Report {
			err = fmt.Errorf("ledgermap: the report has digest %s, the plan is of %s", statement.Digest, p.Hashes.Report)
		}
		if err != nil {
			yield(Traced{}, err)
		}
	}
}

// Explain yields the report rows behind one ledger line, in the order of the file. A line that stands for rows has
// those. A counter line has the rows that it balances: a clearing, due or receivable line of a period part those of
// its document, a charge's bank leg the one row by which Amazon charged, and a payout, a carry or a failed transfer
// the whole settlement.
func (p *Plan) Explain(src settlement.Source, at Ref) iter.Seq2[settlement.Line, error] {
	return func(yield func(settlement.Line, error) bool) {
		behind, err := p.behind(at)
		if err != nil {
			yield(settlement.Line{}, err)
			return
		}
		for row, err := range p.Trace(src) {
			if err != nil {
				yield(settlement.Line{}, err)
				return
			}
			if behind(row) && !yield(row.Line, nil) {
				return
			}
		}
	}
}

// behind is the test for the rows behind a line.
func (p *Plan) behind(at Ref) (func(Traced) bool, error) {
	d, ok := p.Document(at.Ordinal)
	if !ok || at.Line < 1 || at.Line > len(d.spec.Lines) {
		return nil, fmt.Errorf("ledgermap: the plan of settlement %s has no line %d in a document %d", p.Statement.ID, at.Line, at.Ordinal)
	}
	switch n := at.Ordinal - FirstCharge; {
	case d.spec.Lines[at.Line-1].Rows > 0:
		return func(row Traced) bool { return row.To == at }, nil
	case at.Ordinal < TransferLeg:
		return func(row Traced) bool { return row.To.Ordinal == at.Ordinal }, nil
	case n >= 0:
		c := p.charges[n] // a V1 row may hold several amounts
		return func(row Traced) bool { return row.Line.Row == c.row && row.Line.Amount == c.amount }, nil
	}
	return func(Traced) bool { return true }, nil
}
