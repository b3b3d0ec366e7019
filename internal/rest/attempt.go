package rest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"time"

	"github.com/hashicorp/go-retryablehttp"
)

// run is the life of one call: what the attempts so far have shown.
type run struct {
	c      *Client
	call   Call
	stream bool
	auth   Authorizer

	attempts, throttled, faults int
	renewed                     bool // a refused credential was already replaced once

	// Of the last attempt:
	sent     bool           // the request was handed to the base transport
	answer   Answer         // Status 0: none
	response *http.Response // of a stream
	err      error          // why there is no answer; without secrets
}

func (c *Client) run(ctx context.Context, call Call, stream bool) (*run, error) {
	call.Method = cmp.Or(call.Method, http.MethodGet)
	r := &run{c: c, call: call, stream: stream, auth: call.Authorizer}
	if r.auth == nil {
		r.auth = c.Authorizer
	}
	u, header, body, err := c.request(call)
	if err != nil {
		return nil, c.Fail(&Failure{Op: call.Op, Method: call.Method, Err: err})
	}
	req := &retryablehttp.Request{Request: (&http.Request{Method: call.Method, URL: u, Header: header, Host: u.Host}).WithContext(ctx)}
	if body != nil {
		if err := req.SetBody(body); err != nil {
			return nil, c.Fail(&Failure{Op: call.Op, Method: call.Method, Err: err})
		}
	}
	retrying := retryablehttp.Client{
		HTTPClient: &http.Client{Transport: r, CheckRedirect: stay},
		RetryMax:   1 << 20, // again decides
		CheckRetry: r.again,
		Backoff:    r.backoff,
		// Without it the last answer, its error body and its request id are thrown away.
		ErrorHandler: retryablehttp.PassthroughErrorHandler,
		Logger:       nil, // the default prints presigned URLs
	}
	response, err := retrying.Do(req) //nolint:bodyclose // RoundTrip has read it, or hands it to the caller of Stream
	if err == nil && response.StatusCode/100 == 2 {
		r.response = response
		return r, nil
	}
	return nil, c.Fail(r.failure(err))
}

