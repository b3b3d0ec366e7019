package vantagepoint

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// session is the user's log-in: it holds the token that all calls of a client share, and is the [rest.Authorizer].
//
// Vantagepoint knows the password grant and the refresh grant. A token lives as long as its answer says (30 minutes in
// every sample); the refresh token of every answer replaces the one before, because nobody documents whether it may
// be used twice. What the refresh grant refuses, the password grant is asked for.
type session struct {
	client   *rest.Client // without credentials; set once, by NewClient
	user     string
	database string
	clientID string
	password func() url.Values // the form of the password grant
	secrets  []Secret          // what never may be printed, but the tokens

	turn    chan struct{} // of one: a mutex for fetching, whose waiters obey their contexts
	refused *Error        // a wrong password is tried once: further tries lock the account. Belongs to the turn.

	mu      sync.Mutex // for the rest; never held while waiting
	access  Secret
	refresh Secret
	until   time.Time // when access is too old to be used
	retired []Secret  // tokens of before, which an answer may still repeat
}

// tokenAnswer is what the token endpoint answers.
type tokenAnswer struct {
	Access  string `json:"access_token"`
	Refresh string `json:"refresh_token"`
	// Expires is the life left in seconds; a number, here and there as text.
	Expires Amount `json:"expires_in"`
}

func newSession(config Config) *session {
	integrated := "N"
	if config.Integrated {
		integrated = "Y"
	}
	form := url.Values{
		"Username": {config.Username}, "Password": {config.Password.Reveal()}, "grant_type": {"password"},
		"Integrated": {integrated}, "database": {config.Database},
		"Client_Id": {config.ClientID}, "client_secret": {config.ClientSecret.Reveal()},
	}
	if config.Culture != "" {
		form.Set("culture", config.Culture)
	}
	secrets := []Secret{config.Password, config.ClientSecret}
	for name, value := range config.LoginValues {
		form.Set(name, value.Reveal())
		secrets = append(secrets, value)
	}
	return &session{
		user: config.Username, database: config.Database, clientID: config.ClientID,
		password: func() url.Values { return form }, secrets: secrets, turn: make(chan struct{}, 1),
	}
}

// Authorize puts the token on a request, after fetching one if there is none or its time is up.
func (s *session) Authorize(req *http.Request) (string, error) {
	token, err := s.token(req.Context())
	if err != nil {
		return "", err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	return token, nil
}

// Invalidate forgets a token that was answered with 401, and with it the refresh token: what follows is a log-in.
func (s *session) Invalidate(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.access.Reveal() == token {
		s.retire(s.access, s.refresh)
		s.access, s.refresh = Secret{}, Secret{}
	}
}

// retire remembers the last tokens that are no longer used. The caller holds mu.
func (s *session) retire(tokens ...Secret) {
	const most = 16
	s.retired = append(s.retired, tokens...)
	s.retired = s.retired[max(0, len(s.retired)-most):]
}

// current returns the token if it may still be used, and the refresh token.
func (s *session) current() (access, refresh string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Now().Before(s.until) {
		access = s.access.Reveal()
	}
	return access, s.refresh.Reveal()
}

func (s *session) token(ctx context.Context) (string, error) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return "", context.Cause(ctx)
	}
	access, refresh := s.current()
	if access != "" {
		return access, nil
	}
	if s.refused != nil {
		return "", s.refused
	}
	if refresh != "" {
		access, err := s.fetch(ctx, "token.refresh", url.Values{
			"grant_type": {"refresh_token"}, "refresh_token": {refresh}, "database": {s.database},
			"client_id": {s.clientID}, "client_secret": s.password()["client_secret"],
		})
		if err == nil || ctx.Err() != nil {
			return access, err
		}
		s.mu.Lock()
		s.retire(s.refresh)
		s.refresh = Secret{}
		s.mu.Unlock()
	}
	access, err := s.fetch(ctx, "token.password", s.password())
	if e, ok := errors.AsType[*Error](err); ok && e.Class == ClassCredentials {
		e.Hint = hintLogin
		if len(e.Messages) == 0 { // not the words of a token endpoint
			e.Hint = hintBase + " If so, " + hintLogin
		}
		s.refused = e
	}
	return access, err
}

// fetch asks the token endpoint: POST {base}/token with a form.
func (s *session) fetch(ctx context.Context, op string, form url.Values) (string, error) {
	began := time.Now()
	// A lost answer may be asked for again: a second token does no harm, and a refusal (400) is never repeated.
	answer, err := rest.Do[tokenAnswer](ctx, s.client, rest.Call{Op: op, Method: http.MethodPost, Path: []string{"token"}, Body: form, Replayable: true})
	if err != nil {
		return "", err
	}
	if answer.Access == "" {
		return "", &Error{Op: op, Class: ClassTransport, Messages: []string{"the answer holds no access_token"}, Hint: hintBase}
	}
	life, err := time.ParseDuration(answer.Expires.String() + "s")
	if err != nil || life <= 0 {
		life = 30 * time.Minute // every documented sample
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.retire(s.access)
	s.access = NewSecret(answer.Access)
	if answer.Refresh != "" {
		s.retire(s.refresh)
		s.refresh = NewSecret(answer.Refresh)
	}
	// A token is renewed a minute early, so that a slow call does not outlive it; a very short life loses a quarter.
	s.until = began.Add(life - min(time.Minute, life/4))
	return answer.Access, nil
}

// hide removes every secret this session knows from a text.
func (s *session) hide(text string) string {
	s.mu.Lock()
	known := slices.Concat(s.secrets, s.retired, []Secret{s.access, s.refresh})
	s.mu.Unlock()
	return hide(text, known)
}

// hideIn returns err, with a text of its own if its own text held a secret. What errors.Is and errors.As find stays
// the same.
func (s *session) hideIn(err error) error {
	if err == nil {
		return nil
	}
	if text := s.hide(err.Error()); text != err.Error() {
		return &hiddenError{text, func() error { return err }}
	}
	return err
}

type hiddenError struct {
	text  string
	cause func() error // a function, into which package fmt does not look
}

func (h *hiddenError) Error() string        { return h.text }
func (h *hiddenError) Is(target error) bool { return errors.Is(h.cause(), target) }
func (h *hiddenError) As(target any) bool   { return errors.As(h.cause(), target) }

// quiet is a transport whose errors hold no secret: proxies and dialers may repeat what they were given.
type quiet struct {
	base    http.RoundTripper
	session *session
}

func (q quiet) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := q.base.RoundTrip(r)
	return response, q.session.hideIn(err)
}
