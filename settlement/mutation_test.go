package settlement_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// mutable returns whole flat reports: ours and, if they are here, real ones.
func mutable(t *testing.T) map[string]string {
	t.Helper()
	files, _ := filepath.Glob("testdata/quirk-*.txt")
	forms, _ := filepath.Glob("testdata/form-[ghp]*.txt") // without that which only a file's two readings decide
	files = append(files, forms...)
	if dir := filepath.Join("..", "..", "shared", "corpus"); !testing.Short() {
		original, _ := filepath.Glob(filepath.Join(dir, "v[12]", "ca-2025-500[13]*.txt"))
		files = append(append(files, original...), filepath.Join(dir, "v2", "de-2018-7293436482.txt"))
	}
	reports := map[string]string{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			continue // the corpus is not here
		}
		if _, _, err := read(string(data), settlement.Options{}); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		reports[filepath.Base(file)] = string(data)
	}
	return reports
}

func TestR2_4_NoRowCanBeLostDoubledOrChanged(t *testing.T) {
	mutants := 0
	for name, report := range mutable(t) {
		lines, statement, err := read(report, settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		rows := map[int][]settlement.Line{}
		for _, l := range lines {
			rows[l.Row] = append(rows[l.Row], l)
		}
		for row, of := range rows {
			var sum settlement.Money
			for _, l := range of {
				if sum, err = sum.Add(l.Amount); err != nil {
					t.Fatal(err)
				}
			}
			start := of[0].Offset
			end := start + int64(strings.IndexByte(report[start:], '\n')) + 1
			without := report[:start] + report[end:]
			doubled := report[:end] + report[start:]
			changed := report[:start] + mutateAmount(t, report[start:end]) + report[end:]
			for what, mutant := range map[string]string{"lost": without, "doubled": doubled, "changed": changed} {
				if sum.IsZero() && what != "changed" {
					continue // of no consequence for the sum; the digest still tells
				}
				mutants++
				_, _, err := read(mutant, settlement.Options{})
				e, ok := errors.AsType[*settlement.SumError](err)
				if !ok {
					t.Errorf("%s: row %d %s: %v", name, row, what, err)
				} else if e.Total != statement.Total || e.Sum == e.Total {
					t.Errorf("%s: row %d %s: %v", name, row, what, err)
				}
			}
		}
	}
	if mutants < 100 {
		t.Errorf("only %d mutants", mutants)
	}
	t.Logf("%d mutants, all refused with both figures", mutants)
}

// mutateAmount adds a unit to the last digit of the last amount of a row: the
// last field that looks like one.
func mutateAmount(t *testing.T, row string) string {
	t.Helper()
	fields := strings.Split(row, "\t")
	for i := len(fields) - 1; i >= 0; i-- {
		text := strings.TrimRight(fields[i], " )\r\n")
		dot := strings.LastIndexAny(text, ".,")
		isYen := strings.Contains(row, "Amazon.co.jp") && text == "1200"
		plain := i == 14 && text != "" && strings.Trim(text, "-+(0123456789.,") == "" // amount of V2 without decimals
		if !(dot == len(text)-3 && dot > 0 && strings.Trim(text, "-+()0123456789.,") == "") && !isYen && !plain {
			continue
		}
		b := []byte(fields[i])
		j := len(text) - 1
		b[j] = '0' + (b[j]-'0'+1)%10
		fields[i] = string(b)
		return strings.Join(fields, "\t")
	}
	t.Fatalf("no amount in %q", row)
	return ""
}

func TestEveryChangedByteChangesTheDigestOrIsRefused(t *testing.T) {
	data, err := os.ReadFile("testdata/quirk-19-quantity-on-every-row.txt")
	if err != nil {
		t.Fatal(err)
	}
	_, whole, err := read(string(data), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	read1 := 0
	for i := range data {
		mutant := bytes.Clone(data)
		mutant[i] ^= 1
		_, s, err := read(string(mutant), settlement.Options{})
		switch {
		case err != nil:
		case s.Digest == whole.Digest:
			t.Fatalf("byte %d changed without a trace", i)
		case s.Sum != s.Total:
			t.Fatalf("byte %d: %s is not %s", i, s.Sum, s.Total)
		default:
			read1++
		}
	}
	if read1 == 0 {
		t.Error("no change of a byte was readable: the test proves nothing")
	}
}

// FuzzReader holds the reader to its word on any bytes: no panic, and whatever it
// accepts adds up, line by line, to its total.
func FuzzReader(f *testing.F) {
	for _, file := range reports(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "")
	}
	f.Add([]byte(v2("USD", "1.00", "1.00")), "text/plain; charset=Cp1252")
	f.Add([]byte("<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"bb\"><!ENTITY c \"&b;&b;\">]><AmazonEnvelope>&c;</AmazonEnvelope>"), "")
	f.Add([]byte(strings.Repeat("<AmazonEnvelope>", 1000)), "")
	f.Fuzz(func(t *testing.T, data []byte, contentType string) {
		r := settlement.NewReader(bytes.NewReader(data), settlement.Options{ContentType: contentType, MaxBytes: 1 << 20})
		var sum settlement.Money
		var failed error
		rows := 0
		for line, err := range r.Lines() {
			if failed != nil {
				t.Fatal("a line behind the error")
			}
			if failed = err; err != nil {
				continue
			}
			rows++
			if line.Posted.IsZero() || line.Row < 1 || line.Offset < 0 || line.Offset+line.Length > int64(2*len(data)) {
				t.Fatalf("%+v", line)
			}
			if sum, err = sum.Add(line.Amount); err != nil {
				t.Fatal(err)
			}
		}
		s, err := r.Statement()
		if fmt.Sprint(err) != fmt.Sprint(failed) {
			t.Fatalf("Lines: %v, Statement: %v", failed, err)
		}
		if err != nil {
			if settlement.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if s.Sum != s.Total || sum.Minor() != s.Total.Minor() || s.Rows != rows || s.Digest != digest(string(data)) {
			t.Fatalf("%+v, lines %s", s, sum)
		}
	})
}

// cells returns what stands in some columns of the small reports.
func cells(f *testing.F, columns ...string) map[string]bool {
	f.Helper()
	found := map[string]bool{}
	for _, file := range reports(f) {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		rows := strings.Split(strings.ReplaceAll(string(data), "\r", ""), "\n")
		for i, name := range strings.Split(strings.TrimPrefix(rows[0], "\ufeff"), "\t") {
			for _, row := range rows[1:] {
				if fields := strings.Split(row, "\t"); slices.Contains(columns, name) && i < len(fields) {
					found[fields[i]] = true
				}
			}
		}
	}
	if len(found) < 5 {
		f.Fatalf("only %d cells in %q", len(found), columns)
	}
	return found
}

// FuzzNumber reads any text as an amount in a report of each decimal mark, and
// checks that it is read as one amount or refused.
func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"1", "-1.00", "1,234", "1.234,56", "(3)", "+5", "1e9", " 7 ", "", "0,000", "92233720368547758,07", "٣"} {
		f.Add(seed)
	}
	for cell := range cells(f, "amount", "total-amount", "price-amount", "item-related-fee-amount", "other-amount") {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		if strings.ContainsAny(cell, "\t\n\r") {
			return
		}
		for _, total := range []string{"0.25", "0,25"} {
			lines, _, err := read(v2("USD", total, cell), settlement.Options{})
			for _, l := range lines {
				kept := func(r rune) rune {
					if r >= '0' && r <= '9' {
						return r
					}
					return -1
				}
				was, is := strings.TrimLeft(strings.Map(kept, cell), "0"), strings.TrimLeft(strings.Map(kept, l.Amount.String()), "0")
				if strings.TrimRight(was, "0") != strings.TrimRight(is, "0") {
					t.Fatalf("%q was read as %s (%v)", cell, l.Amount, err)
				}
			}
		}
	})
}

