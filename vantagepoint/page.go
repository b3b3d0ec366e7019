package vantagepoint

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"maps"
	"net/http"
	"net/url"
	"reflect"
	"strconv"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// PagingDialect is how one page of a listing is asked for. It differs by endpoint and version.
type PagingDialect string

// The dialects.
const (
	PagePageSize   PagingDialect = "page"    // page=2&pageSize=500
	OffsetPageSize PagingDialect = "offset"  // offset=500&pageSize=500
	PageLimit      PagingDialect = "limit"   // page=2&limit=500
	MaxRows        PagingDialect = "maxrows" // q.maxrows=500: no pages; asked again with more while the answer is full
)

// maxRowsCeiling ends the growth of q.maxrows.
const maxRowsCeiling = 5_000_000

// Query narrows and shapes a listing. Zero fields mean the default that their comment names.
type Query struct {
	Filter Filter
	// Fields are the columns to answer; nil means all.
	Fields []string
	// Order is the column to sort by. Without one the order is the server's, and a row may be seen twice or missed when
	// rows change between two pages.
	Order      string
	Descending bool
	// PageSize is the number of rows asked for at once. 0 means Config.PageSize.
	PageSize int
	// Values are further parameters. Vantagepoint ignores in silence those it does not know.
	Values url.Values
	// PostAsGet sends the query in the body of a POST with the header dvp-postAsGet, for filters that make the address too
	// long. It is still a read.
	PostAsGet bool
}

func (q Query) values(c *Client) (url.Values, error) {
	if fault := q.Filter.check(); fault != nil {
		return nil, &Error{Class: ClassValidation, Fields: []FieldError{*fault}}
	}
	values := url.Values{}
	maps.Copy(values, q.Values)
	q.Filter.encode(c.config.Filters, values)
	if len(q.Fields) > 0 {
		values.Set("fieldFilter", strings.Join(q.Fields, ","))
	}
	if q.Order != "" && q.Descending {
		values.Set("order", q.Order+"_D")
	} else if q.Order != "" {
		values.Set("order", q.Order+"_A")
	}
	return values, nil
}

// listing is one endpoint that answers rows.
type listing struct {
	op     string
	path   []string
	paging PagingDialect // "" means Config.Paging
	whole  bool          // the endpoint has no pages: one request
}

