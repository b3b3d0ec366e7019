package sqllogtest_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
)

var errGone = errors.New("the database is gone")

// failing is a driver whose statements fail, cleanly, at one of their number.
type failing struct {
	driver   driver.Driver
	name     string
	at, seen int
}

func (f *failing) next() error {
	if f.seen++; f.seen == f.at {
		return errGone
	}
	return nil
}

func (f *failing) Driver() driver.Driver { return f.driver }

func (f *failing) Connect(context.Context) (driver.Conn, error) {
	c, err := f.driver.Open(f.name)
	if err != nil {
		return nil, err
	}
	return &failingConn{c.(failable), f}, nil
}

type failable interface {
	driver.Conn
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
}

type failingConn struct {
	failable
	f *failing
}

func (c *failingConn) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	if err := c.f.next(); err != nil {
		return nil, err
	}
	tx, err := c.failable.BeginTx(ctx, o)
	return failingTx{tx, c.f}, err
}

func (c *failingConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	if err := c.f.next(); err != nil {
		return nil, err
	}
	return c.failable.ExecContext(ctx, query, args)
}

func (c *failingConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	if err := c.f.next(); err != nil {
		return nil, err
	}
	return c.failable.QueryContext(ctx, query, args)
}

// failingTx fails before it commits, so that nothing is kept.
type failingTx struct {
	driver.Tx
	f *failing
}

func (t failingTx) Commit() error {
	if err := t.f.next(); err != nil {
		return errors.Join(err, t.Rollback())
	}
	return t.Tx.Commit()
}

// Whichever statement fails is told, nothing that was acknowledged is lost, and the log goes on.
func TestWhicheverStatementFailsIsToldAndTheLogGoesOn(t *testing.T) {
	for name, dsn := range databases(t) {
		t.Run(name, func(t *testing.T) {
			f := &failing{driver: &sqlite.Driver{}, name: dsn(t)}
			dialect := sqllog.SQLite
			if strings.HasPrefix(f.name, "postgres") {
				f.driver, dialect = stdlib.GetDefaultDriver(), sqllog.PostgreSQL
			}
			kept := 0
			use := func() error {
				db := sql.OpenDB(f)
				defer db.Close() // nothing is kept
				log, err := sqllog.Open(t.Context(), db, sqllog.Config{Dialect: dialect, Key: key})
				if err != nil {
					return err
				}
				for n := range 2 {
					_, err := log.Append(t.Context(), booking.Record{Seller: seller, Settlement: "1", Attempt: n, Claim: fmt.Sprintf("claim %d of %d", n, f.at)})
					if err != nil {
						return err
					}
					kept++
				}
				claimed, ok := errors.AsType[*booking.ClaimedError](second(log.Append(t.Context(), booking.Record{Seller: seller, Claim: fmt.Sprintf("claim 0 of %d", f.at)})))
				if !ok {
					return errGone
				}
				if claimed.By.Settlement != "1" {
					t.Errorf("claimed by %+v", claimed.By)
				}
				for _, err := range log.Records(t.Context(), seller, "1") {
					if err != nil {
						return err
					}
				}
				for _, err := range log.Links(t.Context(), seller) {
					if err != nil {
						return err
					}
				}
				_, err1 := log.Head(t.Context(), seller)
				sellers, err2 := log.Sellers(t.Context())
				if err2 == nil && len(sellers) != 1 {
					t.Errorf("sellers %v", sellers)
				}
				_, err3 := log.Head(t.Context(), "nobody")
				return errors.Join(err1, err2, err3)
			}
			for f.at = 1; ; f.at++ {
				f.seen = 0
				err := use()
				if f.seen < f.at {
					if err != nil {
						t.Errorf("nothing failed: %v", err)
					}
					break
				}
				if !errors.Is(err, errGone) {
					t.Errorf("statement %d failed: %v", f.at, err)
				}
			}
			v, err := booking.Verify(t.Context(), mustOpen(t, f.name), seller)
			if err != nil || !v.OK() || v.Head.Count != int64(kept) {
				t.Errorf("%d records were acknowledged; %+v, %v", kept, v, err)
			}
			if f.at < 20 {
				t.Errorf("only %d statements were tried", f.at)
			}
		})
	}
}

func second[T any](_ T, err error) error { return err }

func TestARecordWithoutASellerIsRefused(t *testing.T) {
	for name, dsn := range databases(t) {
		if _, err := mustOpen(t, dsn(t)).Append(t.Context(), booking.Record{}); err == nil || !strings.Contains(err.Error(), "seller") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
