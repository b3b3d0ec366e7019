package sqllogtest_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/sqllog"
)

var kinds = []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice, ledgermap.Receipt}

const seller = "A1B2C3D4E5"

func TestConformance(t *testing.T) {
	for name, dsn := range databases(t) {
		t.Run(name, func(t *testing.T) { logtest.Run(t, store(dsn)) })
	}
}

func TestTheLogTellsTheTimeByPostgreSQLsClock(t *testing.T) {
	ahead := 5 * time.Hour
	now, err := mustOpen(t, pgtest.DSNAhead(t, ahead)).Now(t.Context())
	if off := time.Until(now) - ahead; err != nil || off.Abs() > time.Minute {
		t.Errorf("%v off, %v", off, err)
	}
}

func TestR4_2_CrashMatrix(t *testing.T) {
	for name, dsn := range databases(t) {
		for _, kind := range kinds {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				logtest.Crash(t, logtest.CrashOptions{
					NewStore: single(dsn), Kind: kind, Runs: logtest.Runs(1000), Seed: 3,
					// Drivers keep deadlines by the real clock.
					RealTime: true, Timeout: 40 * time.Millisecond,
				})
			})
		}
	}
}

func TestR4_2_KilledProcesses(t *testing.T) {
	for name, dsn := range databases(t) {
		for _, kind := range kinds {
			t.Run(name+" "+string(kind), func(t *testing.T) {
				c := logtest.Kill(t, logtest.KillOptions{
					NewStore: func(t testing.TB) (string, func(testing.TB) booking.Log) {
						d := dsn(t)
						return d, func(t testing.TB) booking.Log { return mustOpen(t, d) }
					},
					Kind: kind, Runs: logtest.Runs(60), Seed: 3,
				})
				if c.Kills == 0 {
					t.Error("nobody was killed")
				}
			})
		}
	}
}

// Workers of several processes on the same settlements, a process killed again
// and again: each settlement is booked once.
func TestRaceOfProcesses(t *testing.T) {
	dsn := pgtest.DSN(t)
	c := logtest.Race(t, logtest.RaceOptions{
		Store: dsn, Open: func(t testing.TB) booking.Log { return mustOpen(t, dsn) },
		Processes: 2, Workers: 8, Settlements: logtest.Runs(200), KillEvery: time.Second, Seed: 3,
	})
	if c.Kills == 0 {
		t.Error("nobody was killed")
	}
}

// Whoever can write to the database can change a record; nobody can so that
// it is not found.
func TestR14_1_TamperingWithAnyRecordIsFoundAndNamed(t *testing.T) {
	const n = 6
	for name, dsn := range databases(t) {
		for seq := int64(1); seq <= n; seq++ {
			for what, c := range map[string]struct {
				statement string
				damage    booking.Damage
			}{
				"body":    {`update booking_records set body = replace(body, 'tester', 'forger') where seq = %d`, booking.DamageChanged},
				"hash":    {`update booking_records set hash = 'f' || substr(hash, 2, 62) || 'g' where seq = %d`, booking.DamageChanged},
				"removed": {`delete from booking_records where seq = %d`, booking.DamageRemoved},
			} {
				t.Run(fmt.Sprintf("%s %s %d", name, what, seq), func(t *testing.T) {
					d := dsn(t)
					log, db, err := open(d)
					if err != nil {
						t.Fatal(err)
					}
					defer db.Close() // nothing is kept
					for i := range n {
						if _, err := log.Append(t.Context(), booking.Record{Seller: seller, Actor: "tester", Attempt: i}); err != nil {
							t.Fatal(err)
						}
					}
					if _, err := db.ExecContext(t.Context(), fmt.Sprintf(c.statement, seq)); err != nil {
						t.Fatal(err)
					}
					v, err := booking.Verify(t.Context(), log, seller)
					if err != nil || len(v.Faults) != 1 || v.Faults[0].Seq != seq || v.Faults[0].Damage != c.damage {
						t.Errorf("faults %v, %v, want record %d %s", v.Faults, err, seq, c.damage)
					}
					// A process that starts now books nothing on it.
					for _, err := range mustOpen(t, d).Records(t.Context(), seller, "") {
						if err != nil && errors.Is(err, booking.ErrBroken) {
							return
						}
					}
					t.Error("the records were read as if nothing had happened")
				})
			}
		}
	}
}

func TestACutTailAndAForgedHeadAreFound(t *testing.T) {
	for name, dsn := range databases(t) {
		for what, statement := range map[string]string{
			"cut tail":                   `delete from booking_records where seq > 2`,
			"cut tail, head moved along": `delete from booking_records where seq > 2; update booking_heads set count = 2, hash = (select hash from booking_records where seq = 2)`,
			"no head":                    `delete from booking_heads`,
		} {
			t.Run(name+" "+what, func(t *testing.T) {
				log, db, err := open(dsn(t))
				if err != nil {
					t.Fatal(err)
				}
				defer db.Close() // nothing is kept
				for range 4 {
					if _, err := log.Append(t.Context(), booking.Record{Seller: seller}); err != nil {
						t.Fatal(err)
					}
				}
				for s := range strings.SplitSeq(statement, ";") {
					if _, err := db.ExecContext(t.Context(), s); err != nil {
						t.Fatal(err)
					}
				}
				if v, err := booking.Verify(t.Context(), log, seller); err != nil || v.OK() {
					t.Errorf("verified: %v", err)
				}
				if _, err := log.Append(t.Context(), booking.Record{Seller: seller}); !errors.Is(err, booking.ErrBroken) {
					t.Errorf("appended to a broken chain: %v", err)
				}
			})
		}
	}
}

func TestADatabaseThatForgetsAtAPowerCutIsRefused(t *testing.T) {
	for name, pragmas := range map[string]string{
		"synchronous normal": "?_pragma=journal_mode(WAL)&_pragma=synchronous(NORMAL)",
		"synchronous off":    "?_pragma=journal_mode(WAL)&_pragma=synchronous(OFF)",
		"no WAL":             "?_pragma=synchronous(FULL)",
	} {
		t.Run(name, func(t *testing.T) {
			if _, db, err := open("file:" + filepath.Join(t.TempDir(), "log.db") + pragmas); err == nil {
				_ = db.Close()
				t.Error("opened")
			}
		})
	}
	db, err := sql.Open("sqlite", sqliteDSN(t))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() // nothing is kept
	for _, cfg := range []sqllog.Config{{Dialect: sqllog.SQLite}, {Dialect: "oracle", Key: key}} {
		if _, err := sqllog.Open(context.Background(), db, cfg); err == nil {
			t.Errorf("opened with %+v", cfg)
		}
	}
}