// list iterates over the rows of a listing, page by page. All state is in the closure, so the sequence can be ranged
// again, which asks again. An error is its last element.
func list[T any](ctx context.Context, c *Client, l listing, q Query) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		rt := rowTypeOf(reflect.TypeFor[T]())
		for raw, err := range c.rawRows(ctx, l, q) {
			if err != nil {
				yield(none, err)
				return
			}
			var row T
			if err := rt.decode(raw, reflect.ValueOf(&row).Elem()); err != nil {
				yield(none, &Error{Op: l.op, Class: ClassTransport, err: c.session.hideIn(err)})
				return
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

// collect reads a sequence to its end.
func collect[T any](rows iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for row, err := range rows {
		if err != nil {
			return nil, err
		}
		all = append(all, row)
	}
	return all, nil
}

var errIgnoresPaging = fmt.Errorf("the server answered the same page twice, so it ignores the paging parameters: %w", ErrPaging)

func (c *Client) rawRows(ctx context.Context, l listing, q Query) iter.Seq2[json.RawMessage, error] {
	return func(yield func(json.RawMessage, error) bool) {
		fail := func(err error) {
			if e, ok := errors.AsType[*Error](err); ok {
				e.Op = l.op
			}
			yield(nil, err)
		}
		values, err := q.values(c)
		if err != nil {
			fail(err)
			return
		}
		// pass hands out the rows that fit the filter.
		pass := func(rows []json.RawMessage) bool {
			for _, raw := range rows {
				if len(q.Filter) > 0 && !q.Filter.matches(raw) {
					continue
				}
				if !yield(raw, nil) {
					return false
				}
			}
			return true
		}
		paging, asked := cmp.Or(l.paging, c.config.Paging), q.PageSize
		if asked <= 0 {
			asked = c.config.PageSize
		}
		if l.whole || paging == MaxRows {
			rows, err := c.allRows(ctx, l, q, values, max(asked, 1000))
			if err != nil {
				fail(err)
				return
			}
			pass(rows)
			return
		}
		ask := func(page, received, size int) ([]json.RawMessage, error) {
			paging.ask(values, page, received, size)
			return c.getRaw(ctx, l.op, l.path, values, q.PostAsGet)
		}
		seen := map[[sha256.Size]byte]bool{}
		for page, received, size := 1, 0, asked; size > 0; page++ {
			rows, err := ask(page, received, size)
			if err != nil {
				fail(err)
				return
			}
			sum := fingerprint(rows)
			if len(rows) > 0 && seen[sum] {
				if page == 2 && size < asked {
					return // the first answer was everything
				}
				if page == 2 {
					// A server that ignores paging and has just as many rows as were asked for answers the same to a request
					// for more, and has then answered everything.
					if more, err := ask(1, 0, size+1); err == nil && fingerprint(more) == sum {
						return
					}
				}
				fail(&Error{
					Op: l.op, Class: ClassTransport, err: errIgnoresPaging,
					Hint: fmt.Sprintf("set Query.PageSize above the number of rows (now %d), or another Config.Paging", size),
				})
				return
			}
			seen[sum] = true
			if !pass(rows) {
				return
			}
			received += len(rows)
			size = nextSize(page, size, len(rows))
		}
	}
}

// nextSize is how many rows to ask for after a page of n rows where size were asked for; 0: that page is the last.
func nextSize(page, size, n int) int {
	switch {
	case n == size:
		return size
	case page == 1 && n < size && n >= 100 && n%50 == 0:
		// A short page is the last, but a round number may be the server's own limit, which is not published.
		return n
	}
	return 0 // short, or longer than was asked for, which is everything: paging was ignored
}

// ask puts a page into the parameters; received is the number of rows before it.
func (d PagingDialect) ask(values url.Values, page, received, size int) {
	position, length := "page", "pageSize"
	switch d {
	case OffsetPageSize:
		position, page = "offset", received
	case PageLimit:
		length = "limit"
	}
	values.Set(position, strconv.Itoa(page))
	values.Set(length, strconv.Itoa(size))
}

// allRows asks for everything in one answer. An answer as long as q.maxrows may have been cut, so more is asked for.
func (c *Client) allRows(ctx context.Context, l listing, q Query, values url.Values, most int) ([]json.RawMessage, error) {
	for ; ; most *= 10 {
		if !l.whole {
			values.Set("q.maxrows", strconv.Itoa(most))
		}
		rows, err := c.getRaw(ctx, l.op, l.path, values, q.PostAsGet)
		if err != nil || l.whole || len(rows) != most {
			return rows, err
		}
		if most > maxRowsCeiling {
			return nil, &Error{Op: l.op, Class: ClassTransport, Messages: []string{fmt.Sprintf("more than %d rows", maxRowsCeiling)}, Hint: "narrow the filter"}
		}
	}
}

func fingerprint(rows []json.RawMessage) (sum [sha256.Size]byte) {
	h := sha256.New()
	for _, row := range rows {
		h.Write(row)
		h.Write([]byte{0})
	}
	h.Sum(sum[:0])
	return sum
}

// getRaw reads the rows of one answer, undecoded. "Nothing found" is no rows.
func (c *Client) getRaw(ctx context.Context, op string, path []string, values url.Values, postAsGet bool) ([]json.RawMessage, error) {
	call := rest.Call{Op: op, Path: path, Query: values, Replayable: true}
	if postAsGet {
		call.Method, call.Query, call.Body = http.MethodPost, nil, values
		call.Header = http.Header{"dvp-postAsGet": {"true"}}
	}
	answer, err := c.send(ctx, call)
	if e, ok := errors.AsType[*Error](err); ok {
		e.Unanswered = false // a read
		if e.Class == ClassNotFound && e.Status != http.StatusNotFound {
			return nil, nil // "The requested records could not be found."
		}
	}
	if err != nil {
		return nil, err
	}
	rows, err := splitRows(answer.Body)
	if err != nil {
		return nil, c.unreadable(op, http.MethodGet, answer, err)
	}
	return rows, nil
}

// get reads the rows of an endpoint that has no pages.
func get[T any](ctx context.Context, c *Client, op string, path ...string) ([]T, error) {
	return collect(list[T](ctx, c, listing{op: op, path: path, whole: true}, Query{}))
}

// getOne reads a single record. No row is ErrNotFound.
func getOne[T any](ctx context.Context, c *Client, op string, path ...string) (T, error) {
	var none T
	rows, err := get[T](ctx, c, op, path...)
	if err != nil {
		return none, err
	}
	if len(rows) == 0 {
		return none, &Error{Op: op, Class: ClassNotFound, Messages: []string{"no such record"}}
	}
	return rows[0], nil
}
