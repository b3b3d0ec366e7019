package vantagepoint

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Settings reads the tenant's settings and the state of the user's session.
//
// Active company and active period belong to the user, not to the client: another program of the same user sees them
// change. Give an integration a user of its own.
type Settings struct {
	client *Client

	mu     sync.Mutex
	open   map[openPeriod]time.Time // when it was seen to be open
	belief belief
}

// belief is what Believe said, and the active period that was seen while it lasts.
type belief struct {
	company string
	period  Period // 0: not seen
	until   time.Time
}

func (b belief) holds() bool { return time.Now().Before(b.until) }

type openPeriod struct {
	company string
	period  Period
}

type periodState struct{ known, open bool }

// FiscalPeriod is one period of the fiscal calendar.
type FiscalPeriod struct {
	Period              Period `json:"Period"`
	FmtPeriod           string `json:"FmtPeriod"`      // for display
	AccountPdStart      Date   `json:"AccountPdStart"` // first day
	AccountPdEnd        Date   `json:"AccountPdEnd"`   // last day
	FYStart             Date   `json:"FYStart"`
	FYEnd               Date   `json:"FYEnd"`
	ActiveCompanyClosed Flag   `json:"ActiveCompanyClosed"`
	AllCompaniesClosed  Flag   `json:"AllCompaniesClosed"`
	Extra               Extra  `json:"-"`
}

// Company is one company of the enterprise.
type Company struct {
	Company                string `json:"Company"`
	FirmName               string `json:"FirmName"`
	FunctionalCurrencyCode string `json:"FunctionalCurrencyCode"` // "" where the tenant does not tell
	Country                string `json:"Country"`
	Status                 string `json:"Status"`
	Extra                  Extra  `json:"-"`
}

// Periods returns the fiscal calendar; closed means closed for the active company.
//
// Vantagepoint: GET Settings/Period.
func (s *Settings) Periods(ctx context.Context) ([]FiscalPeriod, error) {
	periods, err := get[FiscalPeriod](ctx, s.client, "settings.periods", "Settings", "Period")
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.belief.holds() { // else nobody knows for which company they are closed
		s.remember(s.belief.company, periods)
	}
	return periods, nil
}

// remember keeps which periods are open. The caller holds mu.
func (s *Settings) remember(company string, periods []FiscalPeriod) {
	now := time.Now()
	s.open = map[openPeriod]time.Time{}
	for _, p := range periods {
		if !p.ActiveCompanyClosed {
			s.open[openPeriod{company, p.Period}] = now
		}
	}
}

