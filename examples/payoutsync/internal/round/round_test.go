package round_test

import (
	"cmp"
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/round"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/vantageledger"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// world is both systems in memory, and a seller between them. It lives in a synctest bubble, so waiting costs nothing.
type world struct {
	*round.Seller
	account spapitest.SellerAccount
	amazon  *spapitest.Amazon
	tenant  *vantagepointtest.Tenant
	dir     string

	mu    sync.Mutex
	calls []string // operations of both systems in the order in which they were made
}

type setup struct {
	account  spapitest.SellerAccount
	tenant   vantagepointtest.Options
	amazon   spapitest.Faults
	region   spapi.Region                   // zero: North America
	hears    func(path, body string) string // what the seller's client hears of Amazon's answers, if not what they are
	rules    func(starter string) string
	password string
	approval booking.Approval
}

func newWorld(t *testing.T, s setup) *world {
	t.Helper()
	w := &world{account: s.account, amazon: spapitest.New(spapitest.Options{Sellers: []spapitest.SellerAccount{s.account}, Faults: s.amazon})}
	s.tenant.Periods = vantagepointtest.Months(1998, 2001) // a bubble's time begins with the year 2000
	var err error
	if w.tenant, err = vantagepointtest.New(s.tenant); err != nil {
		t.Fatal(err)
	}
	note := func(op string) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.calls = append(w.calls, op)
	}
	who := w.amazon.Accounts()[0]
	transport := w.amazon.Transport()
	if s.hears != nil {
		transport = hearing{transport, s.hears}
	}
	amazon, err := spapi.NewClient(spapi.Config{
		Region: cmp.Or(s.region, spapi.NorthAmerica), Transport: transport,
		Tokens:  spapi.LWA{ClientID: who.ClientID, ClientSecret: spapi.NewSecret(who.ClientSecret), RefreshToken: spapi.NewSecret(who.RefreshToken), Transport: w.amazon.Transport()}.TokenSource(),
		Observe: func(_ context.Context, a spapi.Attempt) { note(a.Op) },
	})
	if err != nil {
		t.Fatal(err)
	}
	if s.password == "" {
		s.password = vantagepointtest.DemoPassword
	}
	tenant, err := vantagepoint.NewClient(vantagepoint.Config{
		BaseURL: w.tenant.BaseURL(), Database: "DEMO", Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(s.password),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret), Transport: w.tenant.Transport(),
		Observe: func(_ context.Context, a vantagepoint.Attempt) { note(a.Op) },
	})
	if err != nil {
		t.Fatal(err)
	}
	banks := map[string]string{"USD": "OPER", "EUR": "OPER"}
	ledger, err := vantageledger.New(vantageledger.Config{Client: tenant, Banks: banks})
	if err != nil {
		t.Fatal(err)
	}
	text := string(ledgermap.Starter())
	if s.rules != nil {
		text = s.rules(text)
	}
	rules, err := ledgermap.LoadRules("rules.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	w.dir = dir
	archive, err := collect.OpenArchive(filepath.Join(dir, "archive"))
	if err != nil {
		t.Fatal(err)
	}
	log, err := booking.OpenFileLog(filepath.Join(dir, "log"), []byte("a key that only this test has"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	memory, err := store.Open(t.Context(), "sqlite", dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = memory.Close() })
	engine, err := booking.New(booking.Config{
		Ledger: ledger, Log: log, Tenant: booking.Tenant{Database: "DEMO"}, Seller: who.ID, Actor: booking.Actor{Name: "test", Service: true},
		ClearingAccount: rules.ClearingAccount(), Approval: s.approval,
	})
	if err != nil {
		t.Fatal(err)
	}
	collector, err := collect.New(collect.Config{Client: amazon, Archive: archive, Seller: who.ID})
	if err != nil {
		t.Fatal(err)
	}
	w.Seller = &round.Seller{
		Name: "acme-us", ID: who.ID, Engine: engine, Rules: rules, RulesText: []byte(text), Store: memory,
		Amazon: amazon, Archive: archive, Collector: collector,
		Calendar: func(ctx context.Context, _ time.Duration) (ledgermap.Calendar, error) {
			return ledger.Calendar(ctx, "")
		},
		HasBank: func(currency string) bool { return banks[currency] != "" },
	}
	return w
}

// run does one round.
func (w *world) run(t *testing.T) (payouts []round.Payout, err error) {
	t.Helper()
	_, err = w.Run(t.Context(), round.All, func(p round.Payout) { payouts = append(payouts, p) })
	return payouts, err
}

// books counts the batches in the tenant's books by transaction type, and fails on any that is there twice.
func (w *world) books(t *testing.T) map[string]int {
	t.Helper()
	types := map[string]int{}
	seen := map[string]bool{}
	for _, b := range w.tenant.Batches() {
		types[b.Type]++
		if seen[b.Batch] || !b.Balanced {
			t.Errorf("batch %s is in the books twice, or does not balance", b.Batch)
		}
		seen[b.Batch] = true
	}
	return types
}

func described(outcomes ...settlementtest.Outcome) spapitest.SellerAccount {
	return spapitest.Account(settlementtest.Seller{Seed: 3, Count: len(outcomes), Rows: 40, Until: time.Now(), Outcomes: outcomes})
}

func TestARoundBooksWhatIsThereAndTheNextFindsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid, settlementtest.Negative, settlementtest.Paid)})
		payouts, err := w.run(t)
		if err != nil || len(payouts) != 3 {
			t.Fatalf("%d payouts, %v", len(payouts), err)
		}
		for _, p := range payouts {
			if p.Err != nil || p.State != booking.StateBooked || p.Result.ClearingOpen() || !p.Result.BookedNow() {
				t.Errorf("settlement %s: state %s, clearing %s, %v", p.SettlementID, p.State, p.Result.Clearing, p.Err)
			}
		}
		before := w.books(t)
		again, err := w.run(t)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range again {
			if p.Err != nil || p.Result.BookedNow() {
				t.Errorf("the second round booked settlement %s again (%v)", p.SettlementID, p.Err)
			}
		}
		if after := w.books(t); after["JE"] != before["JE"] || after["CR"] != before["CR"] || after["CD"] != before["CD"] {
			t.Errorf("the books grew from %v to %v", before, after)
		}
	})
}

