package installation

import (
	"context"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
)

// RotateKey encrypts every credential with a new key and forgets the older ones. It returns how many there are. Other
// processes that have the vault open notice at their next use of it.
func (in *Installation) RotateKey(ctx context.Context) (credentials int, err error) {
	err = in.Store.Exclusively(ctx, "vault", func() (err error) {
		credentials, err = in.Vault.Rotate(ctx)
		return err
	})
	return credentials, err
}

// Rewrap seals the vault by the key at where, as in the configuration. The configuration must then name that key.
func (in *Installation) Rewrap(ctx context.Context, where string) error {
	wrapper, err := vault.KeyFrom(ctx, where, in.Home.Key)
	if err != nil {
		return &ConfigError{err}
	}
	return in.Store.Exclusively(ctx, "vault", func() error { return in.Vault.Rewrap(ctx, wrapper) })
}