// FuzzDate reads any text as a posting time.
func FuzzDate(f *testing.F) {
	for _, seed := range []string{"2026-03-14 08:49:04 UTC", "14.03.2026 08:49:04 UTC", "2026/03/14", "14/03/26", "2026-03-14T08:49:04.5+05:30", "29.02.2100", "31/12/1999 23:59:59 IST", "292277026596-12-04"} {
		f.Add(seed)
	}
	for cell := range cells(f, "settlement-start-date", "deposit-date", "posted-date", "posted-date-time") {
		f.Add(cell)
	}
	f.Fuzz(func(t *testing.T, cell string) {
		if strings.ContainsAny(cell, "\t\n\r") {
			return
		}
		lines, _, err := read(strings.ReplaceAll(strings.ReplaceAll(v2("USD", "1.00", "1.00"), "2026-03-14 08:49:04 UTC", ""), "\t2026-03-14\t", "\t"+cell+"\t"), settlement.Options{})
		if err == nil && (lines[0].Posted.Year() < 1989 || lines[0].Posted.Year() > 10000) {
			t.Fatalf("%q is %s", cell, lines[0].Posted)
		}
	})
}

// FuzzCharset checks that no text is replaced in silence: what Text returns is
// the raw text or a decoding of it without replacement characters.
func FuzzCharset(f *testing.F) {
	f.Add([]byte("Gr\xf6\xdfe"), "")
	f.Add([]byte("\x95\x5c\x8e\x86"), "text/plain; charset=windows-31j")
	f.Add([]byte("\xff\xfe\x81"), "text/plain; charset=utf-8")
	for cell := range cells(f, "sku", "promotion-id", "amount-description") {
		f.Add([]byte(cell), "")
	}
	f.Fuzz(func(t *testing.T, sku []byte, contentType string) {
		if bytes.ContainsAny(sku, "\t\n\r") {
			return
		}
		report := strings.ReplaceAll(v2("USD", "1.00", "1.00"), "SKU-1", string(sku))
		lines, s, err := read(report, settlement.Options{ContentType: contentType})
		if err != nil {
			return
		}
		if lines[0].SKU != string(sku) {
			t.Fatalf("raw bytes changed: %q", lines[0].SKU)
		}
		if text, err := s.Text(lines[0].SKU); err == nil && strings.ContainsRune(text, '\uFFFD') && !bytes.Contains(sku, []byte("\uFFFD")) {
			t.Fatalf("replaced in silence: %q", text)
		}
	})
}
