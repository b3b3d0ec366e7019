package diagnose

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// The screens of Vantagepoint's side.
const (
	apiAuthorization = "Vantagepoint, Utilities » Integrations » API Authorization"
	users            = "Vantagepoint, Settings » Security » Users"
	roles            = "Vantagepoint, Settings » Security » Roles"
	baseURL          = "payoutsync.yaml, vantagepoint.base_url"
)

// Tenant is what is known of a Vantagepoint tenant besides the error.
type Tenant struct {
	Database string // of the configuration
	User     string
	// Needs is what the refused call wanted, as the screen of roles names it: "Journal Entries".
	Needs string
}

// Vantagepoint explains why a call to Vantagepoint failed.
func Vantagepoint(err error, t Tenant) Diagnosis {
	e, ok := errors.AsType[*vantagepoint.Error](err)
	if !ok {
		if d, ok := network(err, "Vantagepoint", "vantagepoint.base_url"); ok {
			return d
		}
		return unexplained(err)
	}
	if e.Class == vantagepoint.ClassCredentials && len(e.Messages) > 0 {
		return t.login(e)
	}
	if d, ok := network(err, "Vantagepoint", "vantagepoint.base_url"); ok && e.Status == 0 {
		return d
	}
	switch login := strings.HasPrefix(e.Op, "token."); {
	case e.Class == vantagepoint.ClassDenied:
		return Diagnosis{
			What: fmt.Sprintf("the role of user %s has no access to %s", t.User, t.Needs), Screen: roles,
			Next: fmt.Sprintf("open the role, tab Accounting for transactions, and give it access to %s in this company", t.Needs),
		}
	case login && e.Class != vantagepoint.ClassServer && e.Class != vantagepoint.ClassThrottled:
		return Diagnosis{What: fmt.Sprintf("what answers is not Vantagepoint's interface (%s)", brief(e)), Screen: baseURL, Next: "write the whole address, as the administrator gives it: it ends in /api"}
	case errors.Is(e, vantagepoint.ErrUnavailable), errors.Is(e, vantagepoint.ErrThrottled):
		return Diagnosis{What: fmt.Sprintf("Vantagepoint answers with a fault of its own (%s)", brief(e)), Next: "try again later; if it stays so, ask the administrator", Later: true}
	}
	return unexplained(err)
}

// login explains a refused log-in. Vantagepoint sends OAuth's words, and in its own words what it means by invalid_grant.
func (t Tenant) login(e *vantagepoint.Error) Diagnosis {
	text := strings.ToLower(strings.Join(e.Messages, " "))
	has := func(words ...string) bool {
		for _, w := range words {
			if strings.Contains(text, w) {
				return true
			}
		}
		return false
	}
	switch {
	case has("unsupported_grant_type", "unauthorized_client"):
		return Diagnosis{What: "the API authorization does not allow a log-in with user and password", Screen: apiAuthorization, Next: "open the authorization and tick Allow Password Grant Type"}
	case has("invalid_client"):
		return Diagnosis{
			What: "Vantagepoint does not accept the client id and client secret", Screen: apiAuthorization,
			Next: "compare the client id and copy the secret as it is shown, not URL-encoded; somebody who generates a new secret there cuts off every program that has the old one",
		}
	case has("database"):
		return Diagnosis{What: fmt.Sprintf("there is no database %q", t.Database), Screen: apiAuthorization, Next: "copy the database name that is shown there into payoutsync.yaml, vantagepoint.database"}
	case has("disabled", "locked"):
		return Diagnosis{What: fmt.Sprintf("the log-in of user %s is disabled, perhaps after too many wrong passwords", t.User), Screen: users, Next: "enable the user, and enter the right password with `payoutsync connect` before the next try"}
	case has("change password", "password has expired", "password expired", "must change"):
		return Diagnosis{What: fmt.Sprintf("the password of user %s must be changed before the next log-in", t.User), Screen: users, Next: "take the tick from Change Password at Next Login, set a password that does not expire, and enter it with `payoutsync connect`"}
	}
	return Diagnosis{ // invalid_grant
		What: fmt.Sprintf("Vantagepoint does not accept user name %s and its password", t.User), Screen: users,
		Next: "compare the user name, set the password anew, and enter it with `payoutsync connect`; users who log in through Windows or Microsoft Entra cannot be used here. It was tried once, because every further try may lock the user",
	}
}

func brief(e *vantagepoint.Error) string {
	text := strings.Join(e.Messages, ". ")
	switch {
	case e.Status != 0 && text != "":
		return fmt.Sprintf("%d: %s", e.Status, text)
	case e.Status != 0:
		return fmt.Sprint(e.Status)
	case text != "":
		return text
	}
	return e.Error()
}
