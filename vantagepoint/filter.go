package vantagepoint

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// FilterDialect is how a filter's operator is written. Working connectors send symbols, another public client
// documents words; which of them a tenant takes must be tried.
type FilterDialect string

// The dialects.
const (
	Symbols FilterDialect = "symbols" // = != > >= < <= like
	Words   FilterDialect = "words"   // eq ne gt ge lt le like
)

// Operator compares a column with a value.
type Operator string

// The operators.
const (
	Equal        Operator = "="
	NotEqual     Operator = "!="
	Greater      Operator = ">"
	GreaterEqual Operator = ">="
	Less         Operator = "<"
	LessEqual    Operator = "<="
	Like         Operator = "like" // with % for any text and _ for one character
)

func (d FilterDialect) operator(op Operator) string {
	if d == Words {
		switch op {
		case Equal:
			return "eq"
		case NotEqual:
			return "ne"
		case Greater:
			return "gt"
		case GreaterEqual:
			return "ge"
		case Less:
			return "lt"
		case LessEqual:
			return "le"
		}
	}
	return string(op)
}

// Condition joins a clause to the ones before it.
type Condition string

// The conditions. Without one, clauses on the same column are alternatives and clauses on different columns must all
// hold; that is also how Vantagepoint reads them.
const (
	And Condition = "AND"
	Or  Condition = "OR"
)

// Clause is one clause of a filter.
type Clause struct {
	Name      string    // the column. Required.
	Op        Operator  // "" means Equal
	Value     string    // dates as 2006-01-02T15:04:05, flags as Y or N
	Type      string    // string, int, datetime, dropdown …; "" sends none. The ledger filters its Period only as int.
	Table     string    // where the column is not in the endpoint's own table
	Condition Condition // how it joins the clauses before it
}

// Filter narrows a listing. A column that the server does not know may be ignored in silence, so every row is checked
// against the filter again when it arrives, as far as it holds the column: keys without regard to case and leading
// zeros, because the server pads them.
type Filter []Clause

// Where returns a filter with one clause: the column equals the value.
func Where(name, value string) Filter { return Filter{{Name: name, Value: value}} }

// encode writes filterHash[i][key]=value.
func (f Filter) encode(dialect FilterDialect, into url.Values) {
	for i, clause := range f {
		put := func(key, value string) {
			if value != "" {
				into.Set(fmt.Sprintf("filterHash[%d][%s]", i, key), value)
			}
		}
		put("name", clause.Name)
		into.Set(fmt.Sprintf("filterHash[%d][value]", i), clause.Value) // an empty value is a value
		if clause.Op != "" {
			put("opp", dialect.operator(clause.Op)) // sic
		}
		put("type", clause.Type)
		put("tablename", clause.Table)
		put("condition", string(clause.Condition))
		put("seq", strconv.Itoa(i+1))
	}
}

// check names what is wrong with a filter before it is sent.
func (f Filter) check() *FieldError {
	for i, clause := range f {
		switch clause.Op {
		case "", Equal, NotEqual, Greater, GreaterEqual, Less, LessEqual, Like:
		default:
			return &FieldError{Table: "filter", Row: i + 1, Field: clause.Name, Reason: fmt.Sprintf("unknown operator %q", clause.Op)}
		}
		if clause.Name == "" {
			return &FieldError{Table: "filter", Row: i + 1, Reason: "a clause needs the name of a column"}
		}
	}
	return nil
}

// matches reports whether a row passes. Clauses are read from left to right.
func (f Filter) matches(object json.RawMessage) bool {
	if object[0] != '{' {
		return true // decoding will say so
	}
	row := make(map[string][]byte, len(f))
	for name, raw := range members(object) {
		for _, clause := range f {
			if clause.Name == name {
				row[name] = raw
			}
		}
	}
	result, seen := true, map[string]bool{}
	for _, clause := range f {
		hit, known := clause.matches(row)
		if !known {
			return true // the row does not show the column: the server must be believed
		}
		condition := clause.Condition
		if condition == "" && seen[clause.Name] {
			condition = Or
		}
		if condition == Or && len(seen) > 0 {
			result = result || hit
		} else {
			result = result && hit
		}
		seen[clause.Name] = true
	}
	return result
}

func (c Clause) matches(row map[string][]byte) (hit, known bool) {
	raw, ok := row[c.Name]
	if !ok {
		return false, false
	}
	text, err := scalar(raw)
	if err != nil {
		return false, false
	}
	if c.Op == Like {
		return like(c.Value, text), true
	}
	order, ordered := compareText(text, c.Value)
	switch c.Op {
	case "", Equal:
		return order == 0 || sameKey(text, c.Value), true
	case NotEqual:
		return order != 0 && !sameKey(text, c.Value), true
	}
	if !ordered {
		return false, false
	}
	switch c.Op {
	case Greater:
		return order > 0, true
	case GreaterEqual:
		return order >= 0, true
	case Less:
		return order < 0, true
	default:
		return order <= 0, true
	}
}

// compareText orders two texts as numbers or as dates. Text is not ordered: the server's collation is not ours.
func compareText(a, b string) (order int, ordered bool) {
	x, errX := ParseAmount(a)
	y, errY := ParseAmount(b)
	if errX == nil && errY == nil {
		return x.Cmp(y), true
	}
	if isDate(a) && isDate(b) {
		return strings.Compare(instant(a), instant(b)), true
	}
	if strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b)) {
		return 0, false
	}
	return 1, false
}

func isDate(s string) bool {
	d, err := ParseDate(s)
	return err == nil && !d.IsZero()
}

// instant makes dates with and without a time of day comparable as text.
func instant(s string) string {
	const midnight = "0000-00-00T00:00:00.000"
	s = strings.Replace(strings.TrimSpace(s), " ", "T", 1)
	if len(s) < len(midnight) {
		s += midnight[len(s):]
	}
	return s
}

// like is SQL's LIKE without regard to case.
func like(pattern, text string) bool {
	expression := regexp.QuoteMeta(pattern)
	expression = strings.NewReplacer("%", ".*", "_", ".").Replace(expression)
	matched, err := regexp.MatchString("(?is)^"+expression+"$", text)
	return err == nil && matched
}

// sameKey compares two keys as Vantagepoint may have rewritten them: leading zeros added, upper-cased, padded.
func sameKey(a, b string) bool { return strings.EqualFold(bareKey(a), bareKey(b)) }

func bareKey(key string) string {
	key = strings.TrimSpace(key)
	if bare := strings.TrimLeft(key, "0"); bare != "" {
		return bare
	}
	return key[:min(len(key), 1)] // all zeros
}
