package vantagepointtest

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// selectFields keeps the columns that fieldFilter names.
func selectFields(query url.Values, list []obj) []obj {
	names := strings.FieldsFunc(query.Get("fieldFilter"), func(c rune) bool { return c == ',' || c == ' ' })
	if len(names) == 0 {
		return list
	}
	out := make([]obj, len(list))
	for i, o := range list {
		out[i] = obj{}
		for _, m := range o {
			if slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, m.name) }) {
				out[i] = append(out[i], m)
			}
		}
	}
	return out
}

// list answers rows after filterHash (where it is known), order and paging. Other query parameters are ignored without a word.
func (t *Tenant) list(r *request, list []obj, hash bool) answer {
	if hash {
		clauses := filterClauses(r.query)
		for _, c := range clauses {
			if t.opt.Quirks.RefuseUnknownFilter && len(list) > 0 && list[0].get(c.name) == nil {
				return t.fail(&problem{http.StatusInternalServerError, "Invalid column name '" + c.name + "'."})
			}
		}
		list = slices.DeleteFunc(slices.Clone(list), func(o obj) bool { return !t.matches(o, clauses) })
	}
	list = sorted(r.query.Get("order"), list)
	if !t.opt.Quirks.IgnorePaging {
		list = t.page(r.query, list)
	}
	return t.rows(r, list)
}

// page cuts a page out of a list: page (from 1) or offset (from 0) with pageSize or limit.
func (t *Tenant) page(query url.Values, list []obj) []obj {
	size := positive(query.Get("pageSize"))
	size = cmp.Or(size, positive(query.Get("limit")), t.opt.Quirks.DefaultPageSize)
	if limit := t.opt.Quirks.MaxPageSize; limit > 0 {
		size = min(cmp.Or(size, limit), limit)
	}
	if size == 0 {
		size = len(list)
	}
	start := positive(query.Get("offset"))
	if n := positive(query.Get("page")); n > 0 && size > 0 {
		if start = len(list); n-1 <= len(list)/size {
			start = (n - 1) * size
		}
	}
	start = min(start, len(list))
	return list[start : start+min(size, len(list)-start)]
}

func positive(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// sorted orders by one column, named with _A or _D behind it. What cannot be read as that is ignored.
func sorted(order string, list []obj) []obj {
	column, descending := strings.CutSuffix(order, "_D")
	if !descending {
		column = strings.TrimSuffix(order, "_A")
	}
	if column == "" || len(list) == 0 || list[0].get(column) == nil {
		return list
	}
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b obj) int {
		c := compare(a.get(column), b.get(column))
		if descending {
			return -c
		}
		return c
	})
	return list
}

func compare(a, b any) int {
	switch a := a.(type) {
	case int:
		if b, ok := b.(int); ok {
			return cmp.Compare(a, b)
		}
	case dec:
		if b, ok := b.(dec); ok {
			return cmp.Compare(a, b)
		}
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(strings.ToLower(a), strings.ToLower(b))
		}
	}
	return 0
}

// clause is one entry of a filterHash.
type clause struct {
	seq                       int
	name, value, op, kind, or string
}

// filterClauses reads filterHash[n][key]=value, whether the brackets came raw or encoded.
func filterClauses(query url.Values) []clause {
	found := map[string]*clause{}
	for key, values := range query {
		rest, ok := strings.CutPrefix(key, "filterHash[")
		n, member, ok2 := strings.Cut(rest, "][")
		if !ok || !ok2 {
			continue
		}
		c := found[n]
		if c == nil {
			c = &clause{seq: positive(n)}
			found[n] = c
		}
		switch strings.TrimSuffix(member, "]") {
		case "name":
			c.name = values[0]
		case "value":
			c.value = values[0]
		case "opp":
			c.op = values[0]
		case "type":
			c.kind = values[0]
		case "condition":
			c.or = strings.ToUpper(values[0])
		case "seq":
			c.seq = positive(values[0])
		}
	}
	var list []clause
	for _, c := range found {
		if c.name != "" {
			list = append(list, *c)
		}
	}
	slices.SortFunc(list, func(a, b clause) int { return cmp.Or(cmp.Compare(a.seq, b.seq), strings.Compare(a.name, b.name)) })
	return list
}

// matches evaluates clauses from left to right. Clauses on one field without a condition are alternatives.
func (t *Tenant) matches(o obj, clauses []clause) bool {
	result, first := true, true
	for i, c := range clauses {
		v := o.get(c.name)
		if v == nil {
			continue // an unknown column is ignored
		}
		hit := t.test(v, c)
		again := c.or == "" && slices.ContainsFunc(clauses[:i], func(e clause) bool { return strings.EqualFold(e.name, c.name) })
		switch {
		case first:
			result = hit
		case again || c.or == "OR":
			result = result || hit
		default:
			result = result && hit
		}
		first = false
	}
	return result
}

// test compares one value. An operator of the other dialect is not understood and matches nothing.
func (t *Tenant) test(v any, c clause) bool {
	op := strings.ToLower(strings.TrimSpace(c.op))
	if t.opt.Quirks.WordOperators {
		symbol, ok := map[string]string{
			"": "=", "eq": "=", "ne": "!=", "gt": ">", "lt": "<", "ge": ">=", "le": "<=", "like": "like",
		}[op]
		if !ok {
			return false
		}
		op = symbol
	}
	var order int
	switch v := v.(type) {
	case int:
		n, err := strconv.Atoi(c.value)
		if err != nil {
			return false
		}
		order = cmp.Compare(v, n)
	case dec:
		d, err := parseDec(c.value)
		if err != nil {
			return false
		}
		order = cmp.Compare(v, d)
	case string:
		if op == "like" {
			return like(strings.ToLower(v), strings.ToLower(c.value))
		}
		if c.kind == "datetime" && len(v) == len(dateTime) && !strings.Contains(c.value, ".") {
			v = v[:len(v)-4]
		}
		order = strings.Compare(strings.ToLower(strings.TrimRight(v, " ")), strings.ToLower(strings.TrimRight(c.value, " ")))
	default:
		return false
	}
	switch op {
	case "", "=":
		return order == 0
	case "!=", "<>":
		return order != 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	}
	return false
}

// like matches SQL's pattern with % for any text.
func like(s, pattern string) bool {
	parts := strings.Split(pattern, "%")
	if len(parts) == 1 {
		return s == pattern
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, parts[len(parts)-1])
}
