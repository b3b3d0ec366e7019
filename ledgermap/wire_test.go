package ledgermap_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// A document or calendar that was kept and changed is refused when it is read, at whatever place.
func TestWhatWasKeptIsCheckedWhenItIsReadBack(t *testing.T) {
	s := august(row{kind: sold, amount: "10.00", posted: noon("2025-08-02")})
	s.currency = "CAD"
	d := plan(t, converting(t, "0.7000"), s.source(t), ledgermap.Input{}).Documents[0]
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	for what, pair := range map[string][2]string{
		"no JSON":           {`{`, `[`},
		"currency":          {`"currency":"USD"`, `"currency":"US"`},
		"converted from":    {`"from":"CAD"`, `"from":"C"`},
		"converted to":      {`"to":"USD"`, `"to":"U"`},
		"debit":             {`"debit":"7.00"`, `"debit":"7,00"`},
		"credit":            {`"credit":"7.00"`, `"credit":"7.0.0"`},
		"original":          {`"original":"10.00"`, `"original":"ten"`},
		"balance":           {`"debit":"7.00"`, `"debit":"7.01"`},
		"kind":              {`"kind":"journal"`, `"kind":"note"`},
		"date":              {`"date":"2025-08-02"`, `"date":"2025-08-32"`},
		"digest":            {`"digest":"` + d.Digest(), `"digest":"0` + d.Digest()[1:]},
		"something unknown": {`"period":202508`, `"period":20250`},
	} {
		changed := strings.Replace(string(text), pair[0], pair[1], 1)
		if changed == string(text) {
			t.Errorf("%s: %s is not in %s", what, pair[0], text)
			continue
		}
		var got ledgermap.Document
		if err := json.Unmarshal([]byte(changed), &got); err == nil {
			t.Errorf("%s: read as document %d, digest %s", what, got.Ordinal(), got.Digest())
		}
	}
	for what, text := range map[string]string{
		"no JSON": `{`, "no list": `{"periods":7}`, "no period": `{"periods":[{"period":7,"start":"2025-07-01","end":"2025-07-31"}]}`,
		"ends before it begins": `{"periods":[{"period":202507,"start":"2025-07-31","end":"2025-07-01"}]}`,
		"twice":                 `{"periods":[{"period":202507,"start":"2025-07-01","end":"2025-07-31"},{"period":202507,"start":"2025-08-01","end":"2025-08-31"}]}`,
		"two for one day":       `{"periods":[{"period":202507,"start":"2025-07-01","end":"2025-07-31"},{"period":202508,"start":"2025-07-31","end":"2025-08-31"}]}`,
		"no date":               `{"periods":[{"period":202507,"start":"July","end":"2025-07-31"}]}`,
	} {
		var c ledgermap.Calendar
		if err := json.Unmarshal([]byte(text), &c); err == nil {
			t.Errorf("calendar, %s: read as %v", what, c.Periods())
		}
	}
}

func TestNoDateIsReadAsNone(t *testing.T) {
	d := date(t, "2025-08-02")
	if err := d.UnmarshalText(nil); err != nil || !d.IsZero() {
		t.Errorf("%s, %v", d, err)
	}
}

// full is a writer whose disk is full after so many bytes.
type full struct{ left int }

var errFull = errors.New("disk full")

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestAnExportThatCannotBeWrittenSaysSo(t *testing.T) {
	docs := plan(t, rules(t), typical().source(t), ledgermap.Input{}).Documents
	many := make([]ledgermap.Document, 0, 200)
	for range 100 {
		many = append(many, docs[:2]...)
	}
	name := func(d ledgermap.Document) string { return d.Part() }
	for _, left := range []int{0, 5000, 9000} {
		if err := ledgermap.WriteHledger(&full{left}, many, name); !errors.Is(err, errFull) {
			t.Errorf("hledger after %d bytes: %v", left, err)
		}
		if _, err := ledgermap.WriteJournalCSV(&full{left}, many, name); !errors.Is(err, errFull) {
			t.Errorf("CSV after %d bytes: %v", left, err)
		}
	}
	if err := ledgermap.WriteHledger(io.Discard, many, name); err != nil {
		t.Error(err)
	}
}

// A report that breaks off, or is not one that was read from a file of Amazon's, is explained to nobody.
func TestTraceAndTaxEndWithTheReportsOwnError(t *testing.T) {
	p := plan(t, rules(t), typical().source(t), ledgermap.Input{})
	torn := func() settlement.Source {
		return settlement.NewReader(strings.NewReader(strings.Replace(typical().text(t), "\t43.50\t", "\t43.51\t", 1)), settlement.Options{})
	}
	last := func(src settlement.Source) (err error) {
		for _, e := range p.Trace(src) {
			err = e
		}
		return err
	}
	if err := last(torn()); err == nil {
		t.Error("a report that does not tie was traced")
	}
	if err := last(nil); err == nil {
		t.Error("nothing was traced")
	}
	if _, err := ledgermap.TaxByOrder(torn()); settlement.CodeOf(err) != settlement.CodeSumMismatch {
		t.Errorf("tax of a report that does not tie: %v", err)
	}
	if _, err := ledgermap.TaxByOrder(nil); err == nil {
		t.Error("tax of nothing")
	}
	if _, err := rules(t).Plan(nil, ledgermap.Input{}); err == nil {
		t.Error("nothing was planned")
	}
	for _, err := range p.Trace(typical().source(t)) {
		if err != nil {
			t.Error(err)
		}
		break // a caller may stop
	}
	for _, err := range p.Explain(typical().source(t), ledgermap.Ref{Ordinal: 1, Line: 1}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	for _, err := range p.Explain(torn(), ledgermap.Ref{Ordinal: 1, Line: 1}) {
		if err == nil {
			continue
		}
		return
	}
	t.Error("a line was explained by a report that does not tie")
}
