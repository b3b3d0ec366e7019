package web_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
)

func TestPagesBeyondThisMachineWantTLSAndUsers(t *testing.T) {
	for _, c := range []struct {
		access web.Access
		login  bool
		says   string // what the error has to name
	}{
		{web.Access{Address: "127.0.0.1:8470"}, false, ""},
		{web.Access{Address: "localhost:8470"}, false, ""},
		{web.Access{Address: "[::1]:8470"}, false, ""},
		{web.Access{Address: "127.0.0.1:8470", Approvals: true}, true, ""},
		{web.Access{Address: "127.0.0.1:8470", Users: 1}, true, ""},
		{web.Access{Address: "0.0.0.0:8470"}, false, "certificate"},
		{web.Access{Address: ":8470"}, false, "user add"},
		{web.Access{Address: "books.example:8470", Users: 1}, false, "certificate"},
		{web.Access{Address: "10.0.0.5:8470", Certificate: "c", Key: "k"}, false, "user add"},
		{web.Access{Address: "10.0.0.5:8470", Certificate: "c", Key: "k", Users: 1}, true, ""},
		{web.Access{Address: "127.0.0.1:8470", Certificate: "c"}, false, "both"},
		{web.Access{Address: "8470"}, false, "host:port"},
	} {
		login, err := c.access.Check()
		if login != c.login || (err == nil) != (c.says == "") || err != nil && !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: log-in %v, %v", c.access, login, err)
		}
	}
}

// newCertificate writes a certificate for 127.0.0.1 and its key.
func newCertificate(t testing.TB, dir, owner string) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: owner}, NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTheSiteIsServedByTLSAndARenewedCertificateIsTaken(t *testing.T) {
	dir := t.TempDir()
	access := web.Access{Address: "127.0.0.1:0"}
	access.Certificate, access.Key = newCertificate(t, dir, "first")
	listener, err := access.Listen(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s, err := web.New(web.Options{Source: full(), TLS: true})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- web.Serve(ctx, listener, s, slog.New(slog.DiscardHandler)) }()
	owner := func() string {
		t.Helper()
		client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}}
		resp, err := client.Get("https://" + listener.Addr().String() + "/healthz")
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if resp.Header.Get("Strict-Transport-Security") == "" {
			t.Error("browsers are not told to stay with TLS")
		}
		return resp.TLS.PeerCertificates[0].Subject.CommonName
	}
	if got := owner(); got != "first" {
		t.Errorf("the certificate is of %s", got)
	}
	newCertificate(t, dir, "second")
	if err := os.Chtimes(access.Certificate, time.Time{}, time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if got := owner(); got != "second" {
		t.Errorf("after the renewal the certificate is of %s", got)
	}
	if _, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: tls.VersionTLS11}); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestAnAddressThatIsTakenIsSaidWithWhatToDo(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	if _, err := (web.Access{Address: taken.Addr().String()}).Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "serve.listen") {
		t.Errorf("%v", err)
	}
	if _, err := (web.Access{Address: "127.0.0.1:0", Certificate: "missing.pem", Key: "missing.pem"}).Listen(t.Context()); err == nil || !strings.Contains(err.Error(), "missing.pem") {
		t.Errorf("%v", err)
	}
}
