package installation

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"time"
)

// BusyError says that another process works for a seller.
type BusyError struct{ Seller, Holder string }

func (e *BusyError) Error() string {
	return fmt.Sprintf("seller %s is being worked on by %s; wait until that has ended", e.Seller, e.Holder)
}

// LeaseLasts is how long after its last sign of life a process still has the work for a seller.
const LeaseLasts = 2 * time.Minute

var errLeaseLost = errors.New("another process has taken over the work for this seller")

// Hold runs f while this process has the work for a seller, or returns a [*BusyError] at once. The lease is renewed as long
// as f runs, by the database's clock alone; when it cannot be, f's context ends before anybody else can have it.
// lasts is how long it outlives a process that is killed; 0 means [LeaseLasts].
func (in *Installation) Hold(ctx context.Context, name string, lasts time.Duration, f func(context.Context) error) error {
	if lasts == 0 {
		lasts = LeaseLasts
	}
	host, _ := os.Hostname() // only a name for people
	holder := fmt.Sprintf("process %d on %s (%s)", os.Getpid(), host, rand.Text()[:6])
	ok, err := in.Store.Lease(ctx, name, holder, lasts)
	if err != nil {
		return err
	}
	if !ok {
		return &BusyError{name, in.holder(ctx, name)}
	}
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		in.renew(ctx, name, holder, lasts, cancel)
	}()
	err = f(ctx)
	if cause := context.Cause(ctx); errors.Is(cause, errLeaseLost) {
		err = errors.Join(cause, err)
	}
	cancel(nil)
	<-done
	return errors.Join(err, in.Store.Release(context.WithoutCancel(ctx), name, holder))
}

// renew keeps the lease. It gives up when two thirds of its time have passed without a renewal.
func (in *Installation) renew(ctx context.Context, name, holder string, lasts time.Duration, lost context.CancelCauseFunc) {
	tick := time.NewTicker(lasts / 6)
	defer tick.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		within, cancel := context.WithTimeout(ctx, lasts/6)
		ok, err := in.Store.Lease(within, name, holder, lasts)
		cancel()
		switch {
		case err == nil && ok:
			renewed = time.Now()
		case err == nil || time.Since(renewed) > lasts*2/3:
			lost(errLeaseLost)
			return
		}
	}
}

func (in *Installation) holder(ctx context.Context, name string) string {
	sellers, err := in.Store.Sellers(ctx)
	if err == nil {
		for _, s := range sellers {
			if s.Name == name && s.Holder != "" {
				return s.Holder
			}
		}
	}
	return "another process"
}
