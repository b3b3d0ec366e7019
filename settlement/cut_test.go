package settlement_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Every tab of a row is there, or it was cut: only where other rows lack theirs too does the last one prove nothing.
func TestAFileThatEndsInTheMiddleOfItsLastRowIsTruncated(t *testing.T) {
	whole := strings.Replace(strings.TrimSuffix(v2("USD", "3.00", "1.00", "2.00"), "\n"), "SKU-1\t1\t", "M\u00fcller\t1\t", 2)
	last := strings.LastIndexByte(whole, '\n') + 1
	for cut := last + 1; cut < len(whole); cut++ {
		_, _, err := read(whole[:cut], settlement.Options{})
		if e, ok := errors.AsType[*settlement.ParseError](err); !ok || e.Code != settlement.CodeTruncated || e.Line != 4 {
			t.Fatalf("...%q: %v", whole[max(last, cut-20):cut], err)
		}
	}
	for name, report := range map[string]string{
		"no line end":                         whole,
		"no line end, and no tabs at the end": regexp.MustCompile(`(?m)\t+$`).ReplaceAllString(whole, ""),
		"a line end behind a short row":       whole[:len(whole)-1] + "\n",
	} {
		if lines, _, err := read(report, settlement.Options{}); err != nil || len(lines) != 2 {
			t.Errorf("%s: %d lines, %v", name, len(lines), err)
		}
	}
	header, _, _ := strings.Cut(v2Header, "\tamount-type")
	if _, _, err := read(header, settlement.Options{}); settlement.CodeOf(err) != settlement.CodeTruncated {
		t.Errorf("cut in the header: %v", err)
	}
}

func TestAFileWithTheLineEndsOfAnOldMacintoshIsNamedAsSuch(t *testing.T) {
	for _, report := range []string{v2("USD", "1.00", "1.00"), big(20000)} {
		_, _, err := read(strings.ReplaceAll(report, "\n", "\r"), settlement.Options{})
		if settlement.CodeOf(err) != settlement.CodeNotASettlement || !strings.Contains(err.Error(), "carriage return") {
			t.Error(err)
		}
	}
	if _, _, err := read(strings.ReplaceAll(v2("USD", "1.00", "1.00"), "\n", "\r\r\n"), settlement.Options{}); err != nil {
		t.Error(err)
	}
}
