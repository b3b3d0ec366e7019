package round_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// hearing changes Amazon's answers on their way.
type hearing struct {
	http.RoundTripper
	change func(path, body string) string
}

func (h hearing) RoundTrip(q *http.Request) (*http.Response, error) {
	answer, err := h.RoundTripper.RoundTrip(q)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(answer.Body)
	if err = errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	text := h.change(q.URL.Path, string(body))
	answer.Body, answer.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
	answer.Header.Del("Content-Length")
	return answer, nil
}

func TestAForeignCurrencyIsRefusedUnlessTheRulesDeclareIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := spapitest.Account(settlementtest.Seller{Seed: 3, Count: 1, Rows: 40, Until: time.Now(), Marketplace: "A2EUQ1WTGCTBG2"})
		single := func(starter string) string {
			return strings.Replace(starter, "multi_currency: true", "multi_currency: false", 1)
		}
		w := newWorld(t, setup{account: account, rules: single})
		payouts, err := w.run(t)
		if err != nil {
			t.Fatal(err)
		}
		if refused, ok := errors.AsType[*ledgermap.RefusedError](payouts[0].Err); !ok || refused.Code != ledgermap.RefusedCurrency {
			t.Errorf("got %v, want a refusal for the currency", payouts[0].Err)
		}
		if len(w.tenant.Batches()) > 0 {
			t.Error("something was booked")
		}
	})
}

// The bank of this seller is an American one, and Amazon converts.
func TestR12_3_APayoutThatAmazonConvertsIsBookedAtWhatWentToTheBank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := spapitest.Account(settlementtest.Seller{Seed: 3, Count: 1, Rows: 40, Until: time.Now(), Marketplace: "A1PA6795UKMFR9"})
		total := settlementtest.Decimal(account.Settlements[0].Total, "EUR")
		converting := func(starter string) string {
			starter = strings.Replace(starter, "multi_currency: true", "multi_currency: false", 1)
			return strings.Replace(starter, "\nrules:\n", `
exchange: {account: "801.00"}
rates:
  - {currency: EUR, rate: "1.10", date: 1999-12-01, until: 2000-02-01, source: a bank}
rules:
`, 1)
		}
		dollars := func(path, body string) string {
			if strings.HasSuffix(path, "/payouts") {
				return strings.NewReplacer(`"EUR"`, `"USD"`, `"currencyAmount":`+total, `"currencyAmount":123.45`).Replace(body)
			}
			return body
		}
		w := newWorld(t, setup{account: account, region: spapi.Europe, rules: converting, hears: dollars})
		time.Sleep(5 * 24 * time.Hour)
		payouts, err := w.run(t)
		if err != nil || payouts[0].Err != nil {
			t.Fatal(err, payouts[0].Err)
		}
		sums := map[string]int64{} // by account, in cents, of both documents together
		for _, b := range w.tenant.Batches() {
			for _, l := range b.Entries[0].Lines {
				amount, err := settlement.ParseAmount(l.Amount, "USD")
				if err != nil {
					t.Fatal(err)
				}
				sums[l.Account] += amount.Minor()
				if l.Auto {
					sums["bank"] += amount.Minor()
				}
			}
		}
		if sums["bank"] != 123_45 || sums["115.00"] != 0 || len(named(payouts[0], ledgermap.FindingExchange)) != 1 {
			t.Errorf("in cents, the bank has %d and the clearing account %d; findings %q", sums["bank"], sums["115.00"], payouts[0].Findings)
		}
	})
}
