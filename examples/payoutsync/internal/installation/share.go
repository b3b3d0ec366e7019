package installation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/pace"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// share makes what processes on one PostgreSQL share of what Amazon counts per seller. On SQLite a process is alone, and
// the clients of its sellers count for themselves.
func (in *Installation) share(ctx context.Context) error {
	limiter := in.options.Pace
	if pool := in.Store.Pool; pool != nil {
		in.locks, in.logIns = pace.NewLocks(pool), pace.NewLocks(pool)
		if limiter == nil {
			shared, err := pace.NewLimiter(ctx, pool, in.options.Logger)
			if err != nil {
				return err
			}
			limiter = shared
		}
	}
	if limiter == nil {
		limiter = spapi.NewBuckets()
	}
	in.pace = pace.Tuned{Limiter: limiter, Patience: in.options.Quota, Faster: in.options.Faster}
	return nil
}

// tokens shares a seller's access token with the other processes, encrypted as the credentials are. Its place hangs on the
// credentials, so that a token of a log-in that was replaced is never met again.
func (in *Installation) tokens(account string, secrets config.AmazonCredentials, source *spapi.TokenSource) oauth2.TokenSource {
	if in.locks == nil || in.options.ReadOnly {
		return source
	}
	sum := sha256.Sum256([]byte(secrets.ClientSecret + "\x00" + secrets.RefreshToken))
	place := vault.Place{Seller: account, Kind: "access token " + hex.EncodeToString(sum[:8])}
	return pace.NewTokens(source, safe{in.Vault, place}, in.locks.Of("access token of "+account), in.Store.Now)
}

// safe is the vault's place for one access token.
type safe struct {
	vault *vault.Vault
	place vault.Place
}

// Get implements [pace.Safe]. A token that does not open, because the vault's key was changed meanwhile, is as good as none.
func (s safe) Get(ctx context.Context) ([]byte, error) {
	text, err := s.vault.Get(ctx, s.place)
	if err != nil {
		return nil, ctx.Err()
	}
	return text, nil
}

// Put implements [pace.Safe].
func (s safe) Put(ctx context.Context, token []byte) error { return s.vault.Put(ctx, s.place, token) }
