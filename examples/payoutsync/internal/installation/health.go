package installation

import (
	"context"
	"errors"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/diagnose"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
)

// Lapses says when a seller's credentials for Amazon end, and which of them to renew now. It is empty for a seller that is not
// connected.
func (in *Installation) Lapses(ctx context.Context, s config.Seller) ([]diagnose.Lapse, error) {
	known, err := in.Store.SellerNamed(ctx, s.Name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil
	}
	return diagnose.Lapses(known.Secret, known.Authorised, time.Now()), err
}
