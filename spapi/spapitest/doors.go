package spapitest

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"time"
)

// Start listens on loopback and serves the API and Login with Amazon on one port and the bucket on another, so that a
// client that sends its token to the wrong host is found out. The URL is for both the API and the token endpoint. Stop
// closes the ports and every connection.
func (a *Amazon) Start() (url string, stop func(), err error) {
	quiet := slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	serve := func(h http.Handler) (string, *http.Server, error) {
		l, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
		if err != nil {
			return "", nil, fmt.Errorf("spapitest: cannot listen on loopback: %w", err)
		}
		s := &http.Server{Handler: h, ErrorLog: quiet, ReadHeaderTimeout: time.Minute}
		go func() { _ = s.Serve(l) }() // ends with Close
		return "http://" + l.Addr().String(), s, nil
	}
	url, api, err := serve(a)
	if err != nil {
		return "", nil, err
	}
	base, bucket, err := serve(http.HandlerFunc(a.serveBucket))
	if err != nil {
		_ = api.Close()
		return "", nil, err
	}
	a.mu.Lock()
	a.base = base
	a.mu.Unlock()
	return url, func() { _, _ = api.Close(), bucket.Close() }, nil
}

// Transport returns a way in that opens no socket. It takes requests to any host: Amazon's own, or whatever the client
// under test is configured with. Like net/http's transport it unpacks a body with Content-Encoding gzip unless the request
// names its own Accept-Encoding; unlike it, it has read the whole body before it answers.
func (a *Amazon) Transport() http.RoundTripper { return memory{a} }

type memory struct{ amazon *Amazon }

// memoryAddr marks requests that came through the in-memory door.
const memoryAddr = "memory:0"

// RoundTrip implements http.RoundTripper.
func (m memory) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Body != nil {
		defer func() { _ = r.Body.Close() }()
	}
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr, in.Host = r.URL.RequestURI(), memoryAddr, r.URL.Host
	if r.Host != "" {
		in.Host = r.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	if r.UserAgent() == "" {
		in.Header.Set("User-Agent", "Go-http-client/1.1") // as the real transport does
	}
	rec := &recorder{header: http.Header{}}
	cut := rec.run(m.amazon, in)
	if err := r.Context().Err(); err != nil {
		return nil, err
	}
	if cut && rec.status == 0 {
		return nil, &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	}
	return rec.response(r, cut)
}

// recorder keeps an answer in memory.
type recorder struct {
	header, sent http.Header
	status       int
	body         bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status, w.sent = status, w.header.Clone()
	}
}

func (w *recorder) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// run serves the request and says whether the connection was cut.
func (w *recorder) run(h http.Handler, r *http.Request) (cut bool) {
	defer func() {
		if v := recover(); v != nil {
			if err, ok := v.(error); !ok || !errors.Is(err, http.ErrAbortHandler) {
				panic(v) // a bug of the fake, not a fault that it plays
			}
			cut = true
		}
	}()
	h.ServeHTTP(w, r)
	w.WriteHeader(http.StatusOK)
	return false
}

func (w *recorder) response(r *http.Request, cut bool) (*http.Response, error) {
	res := &http.Response{
		Status: strconv.Itoa(w.status) + " " + http.StatusText(w.status), StatusCode: w.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: w.sent, Request: r, ContentLength: int64(w.body.Len()),
	}
	if n, err := strconv.ParseInt(w.sent.Get("Content-Length"), 10, 64); err == nil {
		res.ContentLength = n
	}
	var body io.Reader = bytes.NewReader(w.body.Bytes())
	if cut {
		body = io.MultiReader(body, failing{})
	}
	if w.sent.Get("Content-Encoding") == "gzip" && r.Header.Get("Accept-Encoding") == "" && r.Header.Get("Range") == "" {
		z, err := gzip.NewReader(body)
		if err != nil {
			return nil, err
		}
		body = z
		res.Header.Del("Content-Encoding")
		res.Header.Del("Content-Length")
		res.ContentLength, res.Uncompressed = -1, true
	}
	res.Body = io.NopCloser(body)
	return res, nil
}

// failing is the end of a connection that was cut.
type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
