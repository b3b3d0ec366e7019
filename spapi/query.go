package spapi

import (
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Date is a civil date, YYYY-MM-DD.
type Date string

// query collects parameters; what is zero is left out. Arrays are joined with commas, as the models ask.
type query url.Values

func (q query) text(name, value string) {
	if value != "" {
		q[name] = []string{value}
	}
}

func (q query) at(name string, t time.Time) {
	if !t.IsZero() {
		q[name] = []string{t.UTC().Format("2006-01-02T15:04:05.999Z")}
	}
}

func (q query) number(name string, n int) {
	if n != 0 {
		q[name] = []string{strconv.Itoa(n)}
	}
}

func list[S ~string](q query, name string, values []S) {
	if len(values) == 0 {
		return
	}
	texts := make([]string, len(values))
	for i, v := range values {
		texts[i] = string(v)
	}
	q[name] = []string{strings.Join(texts, ",")}
}

// window refuses what Amazon would answer with an empty list: a period of more than 180 days, or one that ends before it begins.
func window(op, from, to string, after, before time.Time) error {
	if after.IsZero() || before.IsZero() {
		return nil
	}
	if before.Before(after) {
		return invalid(op, to+" is before "+from)
	}
	if before.Sub(after) > 180*24*time.Hour {
		return invalid(op, from+" and "+to+" are more than 180 days apart, for which Amazon answers an empty list: ask in parts")
	}
	return nil
}

func lower(s string) string { return strings.ToLower(strings.TrimSpace(s)) }

// noCommas refuses values that the comma-joined arrays of the API would tear apart.
func noCommas(op string, arrays ...[]string) error {
	for _, values := range arrays {
		for _, v := range values {
			if strings.Contains(v, ",") {
				return invalid(op, strconv.Quote(v)+" has a comma, which separates the values of this parameter")
			}
		}
	}
	return nil
}
