package spapi

import (
	"iter"
)

// page is one answer of a list operation. A nil items slice means that the answer has no list at all, which is not the
// same as an empty list.
type page[T any] struct {
	items []T
	next  string
}

// pages is the only loop over page tokens. The sequence can be ranged again, which asks again; its first error is its
// last element; a break ends the traffic.
//
// Empty pages with a token are normal at Amazon. Not normal, and an error instead of a silent loss: a token that comes
// twice; a continuation without a list and without a token, which is what Amazon answers to a token it does not like
// (amzn/selling-partner-api-models#1172); and a page that repeats the one before it under a new token (#4224), told by
// key, which may be nil.
func pages[T any](op string, key func(T) string, fetch func(token string) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		var token string
		used := map[string]bool{}
		var before map[string]bool
		for number := 1; ; number++ {
			p, err := fetch(token)
			switch {
			case err != nil:
			case number > 1 && p.items == nil && p.next == "":
				err = paging(op, "page %d was announced and holds nothing, not even an empty list: the page token may have expired; start again", number)
			case p.next != "" && used[p.next]:
				err = paging(op, "page %d leads back to a page that was already read", number)
			}
			if err != nil {
				yield(none, err)
				return
			}
			if key != nil && len(p.items) > 0 {
				now := make(map[string]bool, len(p.items))
				news := before == nil
				for _, item := range p.items {
					k := key(item)
					now[k] = true
					news = news || !before[k]
				}
				if !news {
					yield(none, paging(op, "page %d repeats the page before it", number))
					return
				}
				before = now
			}
			for _, item := range p.items {
				if !yield(item, nil) {
					return
				}
			}
			if p.next == "" {
				return
			}
			used[p.next] = true
			token = p.next
		}
	}
}

// failed is the sequence of a query that was refused before sending.
func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var none T
		yield(none, err)
	}
}
