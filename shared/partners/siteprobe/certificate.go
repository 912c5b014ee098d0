package siteprobe

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/url"

	"beian/shared/rules/observation"
)

// recordTLS records what a browser would say about a server's certificate. It refuses nothing.
func (v *visit) recordTLS(state tls.ConnectionState) error {
	intermediates := x509.NewCertPool()
	for _, c := range state.PeerCertificates[1:] {
		intermediates.AddCert(c)
	}
	server := state.PeerCertificates[0]
	_, err := server.Verify(x509.VerifyOptions{DNSName: state.ServerName, Roots: v.prober.Roots, Intermediates: intermediates, CurrentTime: v.prober.Now()})
	v.addTLS(observation.TLS{Problem: v.problemOf(err, server), Expires: server.NotAfter.UTC()})
	v.mu.Lock()
	defer v.mu.Unlock()
	v.secured[state.ServerName] = true
	return nil
}

func (v *visit) addTLS(t observation.TLS) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tls == nil || v.tls.Problem == "" && t.Problem != "" {
		v.tls = &t
	}
}

func (v *visit) problemOf(err error, server *x509.Certificate) observation.TLSProblem {
	if err == nil {
		return ""
	}
	now := v.prober.Now()
	switch {
	case now.After(server.NotAfter):
		return observation.Expired
	case now.Before(server.NotBefore):
		return observation.NotYetValid
	}
	if _, ok := errors.AsType[x509.HostnameError](err); ok {
		return observation.OtherHost
	}
	return observation.Untrusted
}

// handshakeFailed reports whether a request failed before there was a secure connection, and records it.
func (v *visit) handshakeFailed() bool {
	u, err := url.Parse(v.seen.Home())
	v.mu.Lock()
	failed := err == nil && u.Scheme == "https" && !v.secured[u.Hostname()]
	v.mu.Unlock()
	if failed {
		v.addTLS(observation.TLS{Problem: observation.HandshakeFailed})
	}
	return failed
}