func TestWhatThePlanFindsIsAFindingOfThePayoutWithItsCodeFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		end := time.Now().Add(-24 * time.Hour) // reports are listed some hours after the period ends
		sale := settlementtest.Row{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 9000, OrderID: "111-1111111-1111111", MarketplaceName: "Amazon.com"}
		nothing := sale
		nothing.Amount = 0
		account := spapitest.SellerAccount{Settlements: []settlementtest.Settlement{settlementtest.Build(settlementtest.Spec{
			ID: "20000000001", SellerID: "A1EXAMPLE00001", Start: end.Add(-14 * 24 * time.Hour), End: end, Until: time.Now(), Rows: []settlementtest.Row{sale, nothing},
		})}}
		w := newWorld(t, setup{account: account})
		waited := 0
		for range 4 { // while it waits for its money, too
			if _, err := w.Run(t.Context(), round.Unsettled, func(p round.Payout) {
				if p.InTransit() && !p.Result.BookedNow() {
					waited++
				}
				if p.State != booking.StateBooked || len(p.Findings) != 1 || len(named(p, ledgermap.FindingZeroRows)) != 1 {
					t.Errorf("%s, findings %q, %v", p.State, p.Findings, p.Err)
				}
			}); err != nil {
				t.Fatal(err)
			}
		}
		if waited < 2 {
			t.Errorf("it was looked at %d times while it waited", waited)
		}
	})
}

