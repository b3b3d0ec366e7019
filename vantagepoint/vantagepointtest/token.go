package vantagepointtest

import (
	"cmp"
	"crypto/rand"
	"maps"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// session is what a token stands for.
type session struct {
	user    *User
	client  *Client
	culture string
	expires time.Time
}

// text translates a label for the session: a log-in in another language than the user's gets none.
func (s *session) text(label string) string {
	if s.culture != "" && s.user.Culture != "" && !strings.EqualFold(s.culture, s.user.Culture) {
		return "Text not translated"
	}
	return label
}

func bearer(r *request) string {
	scheme, token, _ := strings.Cut(r.header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return token
}

// token answers the log-in: password and refresh grants. Parameters count in the form body only, whatever their case.
func (t *Tenant) token(r *request) answer {
	media, _, _ := mime.ParseMediaType(r.header.Get("Content-Type"))
	form, err := url.ParseQuery(string(r.body))
	if media != "application/x-www-form-urlencoded" || err != nil {
		return oauthError("unsupported_grant_type", "")
	}
	params := map[string]string{}
	for name, values := range form {
		params[strings.ToLower(name)] = values[0]
	}
	grant := params["grant_type"]
	if grant != "password" && grant != "refresh_token" {
		return oauthError("unsupported_grant_type", "")
	}
	i := slices.IndexFunc(t.opt.Clients, func(c Client) bool {
		return c.ID == params["client_id"] && c.Secret == params["client_secret"]
	})
	if i < 0 {
		return oauthError("invalid_client", "The client is not authorized. Check the client ID and the client secret.")
	}
	client := &t.opt.Clients[i]
	if grant == "password" && client.NoPasswordGrant {
		return oauthError("unsupported_grant_type", "")
	}
	if !strings.EqualFold(params["database"], t.opt.Database) {
		return oauthError("invalid_grant", "The database is not valid.")
	}
	if grant == "refresh_token" {
		return t.refreshGrant(params["refresh_token"], client)
	}
	return t.passwordGrant(params, client)
}

func (t *Tenant) passwordGrant(params map[string]string, client *Client) answer {
	const wrong = "The user name or password is incorrect."
	i := slices.IndexFunc(t.opt.Users, func(u User) bool { return strings.EqualFold(u.Name, params["username"]) })
	if i < 0 {
		return oauthError("invalid_grant", wrong)
	}
	user := &t.opt.Users[i]
	state := t.userState(user)
	if user.Disabled || state.locked {
		return oauthError("invalid_grant", "Your login has been disabled.  Please contact your system administrator.")
	}
	if user.Password != params["password"] || user.Integrated != (params["integrated"] == "Y") {
		state.wrong++
		state.locked = t.opt.Quirks.LockAfter > 0 && state.wrong >= t.opt.Quirks.LockAfter
		return oauthError("invalid_grant", wrong)
	}
	state.wrong = 0
	return t.grant(session{user: user, client: client, culture: params["culture"]})
}

func (t *Tenant) refreshGrant(token string, client *Client) answer {
	s, ok := t.refresh[token]
	if !ok || t.opt.Quirks.NoRefresh || s.client.ID != client.ID || s.user.Disabled || t.userState(s.user).locked {
		return oauthError("invalid_grant", "The refresh token is not valid.")
	}
	if t.opt.Quirks.RefreshOnce {
		delete(t.refresh, token)
	}
	return t.grant(s)
}

// grant hands out a pair of tokens. expires_in says one second less than the token lives, as the published samples do.
func (t *Tenant) grant(s session) answer {
	life, now := t.opt.Quirks.TokenLife, t.now()
	maps.DeleteFunc(t.access, func(_ string, old session) bool { return !now.Before(old.expires) })
	s.expires = now.Add(life)
	access, refresh := "at-"+rand.Text(), "rt-"+rand.Text()
	t.access[access], t.refresh[refresh] = s, s
	body := obj{
		{"access_token", access}, {"token_type", "bearer"}, {"expires_in", max(0, int(life/time.Second)-1)}, {"refresh_token", refresh},
	}.appendJSON(nil, NumbersShort)
	return answer{http.StatusOK, http.Header{"Content-Type": {jsonType}, "Cache-Control": {"no-store"}}, body}
}

func oauthError(code, description string) answer {
	body := obj{{"error", code}}
	if description != "" {
		body = append(body, member{"error_description", description})
	}
	return answer{http.StatusBadRequest, http.Header{"Content-Type": {jsonType}}, body.appendJSON(nil, NumbersShort)}
}

// userState finds what the tenant remembers of a user. A user starts in the first company that is open to them, and in
// the period that holds today, or else the last one before it, or else the first.
func (t *Tenant) userState(u *User) *userState {
	key := strings.ToLower(u.Name)
	if s := t.users[key]; s != nil {
		return s
	}
	s := &userState{company: t.opt.Company, period: t.opt.Periods[0].Number}
	if len(u.Companies) > 0 {
		s.company = u.Companies[0]
	}
	today := t.now().Format(time.DateOnly)
	for _, p := range t.opt.Periods {
		if cmp.Compare(p.Start, today) <= 0 {
			s.period = p.Number
		}
	}
	t.users[key] = s
	return s
}

// state is the session state of the caller.
func (t *Tenant) state(r *request) *userState { return t.userState(r.who.user) }