// stay keeps redirects from being followed: a credential in a header of its own would travel to the new host.
func stay(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// unsent marks an error that came up before anything was sent.
type unsent struct{ error }

func (u unsent) Unwrap() error { return u.error }

var errSilent = errors.New("the other side fell silent")

// RoundTrip is one attempt.
func (r *run) RoundTrip(req *http.Request) (*http.Response, error) {
	r.attempts++
	r.sent, r.response, r.err = false, nil, nil
	if req.Body != nil {
		defer func() { _ = req.Body.Close() }() // a RoundTripper must, whatever happens
	}
	seen := Attempt{Op: r.call.Op, Method: req.Method, Host: req.URL.Host, Number: r.attempts}
	began := time.Now()
	if r.c.Limiter != nil {
		if err := r.c.Limiter.Wait(req.Context(), r.call.Op); err != nil {
			r.err = unsent{err}
			return nil, r.err
		}
		seen.Waited = time.Since(began)
	}
	ctx, cancel := context.WithCancelCause(req.Context())
	attempt := req.Clone(ctx)
	var secret string
	if r.auth != nil {
		var err error
		if secret, err = r.auth.Authorize(attempt); err != nil {
			cancel(nil)
			r.err = unsent{err}
			return nil, r.err
		}
	}
	// Until here the answer before this attempt stays: it is why there is a second attempt that could not be made.
	began, r.sent, r.answer = time.Now(), true, Answer{Attempts: r.attempts}
	silence := time.AfterFunc(r.c.Silence, func() { cancel(errSilent) })
	response, err := r.c.Transport.RoundTrip(attempt)
	if err != nil {
		silence.Stop()
		r.err = r.clean(ctx, err, secret)
		cancel(nil)
	} else {
		response.Request = attempt
		body := &watched{body: response.Body, ctx: ctx, cancel: cancel, timer: silence, run: r, secret: secret}
		body.timer.Stop()
		response.Body = body
		err = r.take(response)
		seen.Status, seen.Bytes = response.StatusCode, body.n
		if r.c.RequestID != "" {
			seen.RequestID = response.Header.Get(r.c.RequestID)
		}
		if r.c.Limiter != nil {
			r.c.Limiter.Answered(r.call.Op, response.StatusCode, response.Header)
		}
		if secret != "" && err == nil && response.StatusCode/100 != 2 {
			r.answer.Body = bytes.ReplaceAll(r.answer.Body, []byte(secret), []byte(hidden))
			if r.c.Expired(&r.answer) {
				r.auth.Invalidate(secret)
			}
		}
	}
	seen.Elapsed, seen.Err = time.Since(began), r.err
	r.observe(ctx, seen)
	if r.err != nil {
		return nil, r.err
	}
	return response, nil
}

// take reads the answer into memory, so that a connection cut in the body counts as a cut connection. The body of a
// stream stays where it is.
func (r *run) take(response *http.Response) error {
	r.answer.Status, r.answer.Header = response.StatusCode, response.Header
	good := response.StatusCode/100 == 2
	if r.stream && good {
		return nil
	}
	defer func() { _ = response.Body.Close() }() // what was read counts
	limit := r.c.MaxBody
	if !good {
		limit = min(limit, 256<<10) // an error page may be cut short
	}
	var buffer bytes.Buffer
	if n := response.ContentLength; n > 0 && n <= limit {
		buffer.Grow(int(n) + bytes.MinRead)
	}
	_, err := buffer.ReadFrom(io.LimitReader(response.Body, limit+1))
	r.answer.Body = buffer.Bytes()
	if int64(buffer.Len()) > limit {
		r.answer.Body = r.answer.Body[:limit]
		if good {
			err = tooLarge(limit)
		}
	}
	if err != nil && good {
		r.err = err
	}
	response.Body = http.NoBody
	return r.err
}

type tooLarge int64

func (n tooLarge) Error() string { return fmt.Sprintf("the answer is larger than %d bytes", int64(n)) }

func (r *run) observe(ctx context.Context, a Attempt) {
	if r.c.Logger.Enabled(ctx, slog.LevelDebug) {
		attrs := []slog.Attr{
			slog.String("op", a.Op), slog.Int("attempt", a.Number), slog.Int("status", a.Status),
			slog.Duration("waited", a.Waited), slog.Duration("elapsed", a.Elapsed), slog.Int64("bytes", a.Bytes),
		}
		if a.RequestID != "" {
			attrs = append(attrs, slog.String("request_id", a.RequestID))
		}
		if a.Err != nil {
			attrs = append(attrs, slog.String("error", a.Err.Error()))
		}
		r.c.Logger.LogAttrs(ctx, slog.LevelDebug, "http attempt", attrs...)
	}
	if r.c.Observe != nil {
		r.c.Observe(ctx, a)
	}
}

// clean says why an attempt got no answer, without secrets.
func (r *run) clean(ctx context.Context, err error, secret string) error {
	if errors.Is(context.Cause(ctx), errSilent) {
		return &silent{after: r.c.Silence}
	}
	return Redact(err, secret)
}

// silent is the error of an attempt whose other side said nothing for too long.
type silent struct{ after time.Duration }

func (s *silent) Error() string { return "no word from the other side for " + s.after.String() }
func (s *silent) Timeout() bool { return true }
func (s *silent) Unwrap() error { return errSilent }

// watched is a body whose reads may not be silent for too long. The time between two reads does not count.
type watched struct {
	body   io.ReadCloser
	ctx    context.Context
	cancel context.CancelCauseFunc
	timer  *time.Timer
	run    *run
	secret string
	n      int64
}

func (w *watched) Read(p []byte) (int, error) {
	w.timer.Reset(w.run.c.Silence)
	n, err := w.body.Read(p)
	w.timer.Stop()
	w.n += int64(n)
	if err != nil && !errors.Is(err, io.EOF) {
		err = w.run.clean(w.ctx, err, w.secret)
	}
	return n, err
}

func (w *watched) Close() error {
	w.timer.Stop()
	err := w.body.Close()
	w.cancel(nil)
	return err
}
