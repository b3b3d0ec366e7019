package settlementtest

import "time"

// Payout is what listPayouts tells about a settlement. Its history reaches past the seller's Until, so that a test with
// a running clock sees a payout arrive: ask [Payout.StatusAt].
type Payout struct {
	ID          string // equal to the settlement id, as in the model's example; Amazon does not promise it
	Status      string // on the seller's Until: PAID, IN_TRANSIT, FAILED or NO_PAYOUT
	Date        time.Time
	TraceID     string // the bank's id of the transfer; empty without a transfer
	AccountTail string
	History     []PayoutStep
}

// PayoutStep is one entry of a payout's status history.
type PayoutStep struct {
	Status        string
	At            time.Time
	FailureReason string
}

// StatusAt returns the newest step at that time, and false before the payout exists.
func (p Payout) StatusAt(t time.Time) (PayoutStep, bool) {
	var last PayoutStep
	for _, step := range p.History {
		if !step.At.After(t) {
			last = step
		}
	}
	return last, last.Status != ""
}

// payoutOf lays out the life of the payout: started when the period ends, with the bank six hours later, arrived or
// refused on the deposit date.
func payoutOf(st *Settlement, h uint64, failed bool, until time.Time) Payout {
	p := Payout{ID: st.ID, AccountTail: digits(hash(st.SellerID, "bank"), 3)}
	if st.Total <= 0 {
		p.Status = "NO_PAYOUT"
		p.History = []PayoutStep{{Status: "NO_PAYOUT", At: st.End}}
		return p
	}
	last := PayoutStep{Status: "PAID", At: st.Deposit}
	if failed {
		last = PayoutStep{Status: "FAILED", At: st.Deposit, FailureReason: "The bank account details are invalid"}
	}
	p.TraceID = word(h, 15, 36)
	p.History = []PayoutStep{{Status: "STARTED", At: st.End}, {Status: "IN_TRANSIT", At: st.End.Add(6 * time.Hour)}, last}
	now, _ := p.StatusAt(until)
	p.Status = now.Status
	if now.Status == "STARTED" { // a very short period: say what it will be within hours
		p.Status = "IN_TRANSIT"
	}
	if p.Status == "PAID" || p.Status == "FAILED" {
		p.Date = last.At
	}
	return p
}
