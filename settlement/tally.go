package settlement

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// KindTotal is what a report holds of one kind.
type KindTotal struct {
	Kind     Kind
	Category Category // "" for an unknown kind
	Rows     int
	Sum      Money
}

// Tally is a report by kind.
type Tally struct {
	Kinds     []KindTotal // by the words of the kind, decoded and sorted
	Statement Statement   // of a report that ties; else what it says of itself, as in SumError.Report
}

// TallyOf ranges over a source and adds it up by kind. If the source fails, the
// error is that of its Lines, and the tally holds what was read before: the
// whole report if the error is a *[SumError], to show where it went wrong. A
// report of more kinds than any has is a *[ParseError] with [CodeTooLarge].
func TallyOf(src Source) (Tally, error) {
	var t Tally
	totals := map[Kind]*KindTotal{}
	var recent [recentKinds]*KindTotal // most lines find their total here, without a hash of three words
	var failed error
	for line, err := range src.Lines() {
		if err != nil {
			failed = err
			break
		}
		slot := slot(line.Kind.TransactionType, line.Kind.AmountType, line.Kind.AmountDescription)
		k := recent[slot]
		if k == nil || k.Kind != line.Kind {
			if k = totals[line.Kind]; k == nil {
				if len(totals) == maxKinds {
					failed = &ParseError{Line: line.Row, Code: CodeTooLarge, Message: fmt.Sprintf("is of kind number %d; no report has so many", maxKinds+1)}
					break
				}
				k = &KindTotal{Kind: line.Kind, Category: line.Category}
				totals[line.Kind] = k
			}
			recent[slot] = k
		}
		k.Rows++
		if k.Sum, failed = k.Sum.Add(line.Amount); failed != nil {
			break
		}
	}
	if failed == nil {
		t.Statement, failed = src.Statement()
	} else if e, ok := errors.AsType[*SumError](failed); ok {
		t.Statement = e.Report
	}
	if err := t.list(totals); failed == nil {
		failed = err
	}
	return t, failed
}

// list sorts the totals by the words of their kind, decoded. A charset may have
// two forms of one word.
func (t *Tally) list(totals map[Kind]*KindTotal) error {
	texts := make(map[Kind]*KindTotal, len(totals))
	var failed error
	for raw, k := range totals {
		if k.Kind = t.Statement.decodeKind(raw); k.Kind != raw {
			k.Category, _ = k.Kind.Category()
		}
		if same := texts[k.Kind]; same != nil {
			sum, err := k.Sum.Add(same.Sum)
			failed = cmp.Or(failed, err)
			k.Sum, k.Rows = sum, k.Rows+same.Rows
		}
		texts[k.Kind] = k
	}
	for _, k := range texts {
		t.Kinds = append(t.Kinds, *k)
	}
	slices.SortFunc(t.Kinds, func(a, b KindTotal) int { return compareKinds(a.Kind, b.Kind) })
	return failed
}

// Unknown returns the totals of the kinds that the vocabulary does not know.
func (t Tally) Unknown() []KindTotal {
	var unknown []KindTotal
	for _, k := range t.Kinds {
		if k.Category == "" {
			unknown = append(unknown, k)
		}
	}
	return unknown
}

func compareKinds(a, b Kind) int {
	return cmp.Or(
		strings.Compare(a.TransactionType, b.TransactionType),
		strings.Compare(a.AmountType, b.AmountType),
		strings.Compare(a.AmountDescription, b.AmountDescription),
	)
}