// stateOf looks up one period for the checks of a create. That it is open is believed for a minute, so that many
// documents of one period do not read the whole calendar each; a batch that slips into a period just closed stays a
// draft, because the server refuses to post it. Anything else is asked for again.
func (s *Settings) stateOf(ctx context.Context, company string, period Period) (periodState, error) {
	const belief = time.Minute
	key := openPeriod{company, period}
	s.mu.Lock()
	seen, ok := s.open[key]
	s.mu.Unlock()
	if ok && time.Since(seen) < belief {
		return periodState{true, true}, nil
	}
	periods, err := s.Periods(ctx)
	if err != nil {
		return periodState{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remember(company, periods)
	var state periodState
	for _, p := range periods {
		if p.Period == period {
			state = periodState{true, !bool(p.ActiveCompanyClosed)}
		}
	}
	return state, nil
}

// PeriodOf returns the fiscal period that holds the day. A day that no period or more than one holds is ErrNotFound or
// ErrConflict: it cannot be worked out by arithmetic.
//
// It makes the call of [Settings.Periods].
func (s *Settings) PeriodOf(ctx context.Context, day Date) (FiscalPeriod, error) {
	const op = "settings.periodOf"
	periods, err := s.Periods(ctx)
	if err != nil {
		return FiscalPeriod{}, err
	}
	var found []FiscalPeriod
	for _, p := range periods {
		if p.AccountPdStart.Compare(day) <= 0 && day.Compare(p.AccountPdEnd) <= 0 {
			found = append(found, p)
		}
	}
	switch len(found) {
	case 0:
		return FiscalPeriod{}, &Error{Op: op, Class: ClassNotFound, Messages: []string{fmt.Sprintf("no fiscal period holds %s", day)}, Hint: "add the period in Vantagepoint"}
	case 1:
		return found[0], nil
	}
	return FiscalPeriod{}, &Error{
		Op: op, Class: ClassConflict, Messages: []string{fmt.Sprintf("%s lies in the periods %s and %s", day, found[0].Period, found[1].Period)},
		Hint: "choose one: adjustment periods share the days of others",
	}
}

// ActivePeriod returns the period that the user works in.
//
// Vantagepoint: GET Settings/ActivePeriod.
func (s *Settings) ActivePeriod(ctx context.Context) (FiscalPeriod, error) {
	return getOne[FiscalPeriod](ctx, s.client, "settings.activePeriod", "Settings", "ActivePeriod")
}

// SetActivePeriod changes the period that the user works in.
//
// Vantagepoint: PUT Settings/ActivePeriod/{period}.
func (s *Settings) SetActivePeriod(ctx context.Context, period Period) error {
	if err := s.client.enterWork(ctx, "settings.setActivePeriod"); err != nil {
		return err
	}
	defer s.client.leaveWork()
	return s.setActivePeriod(ctx, period)
}

func (s *Settings) setActivePeriod(ctx context.Context, period Period) error {
	s.sawPeriod(0)
	return s.put(ctx, "settings.setActivePeriod", "ActivePeriod", period.String())
}

// Companies lists the companies of the enterprise.
//
// Vantagepoint: GET Settings/Company.
func (s *Settings) Companies(ctx context.Context) ([]Company, error) {
	return get[Company](ctx, s.client, "settings.companies", "Settings", "Company")
}

// ActiveCompany returns the company that the user works in.
//
// Vantagepoint: GET Settings/ActiveCompany.
func (s *Settings) ActiveCompany(ctx context.Context) (Company, error) {
	return getOne[Company](ctx, s.client, "settings.activeCompany", "Settings", "ActiveCompany")
}

// Believe is for a caller who has just been told that this company is active, and writes several documents now: until
// that time the client takes it, and in style NoFiles the period it set last, for the active ones, instead of asking
// before each document. Another program of the same user could switch meanwhile, unnoticed: keep the time short. It
// ends early when this client itself switches.
func (s *Settings) Believe(company string, until time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	period := s.belief.period
	if !s.belief.holds() {
		period = 0
	}
	s.belief = belief{company, period, until}
}

// Believed returns the company that is taken for the active one, if Believe's time has not passed.
func (s *Settings) Believed() (company string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.belief.company, s.belief.holds()
}

// sawPeriod notes the active period; 0 says that it is not known.
func (s *Settings) sawPeriod(period Period) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.belief.period = period
}

// believedPeriod is the period that is taken for the active one; 0 where it must be asked for.
func (s *Settings) believedPeriod() Period {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.belief.holds() {
		return 0
	}
	return s.belief.period
}

// SetActiveCompany changes the company that the user works in. A client with Config.Company does so by itself.
//
// Vantagepoint: PUT Settings/ActiveCompany/{company}.
func (s *Settings) SetActiveCompany(ctx context.Context, company string) error {
	if err := s.client.enterWork(ctx, "settings.setActiveCompany"); err != nil {
		return err
	}
	defer s.client.leaveWork()
	return s.setActiveCompany(ctx, company)
}

func (s *Settings) setActiveCompany(ctx context.Context, company string) error {
	s.mu.Lock()
	s.belief = belief{}
	s.mu.Unlock()
	return s.put(ctx, "settings.setActiveCompany", "ActiveCompany", company)
}

// put changes one setting. To set it twice does no harm.
func (s *Settings) put(ctx context.Context, op, name, value string) error {
	_, err := s.client.send(ctx, rest.Call{Op: op, Method: http.MethodPut, Path: []string{"Settings", name, value}, Replayable: true})
	return err
}

func (c *Client) enterWork(ctx context.Context, op string) error {
	select {
	case c.work <- struct{}{}:
		return nil
	case <-ctx.Done():
		return &Error{Op: op, Class: ClassTransport, err: context.Cause(ctx)}
	}
}

func (c *Client) leaveWork() { <-c.work }

// enterCompany makes Config.Company the active one and returns the company that is active, or "" where that is unknown.
func (c *Client) enterCompany(ctx context.Context) (string, error) {
	const op = "settings.enterCompany"
	if err := c.enterWork(ctx, op); err != nil {
		return "", err
	}
	defer c.leaveWork()
	want := c.config.Company
	if company, ok := c.Settings.Believed(); ok && (want == "" || sameKey(company, want)) {
		return company, nil
	}
	active, err := c.Settings.ActiveCompany(ctx)
	if err != nil {
		if want == "" && cannotTell(err) {
			return "", nil // one company, and a role that may not look at settings
		}
		return "", err
	}
	if want == "" || sameKey(active.Company, want) {
		return active.Company, nil
	}
	if err := c.Settings.setActiveCompany(ctx, want); err != nil {
		return "", err
	}
	if active, err = c.Settings.ActiveCompany(ctx); err != nil {
		return "", err
	}
	if !sameKey(active.Company, want) {
		return "", &Error{
			Op: op, Class: ClassConflict, Messages: []string{fmt.Sprintf("company %s was made active, but %s is", want, active.Company)},
			Hint: "does another program work as the same user, or does the user have no access to that company?",
		}
	}
	return active.Company, nil
}

// enterPeriod makes the period the active one, and keeps this client from changing it until leave is called.
func (c *Client) enterPeriod(ctx context.Context, period Period) (leave func(), err error) {
	if err := c.enterWork(ctx, "settings.enterPeriod"); err != nil {
		return nil, err
	}
	known := c.Settings.believedPeriod()
	if known == 0 {
		var active FiscalPeriod
		active, err = c.Settings.ActivePeriod(ctx)
		known = active.Period
	}
	if err == nil && known != period {
		err = c.Settings.setActivePeriod(ctx, period)
	}
	if err == nil {
		c.Settings.sawPeriod(period)
	}
	if err != nil {
		c.leaveWork()
		return nil, err
	}
	return c.leaveWork, nil
}
