package vantagepointtest_test

import (
	"encoding/json"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

func TestAmountsAreExactDecimals(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{})
	const big = "9999999999999.99"
	c.want(201, "POST", "DataEntry/jeControl", journal("big", "1", big, big))
	c.want(201, "POST", "DataEntry/jeControl", journal("cents", "1", "0.10", "0.1"))
	c.want(201, "POST", "DataEntry/jeControl", journal("cents2", "1", "0.2", "0.20"))
	want := []vantagepointtest.Balance{
		{Account: "115.00", Name: "Amazon clearing", Currency: "USD", Amount: "10000000000000.29", Posted: "0.00"},
		{Account: "401.00", Name: "Product sales", Currency: "USD", Amount: "-10000000000000.29", Posted: "0.00"},
	}
	if diff := cmp.Diff(want, tenant.TrialBalance()); diff != "" {
		t.Error(diff)
	}
	if r := c.want(200, "GET", "DataEntry/jeControl/big", ""); !strings.Contains(r.Body, `"SumDebitsTotal":`+big) {
		t.Error(r.Body)
	}
	for amount, text := range map[string]string{
		"10000000000000": "Arithmetic overflow error converting numeric to data type numeric.",
		"1e2":            "Error converting value for column Total of table jeControl.",
		`"100.00"`:       "Error converting value for column Total of table jeControl.",
		"true":           "Error converting value for column Total of table jeControl.",
	} {
		doc := journal("bad", "1", "1", "1", `"Total": 1`, `"Total": `+amount)
		if got := c.want(400, "POST", "DataEntry/jeControl", doc).message(t); got != text {
			t.Errorf("%s: %q", amount, got)
		}
	}
}

func TestAmountsKeepFourDecimalsAndMayBeNegative(t *testing.T) {
	tenant, c := start(t, vantagepointtest.Options{})
	for sent, stored := range map[string]string{
		"1.23454": "1.2345", "1.23455": "1.2346", "-1.23455": "-1.2346", "0.00005": "0.0001", "-0.00004": "0.00", "12.3000": "12.30",
	} {
		batch := "b" + sent
		c.want(201, "POST", "DataEntry/jeControl", journal(batch, "1", sent, sent))
		entries := tenant.Journal()
		if got := entries[len(entries)-1].Lines[0].Amount; got != stored {
			t.Errorf("%s is stored as %s, want %s", sent, got, stored)
		}
	}
}

// TestSumsAreExact compares the sums of long batches with those of math/big.
func TestSumsAreExact(t *testing.T) {
	_, c := start(t, vantagepointtest.Options{})
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 20 {
		batch, sum := fmt.Sprintf("cr-%d", n), new(big.Rat)
		var details []string
		for i := range 300 {
			amount := fmt.Sprintf("%d.%04d", random.Int64N(1_000_000_000), random.IntN(10_000))
			if random.IntN(2) == 0 {
				amount = "-" + amount
			}
			r, _ := new(big.Rat).SetString(amount)
			sum.Add(sum, r)
			details = append(details, fmt.Sprintf(`{"Batch":%q,"RefNo":"1","PKey":"%s-%d","Account":"115.00","Amount":%s}`, batch, batch, i, amount))
		}
		doc := receipt(batch, "1", "0", `"crDetail": [`, `"crDetail": [`+strings.Join(details, ",")+",")
		got := c.want(201, "POST", "DataEntry/crControl", doc).rows(t)[0]["SumTotal"].(json.Number).String()
		if r, ok := new(big.Rat).SetString(got); !ok || r.Cmp(sum) != 0 {
			t.Errorf("batch %d sums to %s, want %s", n, got, sum.FloatString(4))
		}
	}
}

func TestNumbersComeInThreeForms(t *testing.T) {
	for form, want := range map[vantagepointtest.NumberForm]string{
		vantagepointtest.NumbersShort: `"Total":100,"CreditsTotal":100,"SumDebitsTotal":100,`,
		vantagepointtest.NumbersPoint: `"Total":100.0,"CreditsTotal":100.0,"SumDebitsTotal":100.0,`,
		vantagepointtest.NumbersText:  `"Total":"100.00","CreditsTotal":"100.00","SumDebitsTotal":"100.00",`,
	} {
		_, c := start(t, vantagepointtest.Options{Quirks: vantagepointtest.Quirks{Numbers: form}})
		r := c.want(201, "POST", "DataEntry/jeControl", journal("je-1", "1", "100", "100"))
		if !strings.Contains(r.Body, want) {
			t.Errorf("form %d: %s does not hold %s", form, r.Body, want)
		}
	}
}
