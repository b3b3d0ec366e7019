package vantagepointtest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Tenant is a Vantagepoint tenant with one enterprise database. It is an [net/http.Handler]; [Tenant.Start] and
// [Tenant.Transport] are its two doors. All methods may be called at any time, from several goroutines.
type Tenant struct {
	opt      Options
	types    map[string]*docType // by lower-case prefix, "je"
	patterns []pattern

	mu       sync.Mutex
	calls    map[string]int
	total    int
	access   map[string]session // by access token
	refresh  map[string]session
	users    map[string]*userState // by lower-case name
	batches  []*batch              // in the order they were stored
	postings []ledgerRow
	postSeq  int
	serial   int // last server-made key
	hubs     hubs
	store    *store // nil: in memory
}

// userState is what the tenant keeps for a user between calls, whatever token the user comes with.
type userState struct {
	company string
	period  int
	wrong   int // wrong passwords in a row
	locked  bool
}

// New makes a tenant. With Options.Dir it reads the books that are there, and heals a last line that a crash tore.
func New(o Options) (*Tenant, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	t := &Tenant{
		opt:     o,
		types:   docTypes(o),
		calls:   map[string]int{},
		access:  map[string]session{},
		refresh: map[string]session{},
		users:   map[string]*userState{},
		postSeq: 193,
	}
	t.hubs = newHubs(o)
	t.patterns = t.routes()
	if o.Dir != "" {
		if err := t.open(o.Dir); err != nil {
			return nil, err
		}
	}
	return t, nil
}

// now is the tenant's local time, which is UTC.
func (t *Tenant) now() time.Time { return t.opt.Now().UTC() }

// Close closes the books on disk. A tenant in memory needs no Close.
func (t *Tenant) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.store == nil {
		return nil
	}
	return t.store.close()
}

// Calls returns how many calls of each operation reached the tenant, faulty ones included. Operations are named by method
// and path: "POST token", "POST DataEntry/jeControl", "GET DataEntry/jeDetail/{Batch}".
func (t *Tenant) Calls() map[string]int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return maps.Clone(t.calls)
}

// ClosePeriod closes a period in every company, as a controller does while others work. It is an error to name a period that
// does not exist. Books on disk do not keep it: a new tenant starts with Options.Periods.
func (t *Tenant) ClosePeriod(number int) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.opt.period(number)
	if p == nil {
		return fmt.Errorf("vantagepointtest: there is no period %d", number)
	}
	p.Closed = true
	return nil
}

// Inject adds a fault while the tenant runs. It comes before the steps that are there; its Nth counts from now on.
func (t *Tenant) Inject(s Step) error {
	if err := (Faults{Steps: []Step{s}}).check(); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	done := t.total
	if s.Operation != "" {
		done = t.calls[s.Operation]
	}
	s.Nth = max(1, s.Nth) + done
	t.opt.Faults.Steps = append([]Step{s}, t.opt.Faults.Steps...)
	return nil
}

