package sqllog

import (
	"context"
	"database/sql"
	"fmt"
	"iter"
	"slices"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

// page is how many records are read at once: no connection is held while the
// caller works on them.
const page = 500

type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func (l *Log) links(ctx context.Context, db querier, query string, args ...any) ([]booking.Link, error) {
	rows, err := db.QueryContext(ctx, l.q(query), args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() // rows.Err tells
	var links []booking.Link
	for rows.Next() {
		var link booking.Link
		if err := rows.Scan(&link.Prev, &link.Hash, &link.Body); err != nil {
			return nil, err
		}
		links = append(links, link)
	}
	return links, rows.Err()
}

// Links implements booking.Log, in the order of the records' numbers in the
// table.
func (l *Log) Links(ctx context.Context, seller string) iter.Seq2[booking.Link, error] {
	return func(yield func(booking.Link, error) bool) {
		for after, n := int64(0), page; n == page; after += int64(n) {
			links, err := l.links(ctx, l.db, `select prev, hash, body from booking_records where seller = ? order by seq limit ? offset ?`, seller, page, after)
			if err != nil {
				yield(booking.Link{}, fmt.Errorf("sqllog: seller %s: %w", seller, err))
				return
			}
			for _, link := range links {
				if !yield(link, nil) {
					return
				}
			}
			n = len(links)
		}
	}
}

// Records implements booking.Log. What was added to the chain since this
// process last looked is checked first, the whole of it at the first time.
func (l *Log) Records(ctx context.Context, seller, settlement string) iter.Seq2[booking.Record, error] {
	return func(yield func(booking.Record, error) bool) {
		head, err := l.catchUp(ctx, seller)
		if err != nil {
			yield(booking.Record{}, err)
			return
		}
		where, args := `seller = ? and seq <= ?`, []any{seller, head.Count}
		if settlement != "" {
			where, args = where+` and settlement = ?`, append(args, settlement)
		}
		for after, n := int64(0), page; n == page; {
			links, err := l.links(ctx, l.db, `select prev, hash, body from booking_records where `+where+` and seq > ? order by seq limit ?`,
				append(slices.Clip(args), after, page)...)
			if err != nil {
				yield(booking.Record{}, fmt.Errorf("sqllog: seller %s: %w", seller, err))
				return
			}
			for _, link := range links {
				r, err := intact(seller, link)
				if !yield(r, err) || err != nil {
					return
				}
				after = r.Seq
			}
			n = len(links)
		}
	}
}

func intact(seller string, link booking.Link) (booking.Record, error) {
	r, err := link.Record()
	if err == nil && link.Sum() != link.Hash {
		err = &booking.BrokenError{Seller: seller, Faults: []booking.Fault{{Seq: r.Seq, Damage: booking.DamageChanged, Detail: "its content does not have its hash"}}}
	}
	return r, err
}

// catchUp checks the links that this process has not seen yet, and returns the
// head that they lead to.
func (l *Log) catchUp(ctx context.Context, seller string) (booking.Head, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	head, err := l.Head(ctx, seller)
	if err != nil {
		return booking.Head{}, err
	}
	at, ok := l.checked[seller]
	if !ok {
		at = booking.Head{Seller: seller}
	}
	for at.Count < head.Count {
		links, err := l.links(ctx, l.db, `select prev, hash, body from booking_records where seller = ? and seq > ? and seq <= ? order by seq limit ?`,
			seller, at.Count, head.Count, page)
		if err != nil {
			return booking.Head{}, fmt.Errorf("sqllog: seller %s: %w", seller, err)
		}
		if len(links) == 0 {
			return booking.Head{}, l.broken(ctx, seller)
		}
		for _, link := range links {
			next, _, wrong := at.Follow(link)
			if wrong != "" {
				return booking.Head{}, l.broken(ctx, seller)
			}
			at = next
		}
	}
	if at.Count != head.Count || at.Hash != head.Hash {
		return booking.Head{}, l.broken(ctx, seller)
	}
	l.checked[seller] = at
	return head, nil
}

// broken says in full what is wrong with the chain.
func (l *Log) broken(ctx context.Context, seller string) error {
	v, err := booking.Verify(ctx, l, seller)
	if err != nil {
		return err
	}
	if err := v.Err(); err != nil {
		return err
	}
	// It holds now: another process was in the midst of it.
	return fmt.Errorf("sqllog: the chain of seller %s changed while it was read; try again", seller)
}
