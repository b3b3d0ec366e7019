package installation

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

// once is a transport that lets a password of Vantagepoint be tried once by all sellers, rounds and processes, because every
// further try may lock the user: a log-in that was refused is kept in the database, and answered from there.
type once struct {
	base    http.RoundTripper
	in      *Installation
	seller  string
	id      string // of the log-in
	secrets []string
	byHand  bool // a person asks: it is tried, and what comes of it is what holds
}

func (in *Installation) once(base http.RoundTripper, s config.Seller, secrets config.VantagepointCredentials, byHand bool) (once, error) {
	text, err := json.Marshal([]any{s.Vantagepoint.BaseURL, s.Vantagepoint.Database, secrets})
	if err != nil {
		return once{}, errors.New("the credentials for Vantagepoint cannot be used")
	}
	id := hmac.New(sha256.New, in.refusals)
	id.Write(text)
	return once{base, in, s.Name, hex.EncodeToString(id.Sum(nil)), []string{secrets.Password, secrets.ClientSecret}, byHand}, nil
}

// RoundTrip implements [http.RoundTripper].
func (o once) RoundTrip(req *http.Request) (*http.Response, error) {
	if !triesPassword(req) {
		return o.base.RoundTrip(req)
	}
	var answer *http.Response
	sent := false
	err := o.in.inTurn(req.Context(), "log-in "+o.id, func(ctx context.Context) error {
		if !o.byHand {
			was, err := o.in.Store.Refused(ctx, o.id)
			if err == nil {
				answer = o.again(req, was) //nolint:bodyclose // the caller closes it
				return nil
			}
			if !errors.Is(err, store.ErrNotFound) {
				return err
			}
		}
		sent = true
		var err error
		if answer, err = o.base.RoundTrip(req); err != nil { //nolint:bodyclose // likewise
			return err
		}
		return o.note(ctx, answer)
	})
	if !sent && req.Body != nil {
		_ = req.Body.Close() // as a transport has to
	}
	if answer != nil {
		if err != nil { // a database that goes away after the answer takes nothing from it
			o.in.options.Logger.WarnContext(req.Context(), "whether a log-in was refused cannot be kept", "seller", o.seller, "error", err)
		}
		return answer, nil
	}
	return nil, err
}

// triesPassword reports whether a request tries a password. One that renews a token does not.
func triesPassword(req *http.Request) bool {
	if !strings.HasSuffix(req.URL.Path, "/token") || req.GetBody == nil {
		return false
	}
	body, err := req.GetBody()
	if err != nil {
		return false
	}
	text, _ := io.ReadAll(body) // bytes in memory
	form, err := url.ParseQuery(string(text))
	return err == nil && form.Get("grant_type") == "password"
}

// note keeps a refusal, and forgets the one of before when the log-in is answered well. What was read of the answer is put back.
func (o once) note(ctx context.Context, answer *http.Response) error {
	ctx = context.WithoutCancel(ctx)
	if answer.StatusCode/100 == 2 {
		if o.byHand {
			return o.in.Store.ForgetRefused(ctx, o.id)
		}
		return nil
	}
	text, _ := io.ReadAll(io.LimitReader(answer.Body, 64<<10)) // whoever reads on meets the error
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(text), answer.Body), answer.Body}
	var said oauth
	if json.Unmarshal(text, &said) != nil {
		said = oauth{}
	}
	switch code := answer.StatusCode; {
	case code == http.StatusTooManyRequests || code == http.StatusRequestTimeout:
		return nil
	case code == http.StatusUnauthorized || (code/100 == 4 && said.Error != ""):
		return o.in.Store.SetRefused(ctx, o.id, store.Refused{Status: code, Error: o.hide(said.Error), Description: o.hide(said.Description)})
	}
	return nil
}

// oauth is how a log-in is refused.
type oauth struct {
	Error       string `json:"error"`
	Description string `json:"error_description"`
}

// hide withholds a text that repeats a secret.
func (o once) hide(text string) string {
	for _, secret := range o.secrets {
		for _, spelling := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), html.EscapeString(secret)} {
			if strings.Contains(text, spelling) {
				return "(withheld: it repeats a credential)"
			}
		}
	}
	return text
}

// again is the answer of before, with its day.
func (o once) again(req *http.Request, was store.Refused) *http.Response {
	note := fmt.Sprintf("It was refused on %s and is not tried again, because every try may lock the user: enter the right log-in with `payoutsync connect %s`, or mend it in Vantagepoint and run `payoutsync ping %[2]s`",
		was.At.Format(time.DateOnly), o.seller)
	said := oauth{was.Error, strings.TrimSpace(was.Description + "\n" + note)}
	if said.Error == "" {
		said = oauth{Error: note}
	}
	body, _ := json.Marshal(said) // two texts
	return &http.Response{
		Status: fmt.Sprintf("%d %s", was.Status, http.StatusText(was.Status)), StatusCode: was.Status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: req,
	}
}

// inTurn runs f while nobody else runs one of the same name on this database. Of a process one alone waits for the others, so
// that a tenant that does not answer holds up no other's log-ins.
func (in *Installation) inTurn(ctx context.Context, name string, f func(context.Context) error) error {
	in.mu.Lock()
	turn := in.turns[name]
	if turn == nil {
		turn = make(chan struct{}, 1)
		in.turns[name] = turn
	}
	in.mu.Unlock()
	select {
	case turn <- struct{}{}:
		defer func() { <-turn }()
	case <-ctx.Done():
		return ctx.Err()
	}
	if in.logIns == nil {
		return f(ctx)
	}
	return in.logIns.Of(name)(ctx, f)
}
