package booking_test

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// slowBooks take their time over each request that books.
type slowBooks struct{ booking.Ledger }

func (s slowBooks) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	time.Sleep(10 * time.Second) // of a synctest bubble
	return s.Ledger.Book(ctx, e)
}

func TestR4_4_OfTwoWorkersOneBooksAndTheOtherSaysSo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Ledger = slowBooks{w.books}
		results := make(chan booking.Result, 2)
		for _, name := range []string{"one", "two"} {
			w.cfg.Actor.Name = name
			e := w.engine()
			go func() {
				res, err := e.Run(t.Context(), paid(t))
				if err != nil {
					t.Error(err)
				}
				results <- res
			}()
			time.Sleep(time.Second)
		}
		first, second := <-results, <-results
		if first.Sent+second.Sent != 3 || first.State != booking.StateBooked || second.State != booking.StateBooked {
			t.Errorf("sent %d and %d, states %s and %s", first.Sent, second.Sent, first.State, second.State)
		}
		w.once(3)
		recs, err := records(t, w.log, sid)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range recs {
			if r.Event == booking.EventIntent && r.Attempt != 1 {
				t.Errorf("document %s was sent again, as attempt %d by %s", r.Key, r.Attempt, r.Actor)
			}
		}
	})
}

// A worker that may not wait says in whose hands the document is.
func TestR4_4_AWorkerWithoutTimeNamesTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.cfg.Ledger = slowBooks{w.books}
		w.cfg.Actor.Name = "the first"
		first := w.engine()
		done := make(chan struct{})
		go func() {
			defer close(done)
			if _, err := first.Run(t.Context(), paid(t)); err != nil {
				t.Error(err)
			}
		}()
		time.Sleep(time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		w.cfg.Actor.Name = "the second"
		_, err := w.engine().Run(ctx, paid(t))
		if !errors.Is(err, booking.ErrClaimed) || !strings.Contains(err.Error(), "in the hands of the first") {
			t.Errorf("error %v", err)
		}
		<-done
		w.once(3)
	})
}

func TestR13_3_TheTrailNamesTheRulesAndEveryOtherInputOfAPlan(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	recs, err := records(t, w.log, sid)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"report": "r", "rules": "u", "calendar": "c", "payout": "p"}
	if got := recs[0]; got.Event != booking.EventPlanned || fmt.Sprint(got.Inputs) != fmt.Sprint(want) {
		t.Errorf("%s names %v, want %v", got.Event, got.Inputs, want)
	}
}

// forgetful books shows another amount than it was given.
type forgetful struct{ booking.Ledger }

func (f forgetful) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	b, err := f.Ledger.Find(ctx, e)
	if err == nil {
		for i := range b.Lines {
			if b.Lines[i].Account == "6100 " {
				b.Lines[i].Debit = settlement.MoneyOf(b.Lines[i].Debit.Minor()+1, b.Lines[i].Debit.Currency())
			}
		}
	}
	return b, err
}

func TestR15_3_ControlTotalsOfPlanRequestAndLedgerAreComparedAndADifferenceStops(t *testing.T) {
	w := newWorld(t)
	w.mustRun(paid(t))
	recs, err := records(t, w.log, sid)
	if err != nil {
		t.Fatal(err)
	}
	totals := map[string]map[booking.Event]booking.Totals{}
	for _, r := range recs {
		for _, item := range r.Documents {
			if totals[item.Key] == nil {
				totals[item.Key] = map[booking.Event]booking.Totals{}
			}
			totals[item.Key][r.Event] = item.Totals
		}
		if r.Totals != nil {
			totals[r.Key][r.Event] = *r.Totals
		}
	}
	for key, seen := range totals {
		for _, event := range []booking.Event{booking.EventPlanned, booking.EventManifest, booking.EventIntent, booking.EventCreated} {
			if seen[event] != seen[booking.EventPlanned] || seen[event].Count == 0 {
				t.Errorf("document %s: totals %+v when it was %s, %+v when it was planned", key, seen[event], event, seen[booking.EventPlanned])
			}
		}
	}

	spoiled := newWorld(t)
	spoiled.cfg.Ledger = forgetful{spoiled.books}
	res, err := spoiled.run(paid(t))
	conflict, ok := errors.AsType[*booking.ConflictError](err)
	if !ok || !strings.Contains(conflict.Error(), "- totals 3 lines, debit 60.01, credit 60.00 USD") {
		t.Errorf("error %v, want a conflict of totals", err)
	}
	if res.Documents[0].State != booking.DocumentConflict || spoiled.books.Calls()["book"] != 1 {
		t.Errorf("states %v after %d requests that book, want the first to stop the rest", states(res), spoiled.books.Calls()["book"])
	}
	if events := spoiled.events(); events[len(events)-1] != "conflict 1.1" {
		t.Errorf("the log ends with %v", events)
	}
}

// Corrections are reversals: nothing that the libraries offer takes a booked document away.
func TestR14_2_NothingDeletesOrUnposts(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)delete|unpost|undo|void|remove|purge`)
	files := 0
	for _, root := range []string{"..", filepath.Join("..", "..", "vantagepoint")} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "vantagepointtest") {
				return err
			}
			files++
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.FuncDecl:
					if n.Name.IsExported() && forbidden.MatchString(n.Name.Name) {
						t.Errorf("%s offers %s", path, n.Name.Name)
					}
				case *ast.SelectorExpr:
					if n.Sel.Name == "MethodDelete" {
						t.Errorf("%s sends a DELETE", path)
					}
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if files < 40 {
		t.Errorf("only %d files were looked at", files)
	}
}
