// Package diagnose turns the failure of a call into words for the person who must mend it: what happened, on which screen
// it is mended, and what to do there. It asks nobody and reads no clock.
package diagnose

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"
)

// Diagnosis is a failure in words. It holds no secret as long as the errors of the two clients hold none.
type Diagnosis struct {
	What   string // what happened, one sentence without its full stop
	Screen string // where it is mended; empty when it is nobody's to mend
	Next   string // what to do there
	// Later says that nothing needs mending on this side: the same call may succeed another time.
	Later bool
}

// Remedy is the screen and what to do there, one sentence.
func (d Diagnosis) Remedy() string {
	if d.Screen == "" {
		return d.Next
	}
	return d.Screen + ": " + d.Next
}

const thisMachine = "this machine"

// network explains why no answer came from a system whose address is the configuration's key. ok is false when the error
// is of another kind.
func network(err error, system, key string) (d Diagnosis, ok bool) {
	configuration := "payoutsync.yaml, " + key
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		if dns.IsTimeout || dns.IsTemporary {
			return Diagnosis{What: fmt.Sprintf("the name service does not answer for %s", dns.Name), Screen: thisMachine, Next: "look at its network connection and its DNS settings"}, true
		}
		return Diagnosis{What: fmt.Sprintf("there is no host called %s", dns.Name), Screen: configuration, Next: "correct the address; if it is right, this machine's DNS does not reach " + system}, true
	}
	if d, ok := proxy(err); ok {
		return d, true
	}
	if d, ok := certificate(err, system, configuration); ok {
		return d, true
	}
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		return Diagnosis{What: "nothing listens at the address of " + system, Screen: configuration, Next: "correct host and port; if they are right, a firewall is in the way"}, true
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded), timeout(err):
		return Diagnosis{What: system + " did not answer in time", Screen: thisMachine, Next: "look at its network, firewall and proxy; if they are right, try again later", Later: true}, true
	case is[*net.OpError](err):
		return Diagnosis{What: "the connection to " + system + " failed", Screen: thisMachine, Next: "look at its network, firewall and proxy; if they are right, try again later", Later: true}, true
	}
	return Diagnosis{}, false
}

const proxyVariables = "HTTPS_PROXY, HTTP_PROXY and NO_PROXY of this process"

func proxy(err error) (Diagnosis, bool) {
	op, ok := errors.AsType[*net.OpError](err)
	switch {
	case ok && (op.Op == "proxyconnect" || op.Op == "socks connect"):
		return Diagnosis{What: "the proxy cannot be reached", Screen: proxyVariables, Next: "correct the proxy's address, or remove it where none is needed"}, true
	case strings.Contains(err.Error(), "Proxy Authentication Required"): // net/http has no type for it
		return Diagnosis{What: "the proxy asks for a log-in", Screen: proxyVariables, Next: "write user and password into the proxy's address, or ask the network's administrator to let this machine through"}, true
	}
	return Diagnosis{}, false
}

// certificate explains why the other side's identity was not accepted. It is never right to go on without.
func certificate(err error, system, configuration string) (Diagnosis, bool) {
	if e, ok := errors.AsType[x509.CertificateInvalidError](err); ok && e.Reason == x509.Expired {
		return Diagnosis{
			What: "the certificate of " + system + " is not valid at the time that this machine's clock shows", Screen: thisMachine,
			Next: "set its clock by a time server; if the clock is right, the certificate has expired and " + system + "'s administrator renews it",
		}, true
	}
	if is[x509.UnknownAuthorityError](err) {
		return Diagnosis{
			What: "the certificate of " + system + " is signed by an authority that this machine does not trust", Screen: thisMachine,
			Next: "if a proxy of the firm opens TLS, or the tenant is on premises, add its root certificate to the system's store, or name its file in SSL_CERT_FILE",
		}, true
	}
	if e, ok := errors.AsType[x509.HostnameError](err); ok {
		return Diagnosis{What: "the certificate that answers is not for " + e.Host, Screen: configuration, Next: "correct the host name; the certificate names who really answers"}, true
	}
	if is[tls.RecordHeaderError](err) {
		return Diagnosis{What: "what answers at the address of " + system + " does not speak TLS", Screen: configuration, Next: "correct host and port; a proxy may be in the way"}, true
	}
	if is[*tls.CertificateVerificationError](err) {
		return Diagnosis{What: "the certificate of " + system + " is not accepted", Screen: configuration, Next: "correct the host name, or have the certificate mended"}, true
	}
	return Diagnosis{}, false
}

func timeout(err error) bool {
	e, ok := errors.AsType[net.Error](err)
	return ok && e.Timeout()
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// unexplained is what is said where nothing better is known: the error itself.
func unexplained(err error) Diagnosis {
	return Diagnosis{What: err.Error(), Next: "run it again; if it stays so, look at the log with --log-level debug", Later: true}
}
