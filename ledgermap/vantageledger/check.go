package vantageledger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// Check implements [booking.Checker]: it asks the tenant, before anything is
// sent, for whatever would make it refuse the entries or hold them wrong, and
// names everything it finds at once. The error is a [*booking.RefusedError], or
// that of a tenant that cannot be asked.
func (l *Ledger) Check(ctx context.Context, entries []booking.Entry) error {
	if len(entries) == 0 {
		return nil
	}
	company := entries[0].Key.Tenant.Company
	if _, err := l.enter(ctx, company, false); err != nil {
		return err
	}
	var faults faults
	if err := l.checkPeriods(ctx, entries, &faults); err != nil {
		return err
	}
	length, err := l.RefLength(ctx)
	if err == nil && slices.ContainsFunc(entries, func(e booking.Entry) bool { return length > 0 && len(e.Ref) > length }) {
		length, err = l.readRefLength(ctx) // somebody may have raised it
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		if length > 0 && len(e.Ref) > length {
			faults.add(booking.CodeReference, "reference %s has %d characters, the tenant takes %d: raise the reference number length (Settings, key formats)", e.Ref, len(e.Ref), length)
		}
		switch e.Kind {
		case ledgermap.Receipt, ledgermap.Disbursement:
			if l.bank(e.Document) == "" {
				faults.add(booking.CodeBank, "no bank code is configured for %s: add Vantagepoint's to the configured banks", e.Currency)
			}
		case ledgermap.Invoice:
			for i, line := range e.Document.Lines() {
				if !line.Auto && line.WBS1 == "" {
					faults.add(booking.CodeInvalid, "invoice %s line %d (account %s) has no project: every line of an invoice needs one in the rules", e.Ref, i+1, line.Account)
				}
			}
		default: // a journal needs neither
		}
	}
	if err := l.checkChart(ctx, entries, &faults); err != nil {
		return err
	}
	return faults.err(entries[0].Key.Settlement)
}

// faults collects what is wrong, each thing once.
type faults struct {
	code  string // of the first
	texts []string
}

func (f *faults) add(code, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if slices.Contains(f.texts, text) {
		return
	}
	if f.code == "" {
		f.code = code
	}
	f.texts = append(f.texts, text)
}

func (f *faults) err(settlement string) error {
	if len(f.texts) == 0 {
		return nil
	}
	return &booking.RefusedError{Code: f.code, Settlement: settlement, Message: strings.Join(f.texts, "; ")}
}

// calendar is what the tenant showed of its fiscal periods, and when it was
// asked. That a period is open is believed for a minute, as long as the client
// believes it, so that many settlements do not read the calendar each; a batch
// that slips into a period just closed stays a draft, because the tenant
// refuses to post it. Anything that speaks against a plan is read anew.
type calendar struct {
	company string
	periods []ledgermap.Period
	asked   time.Time
}

const calendarBelief = time.Minute

func (l *Ledger) checkPeriods(ctx context.Context, entries []booking.Entry, f *faults) error {
	company := entries[0].Key.Tenant.Company
	l.mu.Lock()
	known := l.calendar
	l.mu.Unlock()
	if known.company == company && !known.asked.IsZero() && time.Since(known.asked) < calendarBelief {
		var old faults
		if comparePeriods(known.periods, entries, &old); len(old.texts) == 0 {
			return nil
		}
	}
	periods, err := l.periods(ctx, company)
	if err != nil {
		return err
	}
	comparePeriods(periods, entries, f)
	return nil
}

