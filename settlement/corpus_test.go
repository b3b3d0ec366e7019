package settlement_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// corpus returns the folder of real reports, or skips: they are not part of the
// repository.
func corpus(t testing.TB) string {
	t.Helper()
	dir := filepath.Join("..", "..", "shared", "corpus")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("the corpus of real reports is not here: %v", err)
	}
	return dir
}

type corpusTotal struct {
	ID       string            `json:"settlement_id"`
	Currency string            `json:"currency"`
	Total    string            `json:"total"`
	Rows     int               `json:"rows"`
	Start    string            `json:"start"`
	End      string            `json:"end"`
	ByKey    map[string]string `json:"by_key"`
}

func TestEveryReportOfTheCorpusTiesOrIsRefusedAsAnExcerpt(t *testing.T) {
	dir := corpus(t)
	data, err := os.ReadFile(filepath.Join(dir, "totals.json"))
	if err != nil {
		t.Fatal(err)
	}
	var totals map[string]corpusTotal
	if err := json.Unmarshal(data, &totals); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "v[12]", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		name, _ := filepath.Rel(dir, file)
		t.Run(name, func(t *testing.T) {
			f, err := settlement.Open(file, settlement.Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			tally, err := settlement.TallyOf(f)
			want, listed := totals[filepath.ToSlash(name)]
			if strings.Contains(name, "excerpt") {
				e, ok := errors.AsType[*settlement.SumError](err)
				if !ok || e.Total == e.Sum || e.Total.IsZero() {
					t.Fatalf("an excerpt was not refused with both figures: %v", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			s := tally.Statement
			if s.Sum != s.Total || s.Rows == 0 || len(s.Digest) != 64 {
				t.Errorf("statement %+v", s)
			}
			for _, k := range tally.Unknown() {
				t.Errorf("unknown kind %s", k.Kind)
			}
			if !listed {
				return
			}
			got := corpusTotal{ID: s.ID, Currency: s.Currency.String(), Total: s.Total.String()}
			if want.ByKey != nil {
				const layout = "2006-01-02 15:04:05 UTC"
				got.Rows, got.Start, got.End = s.Rows, s.Start.Format(layout), s.End.Format(layout)
				got.ByKey = map[string]string{}
				for key, sum := range want.ByKey { // some are written with fewer decimals
					want.ByKey[key] = money(t, sum, want.Currency).String()
				}
				for _, k := range tally.Kinds {
					got.ByKey[strings.ReplaceAll(k.Kind.String(), "/", "|")] = k.Sum.String()
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// V1 reports of the corpus have V2 counterparts that were derived from them by
// hand: both must say the same, apart from the tax of advertising, which V2 has
// within the amount.
func TestV1AndV2OfOneSettlementAgree(t *testing.T) {
	dir := corpus(t)
	files, _ := filepath.Glob(filepath.Join(dir, "v2", "*-from-v1.txt"))
	if len(files) == 0 {
		t.Fatal("no files")
	}
	sums := func(name string) map[settlement.Category]settlement.Money {
		f, err := settlement.Open(name, settlement.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		tally, err := settlement.TallyOf(f)
		if err != nil {
			t.Fatal(err)
		}
		sums := map[settlement.Category]settlement.Money{}
		for _, k := range tally.Kinds {
			if k.Kind.AmountType == "Cost of Advertising" {
				k.Category = settlement.CategoryAdvertising
			}
			sum, err := sums[k.Category].Add(k.Sum)
			if err != nil {
				t.Fatal(err)
			}
			if !k.Sum.IsZero() {
				sums[k.Category] = sum
			}
		}
		return sums
	}
	for _, v2 := range files {
		v1 := filepath.Join(dir, "v1", strings.TrimSuffix(filepath.Base(v2), "-from-v1.txt")+".txt")
		if diff := cmp.Diff(sums(v2), sums(v1)); diff != "" {
			t.Errorf("%s: %s", filepath.Base(v2), diff)
		}
	}
}

func TestAnotherReportIsNotASettlement(t *testing.T) {
	f, err := settlement.Open(filepath.Join(corpus(t), "other", "us-2026-daterange-report-redacted.csv"), settlement.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := settlement.TallyOf(f); settlement.CodeOf(err) != settlement.CodeNotASettlement {
		t.Error(err)
	}
}
