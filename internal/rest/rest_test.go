package rest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

func TestAttemptsAreDebugRecordsAndARetryIsOneWarningWithItsReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		d := &door{answers: []func(*http.Request) (*http.Response, error){broken(errors.New("the line is dead")), status(503, ""), status(200, `{"n":7}`)}}
		c := rest.NewClient(rest.Config{Base: base(t), Transport: d, Logger: slog.New(slog.NewTextHandler(&log, nil))})
		if _, err := rest.Do[number](t.Context(), c, rest.Call{Op: "op", Replayable: true}); err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 || !strings.Contains(lines[0], "the line is dead") || !strings.Contains(lines[1], "after=503") {
			t.Errorf("at level info the log says:\n%s", log.String())
		}
	})
}

// Every row of the table in the package comment.
func TestWhatIsSentTwice(t *testing.T) {
	good := status(200, `{"n":7}`)
	refusedDial := &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
	for name, test := range map[string]struct {
		first            func(*http.Request) (*http.Response, error)
		reads, writes    int  // requests sent, when the second answer is good
		unansweredWrites bool // the write failed and may have run
	}{
		"429":                {status(429, ""), 2, 2, false},
		"401":                {status(401, ""), 2, 2, false},
		"408":                {status(408, ""), 2, 1, true},
		"500":                {status(500, ""), 2, 1, true},
		"502":                {status(502, "<html>"), 2, 1, true},
		"503":                {status(503, ""), 2, 1, true},
		"504":                {status(504, ""), 2, 1, true},
		"501":                {status(501, ""), 1, 1, true},
		"400":                {status(400, ""), 1, 1, false},
		"403":                {status(403, ""), 1, 1, false},
		"404":                {status(404, ""), 1, 1, false},
		"307":                {status(307, ""), 1, 1, false},
		"cut connection":     {broken(io.EOF), 2, 1, true},
		"cut body":           {cut, 2, 1, true},
		"connection refused": {broken(refusedDial), 2, 1, false},
		"200 not JSON":       {status(200, "<html>"), 1, 1, true},
		"200 empty":          {status(200, ""), 1, 1, true},
		"200 two values":     {status(200, "{} {}"), 1, 1, true},
		"200 too large":      {status(200, strings.Repeat(" ", 2000)), 1, 1, true},
	} {
		for _, write := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s write=%v", name, write), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					d := &door{answers: []func(*http.Request) (*http.Response, error){test.first, good}}
					c := rest.NewClient(rest.Config{Base: base(t), Transport: d, Authorizer: &tokens{}, MaxBody: 1000})
					_, err := rest.Do[number](t.Context(), c, rest.Call{Op: "op", Method: "POST", Body: number{1}, Replayable: !write})
					want := test.reads
					if write {
						want = test.writes
					}
					if d.n != want {
						t.Fatalf("sent %d times, want %d (%v)", d.n, want, err)
					}
					if (err == nil) != (want == 2) {
						t.Fatalf("error %v after %d attempts", err, want)
					}
					if err != nil && write {
						if f, ok := errors.AsType[*rest.Failure](err); !ok || f.Unanswered != test.unansweredWrites {
							t.Errorf("Unanswered = %v (%v)", f.Unanswered, err)
						}
					}
					for _, body := range d.seen {
						if body != `{"N":1}` {
							t.Errorf("body sent: %q", body)
						}
					}
				})
			})
		}
	}
}

func TestRefusedCredentialIsReplacedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{answers: []func(*http.Request) (*http.Response, error){status(401, "bad token secret-1")}}
		c := rest.NewClient(rest.Config{Base: base(t), Transport: d, Authorizer: &tokens{}, RequestID: "X-Request"})
		_, err := c.Send(t.Context(), rest.Call{Op: "op"})
		if diff := cmp.Diff([]string{"Bearer secret-0", "Bearer secret-1"}, d.auth); diff != "" {
			t.Error(diff)
		}
		f, ok := errors.AsType[*rest.Failure](err)
		if !ok || f.Status != 401 || f.Attempts != 2 || f.RequestID != "id-1" || string(f.Body) != "bad token [hidden]" {
			t.Errorf("%+v %s", f, f.Body)
		}
	})
}

