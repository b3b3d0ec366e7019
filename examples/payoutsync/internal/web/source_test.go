package web_test

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
)

// source is what the pages of these tests show.
type source struct {
	payouts   []web.Payout
	findings  []web.Finding
	approvals []web.Approval
	sellers   []web.Seller
	jobs      []web.Job
	counts    []web.Count
	fails     error
	refuses   string

	asked    web.Filter
	released []string
}

func (s *source) Payouts(_ context.Context, f web.Filter) ([]web.Payout, bool, error) {
	s.asked = f
	return s.payouts, len(s.payouts) > 0, s.fails
}

func (s *source) Payout(_ context.Context, seller, settlement string) (web.Payout, error) {
	for _, p := range s.payouts {
		if p.Seller == seller && p.Settlement == settlement {
			return p, s.fails
		}
	}
	return web.Payout{}, web.ErrNotFound
}

func (s *source) Report(ctx context.Context, seller, settlement string, w io.Writer) error {
	if _, err := s.Payout(ctx, seller, settlement); err != nil {
		return err
	}
	if s.refuses != "" {
		return &web.RefusedError{Reason: s.refuses}
	}
	_, err := io.WriteString(w, "<!doctype html><h1>The report</h1>")
	return err
}

func (s *source) Findings(context.Context) ([]web.Finding, error) { return s.findings, s.fails }

func (s *source) Approvals(context.Context) ([]web.Approval, error) { return s.approvals, s.fails }

func (s *source) Approve(_ context.Context, seller, settlement, plan, user string) error {
	if s.refuses != "" {
		return &web.RefusedError{Reason: s.refuses}
	}
	s.released = append(s.released, fmt.Sprintf("%s/%s %s by %s", seller, settlement, plan, user))
	return s.fails
}

func (s *source) Sellers(context.Context) ([]web.Seller, error) { return s.sellers, s.fails }

func (s *source) Jobs(context.Context, string) ([]web.Job, []web.Count, error) {
	return s.jobs, s.counts, s.fails
}

func (s *source) Ready(context.Context) error { return s.fails }

// full is a source with something of everything.
func full() *source {
	at := time.Date(2026, 11, 20, 8, 30, 0, 0, time.UTC)
	documents := []web.Document{
		{Kind: "journal", Batch: "AMZ50034020328J1", Ref: "AMZ0001", State: "created", Date: "2026-10-31", Debit: "12,455.20"},
		{Kind: "receipt", Batch: "AMZ50034020328R1", State: "waiting", Date: "2026-11-17", Debit: "9,841.07"},
	}
	payout := func(settlement, state, total string, findings ...string) web.Payout {
		return web.Payout{
			Seller: "acme-us", Settlement: settlement, State: state, Start: at.AddDate(0, 0, -21), End: at.AddDate(0, 0, -7), Deposit: at.AddDate(0, 0, -5),
			Total: total, Currency: "USD", Reconciliation: "agreed", Findings: findings, Documents: documents, LookedAt: at,
		}
	}
	refused := payout("50034020329", "refused", "-1,204.55")
	refused.Error = "2 kinds of rows have no account: Order / ItemFees / <script>alert(1)</script>; add them to rules.yaml"
	refused.Reconciliation = "differs"
	return &source{
		payouts: []web.Payout{
			payout("50034020328", "awaiting_approval", "9,841.07", "reserve_carry: 0.01 USD less came over than was held back"), refused,
			payout("50034020327", "booked", "18,230.00"), payout("50034020326", "posted", "7,002.19"), payout("50034020325", "fetched", "1,000,441.90"), payout("50034020324", "reversed", "12.00"),
		},
		findings: []web.Finding{
			{Seller: "acme-eu", Code: "report_missing", Text: "the report of event group G1 has not come"},
			{Seller: "acme-us", Settlement: "50034020329", Code: "unmapped", Text: refused.Error, Refused: true},
			{Seller: "acme-us", Settlement: "50034020328", Code: "reserve_carry", Text: "0.01 USD less came over than was held back"},
		},
		approvals: []web.Approval{{
			Seller: "acme-us", Settlement: "50034020328", Title: "acme-us/50034020328: 9,841.07 USD", Payout: true, Plan: "abcdef0123456789aa", Documents: documents, Needed: 2,
			Next: "The next round looks at it.",
		}, {
			Seller: "acme-us", Settlement: "ACR202610", Title: "Accrual of period 202610, seller acme-us", Plan: "0123456789abcdef00", By: []string{"ben"}, Needed: 2,
			Booked: []web.Entry{{
				Document: web.Document{Kind: "journal", Ref: "ACR202610A", Batch: "JE2FGQNMN6QQ4XVRLCMUNWQKR5G243", Date: "2026-10-31"}, Text: "Deferred 202610 Amazon.com",
				Lines: []web.Line{
					{Account: "401.00", Text: "00000100.00  Amazon deferred product sales", Credit: "100.00"},
					{Account: "611.00", Text: "00000100.00  Amazon deferred selling fees", Debit: "15.00"},
					{Account: "117.00", Text: "Amazon deferred accrual", Debit: "85.00"},
				},
			}},
			Next: "`payoutsync accrue --period 202610 --seller acme-us` books it.",
		}},
		sellers: []web.Seller{
			{
				Name: "acme-us", ID: "A1EXAMPLE", Schedule: 6 * time.Hour, Next: at.Add(2 * time.Hour), Last: at, Expected: at.AddDate(0, 0, 9), Holder: "process 4211 on books-1 (A7Q2XM)",
				Tokens: []web.Token{
					{What: "Amazon client secret", Ends: at.AddDate(0, 0, 12), Soon: true, Note: "rotate it in Seller Central, Developer Console, then run payoutsync connect acme-us"},
					{What: "Seller's authorisation", Ends: at.AddDate(0, 9, 0)},
				},
			},
			{Name: "acme-eu", ID: "A2EXAMPLE", Schedule: 90 * time.Minute, Next: at.Add(time.Hour), Last: at, LastError: "Amazon did not answer: 503", Expected: at.AddDate(0, 0, -1), Overdue: true, Missing: []string{"the report of event group G1 has not come"}, Tokens: []web.Token{{What: "Amazon client secret"}}},
		},
		jobs: []web.Job{
			{ID: 812, Task: "settle", Seller: "acme-us", Subject: "50034020328", State: "running", Attempt: 1, Attempts: 8, Created: at, Begun: at, By: "books-1"},
			{ID: 811, Task: "collect", Seller: "acme-eu", State: "discarded", Attempt: 8, Attempts: 8, Created: at, Begun: at, Ended: at, LastError: "the ledger is away: 503 after 4 tries"},
			{ID: 810, Task: "collect", Seller: "acme-us", State: "scheduled", Attempt: 1, Attempts: 8, Created: at, Next: at.Add(time.Minute)},
		},
		counts: []web.Count{{State: "discarded", N: 1}, {State: "cancelled"}, {State: "retryable"}, {State: "running", N: 1}, {State: "available"}, {State: "scheduled", N: 1}, {State: "completed", N: 240}},
	}
}
