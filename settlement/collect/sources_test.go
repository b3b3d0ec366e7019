package collect_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// transfers runs a round and returns what is known of each settlement's transfer, oldest first.
func transfers(t *testing.T, account spapitest.SellerAccount) ([]collect.Transfer, *collect.Sources) {
	t.Helper()
	w := newWorld(t, account)
	if _, errs := w.round(t); len(errs) > 0 {
		t.Fatal(errs)
	}
	settlements := settlements(t, w.archive, w.seller)
	sources, err := w.Sources(t.Context(), settlements[0].Start)
	if err != nil {
		t.Fatal(err)
	}
	var all []collect.Transfer
	for _, s := range settlements {
		f, err := w.archive.Open(t.Context(), s.Entry)
		if err != nil {
			t.Fatal(err)
		}
		tally, err := settlement.TallyOf(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		transfer := sources.Transfer(tally.Statement)
		if later := kept(t, sources.For(tally.Statement)); later.Transfer(tally.Statement) != transfer || !slices.Equal(later.Findings(), sources.Findings()) {
			t.Errorf("settlement %s: what was kept says %+v, and the round said %+v", s.SettlementID, later.Transfer(tally.Statement), transfer)
		}
		all = append(all, transfer)
	}
	return all, sources
}

// kept writes sources as JSON and reads them again.
func kept(t *testing.T, s *collect.Sources) *collect.Sources {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	var read collect.Sources
	if err := json.Unmarshal(text, &read); err != nil {
		t.Fatal(err)
	}
	return &read
}

func outcomes(o ...settlementtest.Outcome) spapitest.SellerAccount {
	return spapitest.Account(settlementtest.Seller{Seed: 7, Count: len(o), Rows: 40, Until: time.Now(), Outcomes: o})
}

func TestTransfersComeFromListPayouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got, _ := transfers(t, outcomes(settlementtest.Paid, settlementtest.Failed, settlementtest.Negative, settlementtest.Paid))
		want := []string{collect.TransferPaid, collect.TransferFailed, "", collect.TransferPending}
		for i, status := range want {
			if got[i].Status != status {
				t.Errorf("settlement %d: status %q, want %q", i, got[i].Status, status)
			}
		}
		if got[0].Source != "listPayouts" || got[0].TraceID == "" || got[0].Date.IsZero() || got[0].Date.Location() != time.UTC {
			t.Errorf("a paid settlement without its source, trace id or date in UTC: %+v", got[0])
		}
		if got[1].Reason == "" {
			t.Error("a failed transfer without its reason")
		}
	})
}

func TestWhereListPayoutsIsNotOpenTheOneEventGroupThatFitsTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := outcomes(settlementtest.Paid, settlementtest.Paid)
		account.Denied = []string{"listPayouts"}
		got, sources := transfers(t, account)
		if got[0].Status != collect.TransferPaid || got[0].Source != "listFinancialEventGroups" || got[0].TraceID == "" {
			t.Errorf("got %+v, want a paid transfer from the event group", got[0])
		}
		if findings := sources.Findings(); len(findings) != 1 || !strings.Contains(findings[0].Message, "listPayouts") {
			t.Errorf("findings %q do not name the interface that is closed", findings)
		}
	})
}

func TestWhereNothingIsOpenNothingIsKnownAndNothingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := outcomes(settlementtest.Paid)
		account.Denied = []string{"listPayouts", "listFinancialEventGroups"}
		got, sources := transfers(t, account)
		if got[0] != (collect.Transfer{}) || len(sources.Findings()) != 2 {
			t.Errorf("got %+v and findings %q", got[0], sources.Findings())
		}
	})
}

// A payout names what went to the bank, and so does the event group that fits.
func TestWhatAmazonConvertedIsKnownInTheCurrencyOfTheBank(t *testing.T) {
	for path, replace := range map[string]func(string) string{
		"/payouts": func(body string) string { return strings.ReplaceAll(body, `"USD"`, `"EUR"`) },
		"/financialEventGroups": func(body string) string {
			return converted.ReplaceAllString(body, `"ConvertedTotal":{"CurrencyCode":"EUR"`)
		},
		"/nowhere": nil,
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, outcomes(settlementtest.Paid, settlementtest.Paid)).rewrite(t, path, replace)
			if _, errs := w.round(t); len(errs) > 0 {
				t.Fatal(errs)
			}
			st := settlements(t, w.archive, w.seller)[0]
			sources, err := w.Sources(t.Context(), st.Start)
			if err != nil {
				t.Fatal(err)
			}
			total, err := settlement.ParseAmount(st.Total, st.Currency)
			if err != nil {
				t.Fatal(err)
			}
			want := settlement.Money{}
			if replace != nil {
				want, err = settlement.ParseAmount(st.Total, "EUR")
			}
			got := sources.Transfer(settlement.Statement{ID: st.SettlementID, Start: st.Start, End: st.End, Currency: total.Currency(), Total: total})
			if err != nil || got.Status != collect.TransferPaid || got.Received != want {
				t.Errorf("%s: %+v, want %s %s received", path, got, want, want.Currency())
			}
		})
	}
}

var converted = regexp.MustCompile(`"ConvertedTotal":\{"CurrencyCode":"USD"`)

// What is kept in databases is read by every later version.
func TestSourcesAreKeptInOneForm(t *testing.T) {
	const text = `{"closed":{"listPayouts":true},"findings":["no_answer: listPayouts failed in this round; the next one asks again"]}`
	var s collect.Sources
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	want := []collect.Finding{{Code: collect.FindingNoAnswer, Message: "listPayouts failed in this round; the next one asks again"}}
	if !slices.Equal(s.Findings(), want) {
		t.Errorf("findings %q", s.Findings())
	}
	if again, err := json.Marshal(&s); err != nil || string(again) != text {
		t.Errorf("%s, %v", again, err)
	}
}
