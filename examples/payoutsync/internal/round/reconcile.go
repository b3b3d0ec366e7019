package round

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// NotReconciledError says that Amazon's other interfaces state another total, or another currency, than the report.
type NotReconciledError struct {
	SettlementID   string
	Report, Second settlement.Money // what the report says, and what Finances says
	Reason         string
}

func (e *NotReconciledError) Error() string {
	return fmt.Sprintf("settlement %s: the report says %s %s, Amazon's second source %s %s (%s). It is not booked in this round: compare both with the payout in "+
		"Seller Central, and ask Amazon if they stay different; every round looks again",
		e.SettlementID, e.Report, e.Report.Currency(), e.Second, e.Second.Currency(), e.Reason)
}

// shown is how many differences or late orders a payout's findings name one by one.
const shown = 10

// reconcile asks the second source. It refuses with a [*NotReconciledError]; its other error is what Amazon did not answer.
func (s *Seller) reconcile(ctx context.Context, p *Payout, file *settlement.File, sources *collect.Sources) (refusal, trouble error) {
	confirmed, err := s.agreed(ctx, p.Tally.Statement)
	if err != nil {
		return nil, err
	}
	r, findings, trouble := s.Collector.Reconcile(ctx, sources, file, confirmed)
	p.Reconciliation = cmp.Or(r.Verdict, settlement.Pending)
	p.Findings = append(p.Findings, texts(findings)...)
	p.Findings = append(p.Findings, reasons(r)...)
	if r.TotalDiffers() {
		i := slices.IndexFunc(r.Differences, func(d settlement.Difference) bool { return d.What == "total" || d.What == "currency" })
		d := r.Differences[i]
		return &NotReconciledError{p.SettlementID, d.Report, d.Second, d.Reason}, trouble
	}
	if r.Verdict == settlement.Agreed && !confirmed {
		return nil, errors.Join(trouble, s.agree(ctx, p.Tally.Statement, r.By))
	}
	return nil, trouble
}

// texts are findings, each with its code first.
func texts(findings []collect.Finding) []string {
	var texts []string
	for _, f := range findings {
		texts = append(texts, f.String())
	}
	return texts
}

// reasons are the findings of a reconciliation, each with its code first.
func reasons(r settlement.Reconciliation) []string {
	var texts []string
	for _, reason := range r.Reasons {
		texts = append(texts, string(r.Verdict)+": "+reason)
	}
	for i, d := range r.Differences {
		if i == shown {
			texts = append(texts, fmt.Sprintf("differs: and %d more", len(r.Differences)-shown))
			break
		}
		texts = append(texts, fmt.Sprintf("differs: %s %s is %s %s in the report and %s %s in the second source: %s",
			d.What, d.Key, d.Report, d.Report.Currency(), d.Second, d.Second.Currency(), d.Reason))
	}
	if len(r.Late) > 0 {
		some := r.Late[:min(shown, len(r.Late))]
		texts = append(texts, fmt.Sprintf("late: %d orders are not in the second source yet: %s", len(r.Late), strings.Join(some, ", ")))
	}
	return texts
}

// agreement is a total that the second source confirmed, of one report.
type agreement struct {
	Total    string `json:"total"`
	Currency string `json:"currency"`
	Report   string `json:"report_sha256"`
	By       string `json:"by"` // summary, payout or group
}

// agreed reports whether an earlier round found the settlement's total confirmed, of the same report.
func (s *Seller) agreed(ctx context.Context, st settlement.Statement) (bool, error) {
	var kept agreement
	_, err := s.Store.Fact(ctx, s.ID, st.ID, store.FactAgreement, &kept)
	return kept.Report == st.Digest && kept.Total == st.Total.String() && kept.Currency == st.Currency.String(), err
}

// agree remembers that the second source confirmed a settlement's total, and by what.
func (s *Seller) agree(ctx context.Context, st settlement.Statement, by string) error {
	return s.Store.SetFact(ctx, s.ID, st.ID, store.FactAgreement, agreement{st.Total.String(), st.Currency.String(), st.Digest, by})
}
