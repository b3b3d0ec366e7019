package web

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
)

// The policies of the pages, and of the report, which brings its own style sheet so that it can be sent by mail.
const (
	pagePolicy   = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	reportPolicy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)

// guard sets the headers of every answer and turns strangers away.
func (s *Site) guard(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", pagePolicy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		h.Set("Cache-Control", "no-store")
		if s.options.TLS {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		if !s.known(r.Host) {
			say(w, http.StatusMisdirectedRequest, "this address is not served here")
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
		next.ServeHTTP(w, r)
	})
}

func (s *Site) known(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	return len(s.options.Hosts) == 0 || slices.Contains(s.options.Hosts, host)
}

type userKey struct{}

// session is who asks.
type session struct{ user, token string }

func sessionOf(r *http.Request) session {
	one, _ := r.Context().Value(userKey{}).(session)
	return one
}

// forUsers sends those who are not logged in to the log-in.
func (s *Site) forUsers(next http.Handler) http.Handler {
	if s.options.Door == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var one session
		if c, err := r.Cookie(s.cookie()); err == nil {
			one.token = c.Value
		}
		var err error
		if one.user, err = s.options.Door.Who(r.Context(), one.token); err != nil {
			s.fail(w, r, err)
			return
		}
		if one.user == "" {
			to := "/login"
			if r.Method == http.MethodGet && r.URL.Path != "/" {
				to += "?next=" + url.QueryEscape(r.URL.RequestURI())
			}
			http.Redirect(w, r, to, http.StatusSeeOther)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, one)))
	})
}

// forPrograms asks programs that have no cookies, such as Prometheus, for a user by HTTP's own Basic authentication.
func (s *Site) forPrograms(next http.Handler) http.Handler {
	if s.options.Door == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name, password, ok := r.BasicAuth()
		if ok {
			err := s.options.Door.Check(r.Context(), name, password, origin(r))
			if err == nil {
				next.ServeHTTP(w, r)
				return
			}
			if _, locked := errors.AsType[*login.LockedError](err); !locked && !errors.Is(err, login.ErrRefused) {
				say(w, http.StatusServiceUnavailable, "the users cannot be read now")
				return
			}
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="payoutsync"`)
		say(w, http.StatusUnauthorized, "log in")
	})
}

// origin is where a try to log in comes from: an address, of IPv6 the network, which is one customer's. Headers of proxies
// are not believed: everybody can write them.
func origin(r *http.Request) string {
	from, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := from.Addr().Unmap()
	if address.Is4() {
		return address.String()
	}
	network, _ := address.WithZone("").Prefix(64) // 64 bits always fit
	return network.String()
}

// cookie is the name of the session's cookie. The prefix makes browsers insist on TLS and on this host alone.
func (s *Site) cookie() string {
	if s.options.TLS {
		return "__Host-payoutsync"
	}
	return "payoutsync"
}

func (s *Site) setCookie(w http.ResponseWriter, token string, seconds int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // secure wherever TLS is spoken; without it a secure cookie would not come back
		Name: s.cookie(), Value: token, Path: "/", MaxAge: seconds, HttpOnly: true, Secure: s.options.TLS, SameSite: http.SameSiteStrictMode,
	})
}

func (s *Site) askLogin(w http.ResponseWriter, r *http.Request) {
	if s.options.Door == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	s.show(w, r, http.StatusOK, "login", loginPage{Next: local(r.FormValue("next"))})
}

func (s *Site) login(w http.ResponseWriter, r *http.Request) {
	if s.options.Door == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return
	}
	name, next := r.PostFormValue("name"), local(r.PostFormValue("next"))
	token, err := s.options.Door.Enter(r.Context(), name, r.PostFormValue("password"), origin(r))
	_, locked := errors.AsType[*login.LockedError](err)
	switch {
	case err == nil:
		s.options.Logger.InfoContext(r.Context(), "a user logged in", "user", name)
		s.setCookie(w, token, int(login.SessionLasts.Seconds()))
		http.Redirect(w, r, next, http.StatusSeeOther) //nolint:gosec // local keeps it on this site
	case errors.Is(err, login.ErrRefused), locked:
		s.options.Logger.WarnContext(r.Context(), "a log-in failed", "from", origin(r), "error", err)
		status := http.StatusUnauthorized
		if locked {
			status = http.StatusTooManyRequests
		}
		s.show(w, r, status, "login", loginPage{Name: name, Next: next, Problem: sentence(err.Error())})
	default:
		s.fail(w, r, err)
	}
}

func (s *Site) logout(w http.ResponseWriter, r *http.Request) {
	if c, err := r.Cookie(s.cookie()); err == nil && s.options.Door != nil {
		if err := s.options.Door.Leave(r.Context(), c.Value); err != nil {
			s.fail(w, r, err)
			return
		}
	}
	s.setCookie(w, "", -1)
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

// local keeps a redirection on this site.
func local(to string) string {
	u, err := url.Parse(to)
	if err != nil || u.Scheme != "" || u.Host != "" || !strings.HasPrefix(u.Path, "/") || strings.HasPrefix(u.Path, "//") || strings.Contains(to, `\`) {
		return "/payouts"
	}
	return u.RequestURI()
}
