package service

import (
	"context"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/diagnose"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

// lapsing counts the credentials that end soon, by kind.
func lapsing(sellers []store.Seller) map[string]int {
	counts := map[string]int{"client_secret": 0, "authorisation": 0}
	for _, seller := range sellers {
		for _, l := range diagnose.Lapses(seller.Secret, seller.Authorised, time.Now()) {
			if l.Warn {
				counts[l.Credential]++
			}
		}
	}
	return counts
}

// warnOfLapses says in the log which credentials of a seller end soon, in every round until they are renewed.
func (s *Service) warnOfLapses(ctx context.Context, c config.Seller) {
	lapses, err := s.in.Lapses(ctx, c)
	if err != nil {
		s.logger.WarnContext(ctx, "when credentials end is not known", "seller", c.Name, "error", err)
	}
	for _, l := range lapses {
		if l.Warn {
			s.logger.WarnContext(ctx, "a credential for Amazon ends soon", "seller", c.Name, "credential", l.Credential, "what", l.What, "remedy", l.Remedy())
		}
	}
}
