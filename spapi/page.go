package spapi

import (
	"iter"
	"reflect"
)

// page is one answer of a list operation. A nil items slice means that the answer has no list at all, which is not the
// same as an empty list.
type page[T any] struct {
	items []T
	next  string
}

// pagination names the pages around one, in the orders, catalogue and inventory APIs.
type pagination struct {
	NextToken     string `json:"nextToken"`
	PreviousToken string `json:"previousToken"`
}

// pages is the only loop over page tokens. The sequence can be ranged again, which asks again; its first error is its
// last element; a break ends the traffic.
//
// At Amazon an empty page with a token is normal. Not normal, and an error instead of a silent loss of data, are
//
//   - a token that comes twice;
//   - a continuation without a list and without a token, which is Amazon's answer to a token that it does not like
//     (amzn/selling-partner-api-models#1172), and one with an empty list right after a page that held something and
//     announced more;
//   - a page that holds nothing but the page before it, under a new token (#4224).
//
// Where pages merely overlap, an item that is the same to the last field is yielded once. Items are told apart by key,
// which may be nil where they have no id.
func pages[T any](op string, key func(T) string, fetch func(token string) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var token string
		used := map[string]bool{}
		before := page[T]{}
		for number := 1; ; number++ {
			p, err := fetch(token)
			var fresh []T
			if err == nil {
				fresh, err = news(op, number, key, before, p)
			}
			if err == nil && p.next != "" && used[p.next] {
				err = paging(op, "page %d leads back to a page that was already read", number)
			}
			if err != nil {
				yield(none, err)
				return
			}
			for _, item := range fresh {
				if !yield(item, nil) {
					return
				}
			}
			if p.next == "" {
				return
			}
			used[p.next] = true
			token, before = p.next, p
		}
	}
}

// news returns the items of a page that the page before it did not have.
func news[T any](op string, number int, key func(T) string, before, p page[T]) ([]T, error) {
	if number == 1 {
		return p.items, nil
	}
	if len(p.items) == 0 && p.next == "" && (p.items == nil || len(before.items) > 0) {
		return nil, paging(op, "page %d was announced and holds nothing: the page token may have expired; start again", number)
	}
	if key == nil || len(before.items) == 0 || len(p.items) == 0 {
		return p.items, nil
	}
	old := make(map[string]T, len(before.items))
	for _, item := range before.items {
		old[key(item)] = item
	}
	var fresh []T
	for _, item := range p.items {
		same, seen := old[key(item)]
		switch {
		case !seen:
			fresh = append(fresh, item)
		case !reflect.DeepEqual(same, item):
			return nil, paging(op, "page %d has %q again, with other content", number, key(item))
		}
	}
	if fresh == nil {
		return nil, paging(op, "page %d repeats the page before it", number)
	}
	return fresh, nil
}

// failed is the sequence of a query that was refused before sending.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
