package vantagepoint

import (
	"context"
	"errors"
	"fmt"
	"strconv"
)

// look finds the document by its batch: among the transaction files, and then in the posted ledger.
func (t *Transactions[C, M, D]) look(ctx context.Context, d *Document[C, M, D]) (Document[C, M, D], error) {
	v := t.kind.view(d)
	stored, err := t.Read(ctx, *v.batch)
	if !errors.Is(err, ErrNotFound) {
		return stored, err
	}
	config := t.client.config
	if config.PostedBatchesStay && config.Style == Files {
		return stored, err
	}
	found, ledgerErr := t.posted(ctx, v)
	if ledgerErr != nil {
		return stored, ledgerErr
	}
	if !found {
		return stored, err
	}
	stored = *d.clone()
	stored.Posted, stored.Copies = true, 1
	return stored, nil
}

// posted looks for the document in the posted ledger. Rows with its batch but other lines are a conflict. Rows without
// a batch, as old versions answer them, count only if reference, date and every line agree: references are not unique.
func (t *Transactions[C, M, D]) posted(ctx context.Context, v view) (bool, error) {
	var byBatch, byRef []LedgerRow
	q := Query{Filter: Filter{{Name: "Period", Value: v.period.String(), Type: "int"}}}
	for row, err := range t.client.Ledger.Rows(ctx, t.kind.transType(), q) {
		if err != nil {
			return false, err
		}
		if row.AutoEntry || row.SkipGL || row.SubType == "T" {
			continue // the ledger's own offsets, and tax
		}
		switch {
		case row.Batch != "" && sameKey(row.Batch, *v.batch):
			byBatch = append(byBatch, row)
		case row.Batch == "" && v.hasRef(row.ref(t.kind.prefix), row.TransDate):
			byRef = append(byRef, row)
		}
	}
	if len(byBatch) > 0 {
		if differences := v.compareLedger(byBatch, t.kind.ledgerSign); len(differences) > 0 {
			return false, conflict(t.op("look"), "the posted ledger holds this batch with other lines", differences)
		}
		return true, nil
	}
	return len(byRef) > 0 && len(v.compareLedger(byRef, t.kind.ledgerSign)) == 0, nil
}

func (v view) hasRef(ref string, date Date) bool {
	for _, e := range v.entries {
		if *e.ref != "" && sameKey(*e.ref, ref) && *e.date == date {
			return true
		}
	}
	return false
}

// settled compares what is stored with what was sent, and checks that the totals tie.
func (t *Transactions[C, M, D]) settled(op string, sent *Document[C, M, D], stored Document[C, M, D], outcome Outcome) (Document[C, M, D], Outcome, error) {
	var differences []Difference
	if stored.Copies > 1 {
		differences = append(differences, Difference{"copies of the batch", "1", strconv.Itoa(stored.Copies)})
	}
	if !stored.Posted { // else it was compared in the ledger
		differences = append(differences, t.kind.view(sent).compare(t.kind.view(&stored))...)
	}
	if len(differences) > 0 {
		what := "a batch of this name is there with other content"
		if outcome == Created {
			what = "the batch was created, but is stored differently"
		}
		return stored, "", conflict(op, what, differences)
	}
	return stored, outcome, nil
}

func conflict(op, what string, differences []Difference) error {
	return &Error{
		Op: op, Class: ClassConflict, Messages: []string{what}, Differences: differences,
		Hint: "nothing was overwritten: find out which is right; a correction is a new document under another batch name",
	}
}

// compare lists how a stored document differs from the one that was sent, in what matters for the books. The server may
// pad references, replace currencies and diaries, and cut descriptions; none of that is a difference.
func (v view) compare(stored view) []Difference {
	var differences []Difference
	differ := func(where, sent, got string) { differences = append(differences, Difference{where, sent, got}) }
	if *stored.period != 0 && *stored.period != *v.period {
		differ("period", v.period.String(), stored.period.String())
	}
	if *stored.company != "" && *v.company != "" && !sameKey(*stored.company, *v.company) {
		differ("company", *v.company, *stored.company)
	}
	hasControl := *stored.period != 0 // without files there may be no control row
	for i, total := range v.totals {
		other := stored.totals[i]
		if !total.want.Equal(other.want) {
			differ("sum of the lines, "+total.name, total.want.String(), other.want.String())
		}
		if !hasControl {
			continue
		}
		if !total.declared.Equal(*other.declared) {
			differ("control total, "+total.name, total.declared.String(), other.declared.String())
		}
		if !other.diff.IsZero() {
			differ("difference between control total and sum, "+total.name, "0", other.diff.String())
		}
	}
	if len(v.entries) != len(stored.entries) {
		differ("number of entries", strconv.Itoa(len(v.entries)), strconv.Itoa(len(stored.entries)))
	} else {
		for i, e := range v.entries {
			where := fmt.Sprintf("entry %d ", i+1)
			other := stored.entries[i]
			// A bank with automatic numbering gives its own number.
			if *e.ref != "" && *e.ref != "[AUTONUMBER]" && !sameKey(*e.ref, *other.ref) {
				differ(where+"reference", *e.ref, *other.ref)
			}
			if *e.date != *other.date {
				differ(where+"date", e.date.String(), other.date.String())
			}
		}
	}
	if len(v.lines) != len(stored.lines) {
		differ("number of lines", strconv.Itoa(len(v.lines)), strconv.Itoa(len(stored.lines)))
		return differences
	}
	byPKey := map[string]line{}
	for _, l := range stored.lines {
		byPKey[*l.pkey] = l
	}
	for i, l := range v.lines {
		other, ok := byPKey[*l.pkey]
		if !ok {
			other = stored.lines[i] // the server may give keys of its own; Seq orders both
		}
		where := fmt.Sprintf("line %d ", i+1)
		if !sameKey(*l.account, *other.account) {
			differ(where+"account", *l.account, *other.account)
		}
		for level := range l.wbs {
			if !sameKey(*l.wbs[level], *other.wbs[level]) {
				differ(fmt.Sprintf("%sWBS%d", where, level+1), *l.wbs[level], *other.wbs[level])
			}
		}
		if !l.signed().Equal(other.signed()) {
			differ(where+"amount", l.signed().String(), other.signed().String())
		}
	}
	return differences
}

// compareLedger compares lines with posted rows, in whatever order those come. Posting may merge or split lines, so
// what is compared are the sums by account and project.
func (v view) compareLedger(rows []LedgerRow, sign int) []Difference {
	type place struct{ account, wbs1, wbs2, wbs3 string }
	sums := map[place][2]Amount{}
	var order []place
	add := func(p place, side int, amount Amount) {
		sum, known := sums[p]
		if !known {
			order = append(order, p)
		}
		sum[side] = sum[side].Add(amount)
		sums[p] = sum
	}
	for _, l := range v.lines {
		amount := l.signed()
		if l.net != nil {
			amount = *l.net // the tax is posted apart
		}
		if sign < 0 {
			amount = amount.Neg()
		}
		add(place{bareKey(*l.account), bareKey(*l.wbs[0]), bareKey(*l.wbs[1]), bareKey(*l.wbs[2])}, 0, amount)
	}
	for _, row := range rows {
		add(place{bareKey(row.Account), bareKey(row.WBS1), bareKey(row.WBS2), bareKey(row.WBS3)}, 1, row.entered())
	}
	var differences []Difference
	for _, p := range order {
		if sum := sums[p]; !sum[0].Equal(sum[1]) {
			differences = append(differences, Difference{"posted sum of account " + p.account + " " + p.wbs1, sum[0].String(), sum[1].String()})
		}
	}
	return differences
}