func TestNothingIsSentWithoutCredentialOrPace(t *testing.T) {
	cause := errors.New("invalid_grant")
	for name, config := range map[string]rest.Config{
		"credential": {Authorizer: &tokens{err: cause}},
		"pace":       {Limiter: pace{err: cause}},
	} {
		t.Run(name, func(t *testing.T) {
			d := &door{answers: []func(*http.Request) (*http.Response, error){status(200, "{}")}}
			config.Base, config.Transport = base(t), d
			_, err := rest.NewClient(config).Send(t.Context(), rest.Call{Op: "op", Replayable: true})
			f, ok := errors.AsType[*rest.Failure](err)
			if !ok || d.n != 0 || f.Unanswered || f.Attempts != 1 || !errors.Is(err, cause) {
				t.Errorf("sent %d, %+v", d.n, err)
			}
		})
	}
}

// The order of the stations: every attempt pays, then is signed, then sent, then observed.
func TestEveryAttemptPassesEveryStation(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log []string
		d := &door{answers: []func(*http.Request) (*http.Response, error){status(500, ""), broken(io.EOF), status(200, "{}")}}
		c := rest.NewClient(rest.Config{
			Base: base(t), Transport: d,
			Limiter: pace{answered: func(op string, status int) { log = append(log, fmt.Sprint(op, " answered ", status)) }},
			Observe: func(_ context.Context, a rest.Attempt) {
				log = append(log, fmt.Sprint(a.Number, " ", a.Status, " ", a.Err))
			},
			RequestID: "X-Request",
		})
		if _, err := c.Send(t.Context(), rest.Call{Op: "op", Replayable: true}); err != nil {
			t.Fatal(err)
		}
		want := []string{"op answered 500", "1 500 <nil>", "2 0 EOF", "op answered 200", "3 200 <nil>"}
		if diff := cmp.Diff(want, log); diff != "" {
			t.Error(diff)
		}
	})
}

func TestRetriesEndAndWaitNoLongerThanTheCap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hour := func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: 429, Header: http.Header{"Retry-After": {"3600"}}, Body: http.NoBody}, nil
		}
		d := &door{answers: []func(*http.Request) (*http.Response, error){hour}}
		c := rest.NewClient(rest.Config{Base: base(t), Transport: d, Retry: rest.Retry{Throttled: 3, Cap: 20 * time.Second}})
		start := time.Now()
		_, err := c.Send(t.Context(), rest.Call{Op: "op"})
		if f, ok := errors.AsType[*rest.Failure](err); !ok || f.Status != 429 || f.Attempts != 4 {
			t.Errorf("%v", err)
		}
		if got := time.Since(start); got != 3*20*time.Second {
			t.Errorf("waited %v", got)
		}
	})
}

// Retry-After is a number of seconds or a date, and is kept to where it is below the cap.
func TestRetryAfterIsKeptTo(t *testing.T) {
	for _, form := range []string{"seconds", "date", "nonsense"} {
		t.Run(form, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				value := map[string]string{"seconds": "20", "date": time.Now().Add(20 * time.Second).UTC().Format(http.TimeFormat), "nonsense": "soon"}[form]
				busy := func(*http.Request) (*http.Response, error) {
					return &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {value}}, Body: http.NoBody}, nil
				}
				d := &door{answers: []func(*http.Request) (*http.Response, error){busy, status(200, "{}")}}
				start := time.Now()
				if _, err := rest.NewClient(rest.Config{Base: base(t), Transport: d}).Send(t.Context(), rest.Call{Op: "op", Replayable: true}); err != nil {
					t.Fatal(err)
				}
				if took := time.Since(start); form == "nonsense" && took > 500*time.Millisecond || form != "nonsense" && took != 20*time.Second {
					t.Errorf("waited %v", took)
				}
			})
		})
	}
}

func TestTheEndOfTheContextEndsTheRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := &door{answers: []func(*http.Request) (*http.Response, error){status(503, "")}}
		c := rest.NewClient(rest.Config{Base: base(t), Transport: d, Retry: rest.Retry{Faults: 1000, Base: time.Minute, Cap: time.Minute}})
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		_, err := c.Send(ctx, rest.Call{Op: "op", Replayable: true})
		f, ok := errors.AsType[*rest.Failure](err)
		if !ok || !errors.Is(err, context.DeadlineExceeded) || f.Status != 503 {
			t.Errorf("%+v", err)
		}
	})
}

