// Package ping logs in to both systems of a seller and looks at everything that a round needs, without writing anything.
// What it finds is said in words, with the screen where it is mended.
package ping

import (
	"context"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/diagnose"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
)

// Check is one thing that was looked at.
type Check struct {
	Check   string `json:"check"` // its name, which stays the same between versions
	OK      bool   `json:"ok"`
	Message string `json:"message"` // what was seen
	// Remedy is where to mend it and how. One that is OK and has a remedy nevertheless is a warning.
	Remedy string `json:"remedy"`
	// Later says of one that is not OK that nothing needs mending on this side.
	Later bool `json:"-"`
}

// The names of the log-ins. Nothing else about a system is looked at when its log-in fails.
const (
	AmazonLogIn = "amazon.log_in"
	TenantLogIn = "vantagepoint.log_in"
)

// amazonSeller is the check of whose credentials they are.
const amazonSeller = "amazon.seller_id"

// Report is what ping found out about one seller.
type Report struct {
	Seller   string  `json:"seller"`
	SellerID string  `json:"seller_id"`
	Checks   []Check `json:"checks"`
}

func (r *Report) pass(name, message string) {
	r.Checks = append(r.Checks, Check{Check: name, OK: true, Message: message})
}

func (r *Report) warn(name, message, remedy string) {
	r.Checks = append(r.Checks, Check{Check: name, OK: true, Message: message, Remedy: remedy})
}

func (r *Report) fail(name string, d diagnose.Diagnosis) {
	r.Checks = append(r.Checks, Check{Check: name, Message: d.What, Remedy: d.Remedy(), Later: d.Later})
}

// OK reports whether everything is as it should be. Warnings do not count.
func (r *Report) OK() bool { return r.count(func(c Check) bool { return !c.OK }) == 0 }

// LoggedIn reports whether both systems accepted the credentials.
func (r *Report) LoggedIn() bool {
	return r.count(func(c Check) bool { return c.OK && (c.Check == AmazonLogIn || c.Check == TenantLogIn) }) == 2
}

// Foreign reports whether the credentials are another seller's. A round with them would book under the wrong seller's name,
// and once more when that is mended.
func (r *Report) Foreign() bool {
	return r.count(func(c Check) bool { return !c.OK && c.Check == amazonSeller }) > 0
}

// Mend reports whether something needs mending on this side.
func (r *Report) Mend() bool { return r.count(func(c Check) bool { return !c.OK && !c.Later }) > 0 }

// Later reports whether something may be well another time.
func (r *Report) Later() bool { return r.count(func(c Check) bool { return c.Later }) > 0 }

func (r *Report) count(is func(Check) bool) (n int) {
	for _, c := range r.Checks {
		if is(c) {
			n++
		}
	}
	return n
}

// Seller looks at both systems of a seller with these credentials. clock is the transport that the installation was
// opened with, or nil. The error is the end of the context; every other failure is in the report.
func Seller(ctx context.Context, in *installation.Installation, s config.Seller, secrets config.Credentials, clock *Clock) (*Report, error) {
	r := &Report{Seller: s.Name, SellerID: s.Amazon.SellerID}
	if err := r.amazon(ctx, in, s, secrets.Amazon); err != nil {
		return r, err
	}
	r.tenant(ctx, in, s, secrets.Vantagepoint)
	if clock != nil {
		r.clock(clock)
	}
	return r, ctx.Err()
}

// Lapses adds when the stored credentials end.
func (r *Report) Lapses(all []diagnose.Lapse) {
	for _, l := range all {
		if l.Warn {
			r.warn("amazon."+l.Credential, l.What, l.Remedy())
		} else {
			r.pass("amazon."+l.Credential, l.What)
		}
	}
}

// clockMayDiffer is what a clock may be off: a token's life is counted in minutes, and answers travel a while.
const clockMayDiffer = 5 * time.Minute

func (r *Report) clock(c *Clock) {
	host, off := c.Worst()
	if host == "" {
		return
	}
	if off.Abs() <= clockMayDiffer {
		r.pass("clock", "this machine's clock agrees with theirs")
		return
	}
	what := "behind"
	if off < 0 {
		what, off = "ahead of", -off
	}
	r.fail("clock", diagnose.Diagnosis{
		What: "this machine's clock is " + off.Round(time.Minute).String() + " " + what + " that of " + host, Screen: "this machine",
		Next: "set its clock by a time server: tokens and dates hang on it",
	})
}