func (o Options) withDefaults() Options {
	o.Database = cmp.Or(o.Database, "DEMO")
	o.Path = cmp.Or(o.Path, "/"+strings.ToLower(o.Database)+"/api")
	o.Currency = cmp.Or(o.Currency, "USD")
	o.RefnoLength = cmp.Or(o.RefnoLength, 12)
	o.LateBy = cmp.Or(o.LateBy, 5*time.Second)
	o.Quirks.DuplicateStatus = cmp.Or(o.Quirks.DuplicateStatus, 400)
	o.Quirks.TokenLife = cmp.Or(o.Quirks.TokenLife, 30*time.Minute)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Users == nil {
		o.Users = []User{{Name: DemoUser, Password: DemoPassword}}
	}
	if o.Clients == nil {
		o.Clients = []Client{{ID: DemoClientID, Secret: DemoClientSecret}}
	}
	if o.Periods == nil {
		o.Periods = Months(2015, 2035)
	}
	if o.Accounts == nil {
		o.Accounts = DemoAccounts()
	}
	if o.Projects == nil {
		o.Projects = DemoProjects()
		o.OverheadProject = cmp.Or(o.OverheadProject, "00000000.00")
	}
	if o.Banks == nil {
		// A chart of its own may lack the accounts behind them.
		o.Banks = slices.DeleteFunc(DemoBanks(), func(b Bank) bool { return o.account(b.Account) == nil })
	}
	ifExists := func(set *string, demo string) {
		if *set == "" && o.account(demo) != nil {
			*set = demo
		}
	}
	ifExists(&o.AutoPosting.Receivable, "111.00")
	ifExists(&o.AutoPosting.Payable, "201.00")
	ifExists(&o.AutoPosting.Profit, "302.00")
	o.Companies = append([]Company{{Code: o.Company, Name: "Company " + o.Company, Currency: o.Currency}}, o.Companies...)
	o.Periods = slices.Clone(o.Periods)
	slices.SortStableFunc(o.Periods, func(a, b Period) int { return cmp.Compare(a.Number, b.Number) })
	return o
}

// check refuses a description that contradicts itself, so that a test does not chase the mistake through HTTP.
func (o *Options) check() error {
	bad := func(format string, args ...any) error { return fmt.Errorf("vantagepointtest: "+format, args...) }
	if !strings.HasPrefix(o.Path, "/") || !strings.HasSuffix(o.Path, "/api") {
		return bad("Options.Path %q must begin with / and end in /api", o.Path)
	}
	for _, c := range o.Companies {
		if len(c.Currency) != 3 || strings.ToUpper(c.Currency) != c.Currency {
			return bad("company %q keeps its books in %q, which is not a three-letter currency", c.Code, c.Currency)
		}
	}
	if len(o.Periods) == 0 {
		return bad("Options.Periods is empty: a tenant has at least one period")
	}
	seen := map[int]bool{}
	for _, p := range o.Periods {
		start, err1 := time.Parse(time.DateOnly, p.Start)
		end, err2 := time.Parse(time.DateOnly, p.End)
		if err1 != nil || err2 != nil || end.Before(start) || seen[p.Number] {
			return bad("period %d (%s to %s) needs a number of its own and two dates in order", p.Number, p.Start, p.End)
		}
		seen[p.Number] = true
	}
	for _, b := range o.Banks {
		if o.account(b.Account) == nil {
			return bad("bank %s is kept on account %q, which is not in Accounts", b.Code, b.Account)
		}
	}
	for _, auto := range []string{o.AutoPosting.Receivable, o.AutoPosting.Payable, o.AutoPosting.Profit} {
		if auto != "" && o.account(auto) == nil {
			return bad("AutoPosting names account %q, which is not in Accounts", auto)
		}
	}
	if err := o.Faults.check(); err != nil {
		return err
	}
	for table, fields := range o.CustomFields {
		for _, f := range fields {
			if !strings.HasPrefix(f.Name, "Cust") {
				return bad("custom field %s.%s must begin with Cust", table, f.Name)
			}
		}
	}
	return nil
}

func (o *Options) account(number string) *Account {
	i := slices.IndexFunc(o.Accounts, func(a Account) bool { return a.Number == number })
	if i < 0 {
		return nil
	}
	return &o.Accounts[i]
}

func (o *Options) bank(code string) *Bank {
	i := slices.IndexFunc(o.Banks, func(b Bank) bool { return strings.EqualFold(b.Code, code) })
	if i < 0 {
		return nil
	}
	return &o.Banks[i]
}

func (o *Options) company(code string) *Company {
	i := slices.IndexFunc(o.Companies, func(c Company) bool { return c.Code == strings.TrimSpace(code) })
	if i < 0 {
		return nil
	}
	return &o.Companies[i]
}

func (o *Options) period(number int) *Period {
	i := slices.IndexFunc(o.Periods, func(p Period) bool { return p.Number == number })
	if i < 0 {
		return nil
	}
	return &o.Periods[i]
}
