package diagnose

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// The screens of Amazon's side.
const (
	developApps = "Seller Central » Apps and Services » Develop Apps (or Solution Provider Portal)"
	manageApps  = "Seller Central » Apps and Services » Manage Your Apps"
)

// Account is what is known of a seller's Amazon account besides the error.
type Account struct {
	Region string // of the configuration: na, eu, fe
	// Answers is another region that answers for the seller with the same credentials; empty for none.
	Answers spapi.Region
	// Allowed says that Amazon let another call of the same seller through, so that credentials and region are right.
	Allowed bool
	// Needs is the role that the refused call needs.
	Needs string
	// Secret and Authorised are when the client secret and the refresh token were entered first; zero for unknown.
	Secret, Authorised time.Time
	Now                time.Time
}

// The roles that an application needs.
const (
	FinanceAndAccounting   = "Finance and Accounting"
	SellingPartnerInsights = "Selling Partner Insights"
)

// Amazon explains why a call to Amazon failed.
func Amazon(err error, a Account) Diagnosis {
	for e, ok := errors.AsType[*spapi.Error](err); ok; e, ok = errors.AsType[*spapi.Error](e.Unwrap()) {
		if d, ok := a.refused(e); ok {
			return d
		}
	}
	if d, ok := network(err, "Amazon", "amazon.region, amazon.endpoint and amazon.lwa_endpoint"); ok {
		return d
	}
	switch e, _ := errors.AsType[*spapi.Error](err); {
	case errors.Is(err, spapi.ErrThrottled):
		return Diagnosis{What: "Amazon's quota for this call is used up", Next: "try again in a few minutes", Later: true}
	case e != nil && e.Status >= 500:
		return Diagnosis{What: fmt.Sprintf("Amazon answers with a fault of its own (%d)", e.Status), Next: "try again later; Amazon's status page is in Seller Central", Later: true}
	case e != nil && e.Status != 0:
		return Diagnosis{
			What: fmt.Sprintf("what answers is not Amazon's interface, or refuses the call: %v", err), Screen: "payoutsync.yaml, amazon.endpoint and amazon.lwa_endpoint",
			Next: "leave them empty unless a sandbox or a proxy stands there",
		}
	}
	return unexplained(err)
}

// refused explains an answer of Login with Amazon or of the interface that refuses the caller.
func (a Account) refused(e *spapi.Error) (Diagnosis, bool) {
	switch {
	case strings.Contains(strings.ToLower(e.Message+e.Details), "secret token"): // "The LWA secret token you provided has expired."
		return a.expiredSecret(), true
	case strings.HasPrefix(e.Op, "lwa."):
		return a.login(e), e.Is(spapi.ErrCredentials)
	case e.Is(spapi.ErrExpiredToken): // itself, not its cause
		return Diagnosis{
			What: "Amazon calls an access token expired that it has just given out", Screen: thisMachine,
			Next: "set its clock by a time server; if the clock is right, let the seller authorise the application again",
		}, true
	case e.Is(spapi.ErrDenied):
		return a.denied(), true
	}
	return Diagnosis{}, false
}

// login explains a refusal of Login with Amazon by its error word.
func (a Account) login(e *spapi.Error) Diagnosis {
	switch e.Code {
	case "invalid_client":
		if !a.Secret.IsZero() && a.Now.Sub(a.Secret) >= SecretLasts {
			return a.expiredSecret()
		}
		return Diagnosis{
			What: "Amazon does not accept the application's client id and client secret: one of them is wrong, or the secret was rotated or has expired", Screen: developApps + " » LWA credentials » View",
			Next: "compare the client id, copy the client secret, and enter them with `payoutsync connect`",
		}
	case "invalid_grant":
		what := "Amazon does not accept the refresh token: the seller has revoked the authorisation, or it belongs to another application"
		if !a.Authorised.IsZero() && a.Now.Sub(a.Authorised) >= AuthorisationLasts {
			what = "the seller's authorisation is older than a year and has lapsed, or was revoked"
		}
		return Diagnosis{
			What: what, Screen: manageApps,
			Next: "see whether the application is listed, authorise it again (Develop Apps » Edit App » Authorize for the firm's own application), and enter the new refresh token with `payoutsync connect`",
		}
	case "unauthorized_client", "access_denied":
		return Diagnosis{
			What: "Amazon does not let this application log in for a seller (" + e.Code + ")", Screen: developApps,
			Next: "see whether the application is still a draft, suspended, or one for vendors",
		}
	}
	return Diagnosis{
		What: "Login with Amazon refuses the request (" + e.Code + ")", Screen: "payoutsync.yaml, amazon.lwa_endpoint",
		Next: "leave it empty unless a proxy stands there, and enter the credentials again with `payoutsync connect`",
	}
}

func (a Account) expiredSecret() Diagnosis {
	return Diagnosis{
		What: "the application's client secret has expired: it lasts 180 days", Screen: developApps + " » LWA credentials » View » Rotate secret",
		Next: "rotate it and enter the new secret with `payoutsync connect`; the refresh token stays as it is, and Amazon may need a while until it knows the new secret everywhere",
	}
}

// denied explains a plain 403. Amazon's words for a wrong region and for a missing role are the same.
func (a Account) denied() Diagnosis {
	role := Diagnosis{
		What: fmt.Sprintf("the application lacks the role %s", a.Needs), Screen: developApps + " » Edit App » Roles",
		Next: fmt.Sprintf("tick %s, let the seller authorise the application again, and enter the new refresh token with `payoutsync connect`", a.Needs),
	}
	switch {
	case a.Answers != "":
		return Diagnosis{
			What: fmt.Sprintf("the region is wrong: the seller's marketplaces are answered by %q and not by %q", a.Answers, a.Region), Screen: "payoutsync.yaml, amazon.region",
			Next: fmt.Sprintf("write region: %s", a.Answers),
		}
	case a.Allowed:
		return role
	}
	role.What = fmt.Sprintf("Amazon denies access: the application lacks the role %s, or the seller has not authorised it in region %q", a.Needs, a.Region)
	return role
}