func comparePeriods(periods []ledgermap.Period, entries []booking.Entry, f *faults) {
	for _, e := range entries {
		d := e.Document
		i := slices.IndexFunc(periods, func(p ledgermap.Period) bool { return p.Number == d.Period() })
		switch {
		case i < 0:
			f.add(booking.CodePeriod, "fiscal period %d does not exist: add it in Vantagepoint", d.Period())
		case periods[i].Closed:
			f.add(booking.CodePeriod, "fiscal period %d is closed: reopen it, or plan again with the rules' next-open-period policy", d.Period())
		case d.Date().Compare(periods[i].Start) < 0 || periods[i].End.Compare(d.Date()) < 0:
			f.add(booking.CodeStale, "document %s is dated %s, and fiscal period %d now runs from %s to %s: plan again with the tenant's calendar",
				e.Key, d.Date(), d.Period(), periods[i].Start, periods[i].End)
		}
	}
}

// periods reads the calendar of the company, which is active, and keeps it.
func (l *Ledger) periods(ctx context.Context, company string) ([]ledgermap.Period, error) {
	asked := time.Now()
	rows, err := l.client.Settings.Periods(ctx)
	if err != nil {
		return nil, rights("the fiscal periods", err)
	}
	periods := make([]ledgermap.Period, 0, len(rows))
	for _, row := range rows {
		periods = append(periods, ledgermap.Period{
			Number: int(row.Period), Start: civil(row.AccountPdStart), End: civil(row.AccountPdEnd),
			Closed: bool(row.ActiveCompanyClosed || row.AllCompaniesClosed),
		})
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calendar = calendar{company, periods, asked}
	return periods, nil
}

// Calendar returns the company's fiscal calendar as it stands: what plans are
// made from.
//
// Vantagepoint: GET Settings/Period, for the company that is active.
func (l *Ledger) Calendar(ctx context.Context, company string) (ledgermap.Calendar, error) {
	if _, err := l.enter(ctx, company, true); err != nil {
		return ledgermap.Calendar{}, err
	}
	periods, err := l.periods(ctx, company)
	if err != nil {
		return ledgermap.Calendar{}, err
	}
	calendar, err := ledgermap.NewCalendar(periods)
	if err != nil {
		return ledgermap.Calendar{}, fmt.Errorf("vantageledger: the tenant's fiscal calendar: %w", err)
	}
	return calendar, nil
}

// Currency returns the functional currency of the company, or the zero value
// where the tenant does not tell.
//
// Vantagepoint: GET Settings/ActiveCompany.
func (l *Ledger) Currency(ctx context.Context, company string) (settlement.Currency, error) {
	if _, err := l.enter(ctx, company, false); err != nil {
		return settlement.Currency{}, err
	}
	active, err := l.client.Settings.ActiveCompany(ctx)
	if untold(err) {
		return settlement.Currency{}, nil
	}
	if err != nil {
		return settlement.Currency{}, fmt.Errorf("vantageledger: the active company: %w", err)
	}
	return currency(active.FunctionalCurrencyCode), nil
}

// RefLength returns how many characters the tenant's reference numbers have: 0
// where it does not tell. The tenant is asked once.
//
// Vantagepoint: GET KeyCvt/CFGFormat, RefnoLength.
func (l *Ledger) RefLength(ctx context.Context) (int, error) {
	l.mu.Lock()
	known := l.length
	l.mu.Unlock()
	if known != nil {
		return *known, nil
	}
	return l.readRefLength(ctx)
}

func (l *Ledger) readRefLength(ctx context.Context) (int, error) {
	formats, err := l.client.Settings.KeyFormats(ctx)
	if err != nil && !untold(err) {
		return 0, fmt.Errorf("vantageledger: key formats: %w", err)
	}
	length := formats.RefnoLength // 0 if untold
	l.mu.Lock()
	defer l.mu.Unlock()
	l.length = &length
	return length, nil
}

// rights turns a refusal of the user's role into one that says what to do.
func rights(what string, err error) error {
	if errors.Is(err, vantagepoint.ErrDenied) {
		return &booking.RefusedError{Code: booking.CodeRights, Err: err, Message: "the user's role may not read " + what + ": give it that right"}
	}
	return fmt.Errorf("vantageledger: %s: %w", what, err)
}
