package collect_test

import (
	"bytes"
	"encoding/json"
	"errors"
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

// A report that is withheld has an event group all the same.
func TestR5_3_AClosedEventGroupWithoutItsReportIsNamedAfterThreeDays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := outcomes(settlementtest.Paid, settlementtest.Paid, settlementtest.Paid, settlementtest.Paid)
		first, withheld, last := account.Settlements[0], account.Settlements[1], account.Settlements[3]
		account.Settlements[0].Reports, account.Settlements[1].Reports, account.Settlements[3].Reports = nil, nil, nil
		w := newWorld(t, account)
		if _, errs := w.round(t); len(errs) > 0 {
			t.Fatal(errs)
		}
		sources, err := w.Sources(t.Context(), first.Start)
		if err != nil {
			t.Fatal(err)
		}
		groups := sources.Groups()
		missing := func(seller string, groups []settlement.GroupFact, now time.Time) (ids []string) {
			t.Helper()
			unfetched, err := w.archive.Unfetched(t.Context(), seller, groups, now)
			if err != nil {
				t.Fatal(err)
			}
			for _, g := range unfetched {
				ids = append(ids, g.ID)
			}
			return ids
		}
		if got := missing(w.seller, groups, last.End.Add(71*time.Hour)); got != nil {
			t.Errorf("of history, or before the report can be there: %q", got)
		}
		if got := missing(w.seller, groups, last.End.Add(73*time.Hour)); !slices.Equal(got, []string{last.EventGroup}) {
			t.Errorf("got %q, want the last group", got)
		}
		if got := missing("nobody", groups, last.End.Add(73*time.Hour)); got != nil {
			t.Errorf("of a seller who has nothing yet: %q", got)
		}
		i := slices.IndexFunc(groups, func(g settlement.GroupFact) bool { return g.ID == last.EventGroup })
		for name, total := range map[string]settlement.Money{"zero": settlement.MoneyOf(0, groups[i].OriginalTotal.Currency()), "not named": {}} {
			changed := slices.Clone(groups)
			changed[i].OriginalTotal = total
			if got := missing(w.seller, changed, last.End.Add(73*time.Hour)); got != nil {
				t.Errorf("of a group whose total is %s: %q", name, got)
			}
		}
		put := func(st settlementtest.Settlement) {
			t.Helper()
			if _, err := w.archive.Put(t.Context(), bytes.NewReader(st.V2()), collect.Entry{Seller: w.seller, ReportID: st.ID}); err != nil {
				t.Fatal(err)
			}
		}
		put(first)
		if got := missing(w.seller, groups, last.End.Add(73*time.Hour)); !slices.Equal(got, []string{last.EventGroup, withheld.EventGroup}) {
			t.Errorf("with an earlier settlement: %q, want the one after it, too", got)
		}
		put(last)
		put(withheld)
		if got := missing(w.seller, groups, last.End.Add(73*time.Hour)); got != nil {
			t.Errorf("with all reports: %q", got)
		}
	})
}

func TestR5_3_ASettlementThatNoEventGroupAnswersForIsNamedWhereAmazonGaveOutAllOfThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := outcomes(settlementtest.Paid, settlementtest.Negative)
		w := newWorld(t, account)
		if _, errs := w.round(t); len(errs) > 0 {
			t.Fatal(errs)
		}
		reconcile := func(s collect.Settlement, sources *collect.Sources) (settlement.Verdict, bool) {
			t.Helper()
			file, err := w.archive.Open(t.Context(), s.Entry)
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			if _, err := settlement.TallyOf(file); err != nil {
				t.Fatal(err)
			}
			r, findings, err := w.Reconcile(t.Context(), sources, file, false)
			if err != nil {
				t.Fatal(err)
			}
			return r.Verdict, slices.ContainsFunc(findings, func(f collect.Finding) bool { return f.Code == collect.FindingNotFound })
		}
		asked := func(since time.Time) *collect.Sources {
			t.Helper()
			sources, err := w.Sources(t.Context(), since)
			if err != nil {
				t.Fatal(err)
			}
			return sources
		}
		all := settlements(t, w.archive, w.seller)
		paid, negative := all[0], all[1]
		for name, test := range map[string]struct {
			sources *collect.Sources
			named   bool
		}{
			"its group":                 {asked(paid.Start), false},
			"no group":                  {withoutGroups(t, asked(paid.Start)), true},
			"groups from its middle on": {asked(paid.Start.Add(time.Hour)), false},
			"nothing was asked":         {&collect.Sources{}, false},
		} {
			if verdict, named := reconcile(paid, test.sources); verdict != settlement.Agreed || named != test.named {
				t.Errorf("%s: %s, named %v", name, verdict, named)
			}
		}
		account.Denied = []string{"listSummary"}
		w = newWorld(t, account)
		if _, errs := w.round(t); len(errs) > 0 {
			t.Fatal(errs)
		}
		if verdict, named := reconcile(negative, withoutGroups(t, asked(paid.Start))); verdict != settlement.Pending || named {
			t.Errorf("what nothing confirms: %s, named %v; that it is pending says it", verdict, named)
		}
	})
}

// withoutGroups is what the sources would say if Amazon had no event group.
func withoutGroups(t *testing.T, s *collect.Sources) *collect.Sources {
	t.Helper()
	var members map[string]json.RawMessage
	text, err := json.Marshal(s)
	if err == nil {
		err = json.Unmarshal(text, &members)
	}
	delete(members, "groups")
	if err == nil {
		text, err = json.Marshal(members)
	}
	var changed collect.Sources
	if err = errors.Join(err, json.Unmarshal(text, &changed)); err != nil {
		t.Fatal(err)
	}
	return &changed
}
