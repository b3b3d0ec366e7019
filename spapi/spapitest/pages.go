package spapitest

import (
	"encoding/base64"
	"fmt"
	"slices"
	"time"
)

// page is what a page token stands for.
type page struct {
	operation string
	seller    string
	args      string // the other parameters of the first call
	size      int    // of a page
	load      func(offset, size int) (items []any, more bool)
	offset    int
	issued    time.Time
}

// of makes a loader out of a finished list.
func of[T any](list []T) func(offset, size int) ([]any, bool) {
	return func(offset, size int) ([]any, bool) {
		end := min(offset+size, len(list))
		out := make([]any, 0, max(0, end-offset))
		for _, v := range list[min(offset, len(list)):end] {
			out = append(out, v)
		}
		return out, end < len(list)
	}
}

// paged answers one page. Token is the parameter that carries the page token; first makes the loader for a first page.
// It returns the items, which may be none before the last page, and the next token or "".
func (c *call) paged(token string, size int, first func() (func(offset, size int) ([]any, bool), error)) ([]any, string, error) {
	size = max(1, size)
	if most := c.amazon.options.PageSize; most > 0 {
		size = min(size, most)
	}
	given := c.query.Get(token)
	var p page
	if given == "" {
		load, err := first()
		if err != nil {
			return nil, "", err
		}
		p = page{operation: c.op.name, seller: c.seller().ID, args: c.args(token), size: size, load: load}
	} else {
		c.amazon.mu.Lock()
		known, ok := c.amazon.pages[given]
		c.amazon.mu.Unlock()
		switch {
		case c.hit(EmptyContinuation):
			return []any{}, "", nil
		case c.hit(StaleToken):
			return nil, "", invalid("Token is not valid, token duration is 3 minutes", "")
		case c.hit(VagueInvalidInput):
			return nil, "", invalid("$errorResponse.Message", "")
		case c.op.name == "getInventorySummaries" && ok && c.now.Sub(known.issued) > 30*time.Second: // documented there
			return nil, "", invalid("The nextToken has expired.", token)
		case !ok || known.operation != c.op.name || known.seller != c.seller().ID:
			return nil, "", invalid("Invalid "+token+".", token)
		case c.op.name != "getReports" && known.args != c.args(token): // there the token stands alone
			return nil, "", invalid("The arguments differ from those of the call that gave the "+token+".", c.args(token))
		}
		p = known
	}
	if c.hit(EmptyPage) {
		return []any{}, c.pageToken(p, 1), nil
	}
	items, more := p.load(p.offset, size)
	next := ""
	if more {
		following := p
		following.offset += len(items)
		next = c.pageToken(following, 0)
	}
	if given == "" && more && c.hit(MissingFirstPage) {
		p.offset += len(items)
		items, more = p.load(p.offset, size)
		if next = ""; more {
			following := p
			following.offset += len(items)
			next = c.pageToken(following, 0)
		}
	}
	if given != "" && c.hit(RepeatedToken) {
		next = given
	}
	if given != "" && len(items) > 0 && c.hit(DuplicatedItems) {
		back, _ := p.load(max(0, p.offset-1), 1)
		items = append(back, items...)
	}
	return items, next, nil
}

// args is everything that the next call must repeat.
func (c *call) args(token string) string {
	q := c.r.URL.Query()
	q.Del(token)
	return q.Encode()
}

// pageToken returns the token of a page. The same page of the same listing has the same token, and tokens hold characters
// that must be escaped in a query. Twist tells apart tokens that lead to the same place.
func (c *call) pageToken(p page, twist int) string {
	raw := fmt.Sprintf("%s?%s>%s>%06d~%d", p.operation, p.seller, p.args, p.offset, twist)
	token := base64.StdEncoding.EncodeToString([]byte(raw)) + "+/="
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	p.issued = c.now
	c.amazon.pages[token] = p
	return token
}

// anyOf says whether two lists share a word; an empty first list shares all.
func anyOf(wanted, have []string) bool {
	return len(wanted) == 0 || slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(have, w) })
}
