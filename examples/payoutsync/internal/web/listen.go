package web

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

// Access is who may reach the pages.
type Access struct {
	Address     string // host:port
	Certificate string // PEM file; empty for no TLS
	Key         string // PEM file
	Users       int    // how many there are
	Approvals   bool   // plans wait for a person's release
}

// Check says whether visitors must log in, or what has to be done before the pages may be served: beyond this machine
// only with TLS and with users.
func (a Access) Check() (mustLogIn bool, err error) {
	host, _, err := net.SplitHostPort(a.Address)
	if err != nil {
		return false, fmt.Errorf("the address %q of the pages is not host:port, for example 127.0.0.1:8470", a.Address)
	}
	if (a.Certificate == "") != (a.Key == "") {
		return false, errors.New("TLS needs both a certificate and its key")
	}
	var missing []string
	if !loopback(host) {
		if a.Certificate == "" {
			missing = append(missing, "a certificate and its key (serve.tls in the configuration) so that no password travels in clear")
		}
		if a.Users == 0 {
			missing = append(missing, "a user who may log in (`payoutsync user add NAME`)")
		}
	}
	if len(missing) > 0 {
		return false, fmt.Errorf("the pages would be reached from other machines at %s, which needs %s; else serve them on 127.0.0.1", a.Address, strings.Join(missing, " and "))
	}
	return a.Approvals || a.Users > 0 || !loopback(host), nil
}

// Hosts are the names that the site may be asked for by on a loopback address; nil, which allows all, on others, where
// everything wants a log-in.
func (a Access) Hosts() []string {
	if host, _, err := net.SplitHostPort(a.Address); err != nil || !loopback(host) {
		return nil
	}
	return []string{"127.0.0.1", "::1", "localhost"}
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Listen opens the address, with TLS 1.2 or newer where a certificate is given. A certificate that was renewed on disk is
// used from then on.
func (a Access) Listen(ctx context.Context) (net.Listener, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", a.Address)
	if err != nil {
		return nil, fmt.Errorf("open the address of the pages: %w; name another one with serve.listen", err)
	}
	if a.Certificate == "" {
		return listener, nil
	}
	files := &certificate{cert: a.Certificate, key: a.Key}
	if _, err := files.get(nil); err != nil {
		return nil, errors.Join(fmt.Errorf("read the pages' certificate: %w", err), listener.Close())
	}
	return tls.NewListener(listener, &tls.Config{MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}, GetCertificate: files.get}), nil
}

type certificate struct {
	cert, key string

	mu   sync.Mutex
	read time.Time // the file's time when it was read
	pair *tls.Certificate
}

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	info, err := os.Stat(c.cert)
	if err == nil && (c.pair == nil || !info.ModTime().Equal(c.read)) {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(c.cert, c.key); err == nil {
			c.pair, c.read = &pair, info.ModTime()
		}
	}
	if c.pair != nil { // half-written files are read again at the next visit
		return c.pair, nil
	}
	return nil, err
}

// Serve answers until the context ends, then lets open requests end within five seconds.
func Serve(ctx context.Context, listener net.Listener, handler http.Handler, logger *slog.Logger) error {
	server := &http.Server{
		Handler: handler, ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 15 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 32 << 10, ErrorLog: slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve the pages: %w", err)
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		return server.Close()
	}
	return nil
}