func TestTheReceiptIsBookedWhenTheMoneyArrives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid)})
		payouts, err := w.run(t)
		if err != nil || !payouts[0].InTransit() || w.books(t)["CR"] != 0 {
			t.Fatalf("before the money moves: %+v, %v, books %v", payouts, err, w.books(t))
		}
		time.Sleep(5 * 24 * time.Hour)
		payouts, err = w.run(t)
		if err != nil || payouts[0].InTransit() || w.books(t)["CR"] != 1 {
			t.Fatalf("five days later: %v, books %v", err, w.books(t))
		}
		if payouts[0].Result.ClearingOpen() || !payouts[0].Result.Settled {
			t.Errorf("the clearing account holds %s", payouts[0].Result.Clearing)
		}
	})
}

func TestTheArchiveIsWrittenBeforeAnythingIsBookedAndAnythingIsLookedForBeforeItIsSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid, settlementtest.Paid)})
		if _, err := w.run(t); err != nil {
			t.Fatal(err)
		}
		first := func(op string) int { return slices.Index(w.calls, op) }
		last := func(op string) int {
			for i, v := range slices.Backward(w.calls) {
				if v == op {
					return i
				}
			}
			return -1
		}
		if first("journals.create") < 0 || last("reports.download") > first("journals.create") {
			t.Errorf("a document was still fetched after the first booking: %v", w.calls)
		}
		if first("journals.control") < 0 || first("journals.control") > first("journals.create") {
			t.Errorf("the first journal was sent before anybody looked: %v", w.calls)
		}
	})
}

func TestR13_1_AnUnknownKindStopsItsSettlementAndOnlyThat(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account := described(settlementtest.Paid)
		odd := settlementtest.Build(settlementtest.Spec{
			ID: "99999999999", SellerID: account.Settlements[0].SellerID, Start: account.Settlements[0].Start.Add(-14 * 24 * time.Hour), End: account.Settlements[0].Start,
			Until: time.Now(), Rows: []settlementtest.Row{
				{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 5000},
				{TransactionType: "Moon Tax", AmountType: "Lunar", AmountDescription: "Full", Amount: -100},
				{TransactionType: "Moon Tax", AmountType: "Lunar", AmountDescription: "New", Amount: -200},
			},
		})
		account.Settlements = append(account.Settlements, odd)
		w := newWorld(t, setup{account: account})
		payouts, err := w.run(t)
		if err != nil || len(payouts) != 2 {
			t.Fatalf("%d payouts, %v", len(payouts), err)
		}
		refused, ok := errors.AsType[*ledgermap.RefusedError](payouts[0].Err)
		if !ok || refused.Code != ledgermap.RefusedUnmapped || len(refused.Kinds) != 2 || payouts[0].State != booking.StateRefused {
			t.Errorf("got %v in state %s, want both unknown kinds", payouts[0].Err, payouts[0].State)
		}
		if payouts[1].State != booking.StateBooked {
			t.Errorf("the other settlement is %s: %v", payouts[1].State, payouts[1].Err)
		}
		for _, b := range w.tenant.Journal() {
			if strings.Contains(b.Description, "99999999999") {
				t.Errorf("something of the refused settlement was booked: %+v", b)
			}
		}
	})
}

func TestWhenTheTenantIsAwayNothingIsHalfBookedAndTheNextRoundContinues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var steps []vantagepointtest.Step
		for nth := range 40 {
			steps = append(steps, vantagepointtest.Step{Operation: "POST DataEntry/jeControl", Nth: nth + 1, Fault: vantagepointtest.FaultHTML503})
		}
		w := newWorld(t, setup{
			account: described(settlementtest.Paid, settlementtest.Paid),
			tenant:  vantagepointtest.Options{Faults: vantagepointtest.Faults{Steps: steps}},
		})
		if _, err := w.run(t); err == nil {
			t.Fatal("a tenant that answers 503 to every journal is no error")
		}
		if n := len(w.tenant.Batches()); n != 0 {
			t.Fatalf("%d batches are booked", n)
		}
		var payouts []round.Payout
		var err error
		for range 40 {
			if payouts, err = w.run(t); err == nil {
				break
			}
		}
		if err != nil || len(payouts) != 2 || payouts[0].State != booking.StateBooked || payouts[1].State != booking.StateBooked {
			t.Errorf("after the outage: %v", err)
		}
		w.books(t)
	})
}

func TestAWrongPasswordIsTriedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid), password: "wrong"})
		_, err := w.run(t)
		if !errors.Is(err, vantagepoint.ErrCredentials) {
			t.Errorf("got %v, want a refused log-in", err)
		}
		if strings.Contains(err.Error(), "wrong") && strings.Contains(err.Error(), "Password=") {
			t.Errorf("the message shows the password: %v", err)
		}
		if n := w.tenant.Calls()["POST token"]; n != 1 {
			t.Errorf("the wrong password was tried %d times", n)
		}
	})
}

func TestR5_4_ARoundThatFindsNothingNewSaysUntilWhenThatIsExpected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid, settlementtest.Paid, settlementtest.Paid)})
		collected, err := w.Run(t.Context(), round.Unsettled, func(round.Payout) {})
		if err != nil || collected.Brought != 3 || collected.Overdue(time.Now()) {
			t.Fatalf("the first round brought %d, %v", collected.Brought, err)
		}
		last := w.account.Settlements[2]
		want := last.End.Add(last.End.Sub(last.Start) + 3*24*time.Hour)
		if collected.Expected.Sub(want).Abs() > time.Minute { // periods differ by seconds
			t.Errorf("the next one is expected by %s, want %s: a period and three days after the last", collected.Expected, want)
		}
		for _, days := range []int{7, 30} {
			overdue := days == 30
			time.Sleep(time.Until(last.End.AddDate(0, 0, days)))
			collected, err := w.Run(t.Context(), round.Unsettled, func(round.Payout) {})
			if err != nil || collected.Brought != 0 || collected.Overdue(time.Now()) != overdue {
				t.Errorf("%d days later: brought %d, overdue %v, %v", days, collected.Brought, collected.Overdue(time.Now()), err)
			}
		}
	})
}

func TestAPayoutThatOnlyWaitsForItsMoneyCostsTheLedgerNothingUntilItComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, setup{account: described(settlementtest.Paid)})
		scheduled := func() (payouts []round.Payout, ledger int) {
			before := w.tenant.Calls()
			if _, err := w.Run(t.Context(), round.Unsettled, func(p round.Payout) { payouts = append(payouts, p) }); err != nil {
				t.Fatal(err)
			}
			for op, n := range w.tenant.Calls() {
				ledger += n - before[op]
			}
			return payouts, ledger
		}
		first, calls := scheduled()
		if !first[0].InTransit() {
			t.Fatalf("at first: %+v", first[0].Result)
		}
		t.Logf("the journal costs the ledger %d calls, with everything that is asked once", calls)
		if calls > 16 {
			t.Errorf("at first: %d calls", calls)
		}
		said := "" // by the plan with what Amazon says of the payout, which changes once: the money is on its way
		changes := 0
		for range 6 {
			p, ledger := scheduled()
			if hash := p[0].Plan.Hash(); hash != said {
				said = hash
				changes++
				continue
			}
			if ledger != 0 || p[0].State != booking.StateBooked || !p[0].InTransit() || p[0].Result.BookedNow() || len(p[0].Result.Documents) != 2 {
				t.Errorf("while it waits: %d calls, %s, %+v", ledger, p[0].State, p[0].Result)
			}
			time.Sleep(6 * time.Hour)
		}
		if changes > 2 {
			t.Errorf("the plan has changed %d times", changes)
		}
		if _, err := w.run(t); err != nil { // a person's round looks all the same
			t.Fatal(err)
		}
		time.Sleep(5 * 24 * time.Hour)
		p, ledger := scheduled()
		if p[0].InTransit() || w.books(t)["CR"] != 1 {
			t.Errorf("when it comes: %+v", p[0].Result)
		}
		// Log-in, calendar, what was booked before, the receipt and whether it fits.
		t.Logf("the receipt of a payout that waited costs the ledger %d calls", ledger)
		if ledger > 14 {
			t.Errorf("when it comes: %d calls", ledger)
		}
		if p, _ := scheduled(); len(p) != 0 {
			t.Errorf("afterwards it is looked at again: %+v", p)
		}
	})
}