func TestSilenceEndsAnAttempt(t *testing.T) {
	silent := func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	}
	stalls := func(req *http.Request) (*http.Response, error) {
		reader, writer := io.Pipe()
		go func() {
			for range 3 { // slow, but not silent
				time.Sleep(40 * time.Second)
				_, _ = writer.Write([]byte(" "))
			}
			<-req.Context().Done()
			writer.CloseWithError(req.Context().Err())
		}()
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: reader}, nil
	}
	for name, test := range map[string]struct {
		answer func(*http.Request) (*http.Response, error)
		after  time.Duration
	}{"header": {silent, time.Minute}, "body": {stalls, 3 * time.Minute}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := &door{answers: []func(*http.Request) (*http.Response, error){test.answer}}
				c := rest.NewClient(rest.Config{Base: base(t), Transport: d, Silence: time.Minute})
				start := time.Now()
				_, err := c.Send(t.Context(), rest.Call{Op: "op"})
				f, ok := errors.AsType[*rest.Failure](err)
				if !ok || !f.Unanswered || errors.Is(err, context.Canceled) {
					t.Errorf("%+v", err)
				}
				var timeout interface{ Timeout() bool }
				if !errors.As(err, &timeout) || !timeout.Timeout() {
					t.Errorf("not a timeout: %v", err)
				}
				if got := time.Since(start); got != test.after {
					t.Errorf("after %v", got)
				}
			})
		})
	}
}

func TestStreamedBodyOutlivesTheCallAndIsWatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answer := func(req *http.Request) (*http.Response, error) {
			reader, writer := io.Pipe()
			go func() {
				_, _ = writer.Write([]byte("first"))
				<-req.Context().Done()
				writer.CloseWithError(req.Context().Err())
			}()
			return &http.Response{StatusCode: 200, Header: http.Header{}, Body: reader}, nil
		}
		d := &door{answers: []func(*http.Request) (*http.Response, error){answer}}
		c := rest.NewClient(rest.Config{Base: base(t), Transport: d, Silence: time.Minute})
		response, err := c.Stream(t.Context(), rest.Call{Op: "op"})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		time.Sleep(time.Hour) // the reader's own pauses are no silence
		p := make([]byte, 5)
		if _, err := io.ReadFull(response.Body, p); err != nil || string(p) != "first" {
			t.Fatalf("%q %v", p, err)
		}
		if _, err := response.Body.Read(p); err == nil || !strings.Contains(err.Error(), "no word") {
			t.Errorf("%v", err)
		}
	})
}

func TestSecretsStayOutOfErrorsAndLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log strings.Builder
		presigned, _ := url.Parse("https://bucket.example.com/key?X-Amz-Signature=topsecret")
		leak := broken(&url.Error{Op: "Get", URL: presigned.String(), Err: fmt.Errorf("no responder for %s with secret-0", presigned)})
		d := &door{answers: []func(*http.Request) (*http.Response, error){leak}}
		c := rest.NewClient(rest.Config{
			Transport: d, Authorizer: &tokens{},
			Logger: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		})
		_, err := c.Send(t.Context(), rest.Call{Op: "op", URL: presigned, Replayable: true})
		if _, ok := errors.AsType[*url.Error](err); ok {
			t.Error("the address is within reach of errors.As")
		}
		failure, _ := errors.AsType[*rest.Failure](err)
		for _, text := range []string{fmt.Sprintf("%v %+v", err, err), fmt.Sprintf("%+v", *failure), log.String()} {
			if strings.Contains(text, "topsecret") || strings.Contains(text, "secret-0") {
				t.Errorf("secret in %s", text)
			}
			if !strings.Contains(text, "no responder") {
				t.Errorf("cause lost: %s", text)
			}
		}
	})
}

// A redirect is an error: the credential sits in a header that net/http would carry to the new host.
func TestRedirectsAreNotFollowed(t *testing.T) {
	var visited atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { visited.Add(1) }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL+"/?token=topsecret", http.StatusTemporaryRedirect))
	defer server.Close()
	u, err := rest.ParseBase(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rest.NewClient(rest.Config{Base: u, Authorizer: &tokens{}}).Send(t.Context(), rest.Call{Op: "op", Replayable: true})
	if err == nil || visited.Load() != 0 || strings.Contains(err.Error(), "topsecret") || !strings.Contains(err.Error(), "redirects to 127.0.0.1") {
		t.Errorf("visited %d: %v", visited.Load(), err)
	}
}

func TestUntrustedCertificateIsRefusedAndNothingHasRun(t *testing.T) {
	server := httptest.NewTLSServer(http.NotFoundHandler())
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	defer server.Close()
	u, err := rest.ParseBase(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_, err = rest.NewClient(rest.Config{Base: u}).Send(t.Context(), rest.Call{Op: "op", Method: "POST"})
	if f, ok := errors.AsType[*rest.Failure](err); !ok || f.Unanswered || f.Status != 0 {
		t.Errorf("%+v", err)
	}
}
