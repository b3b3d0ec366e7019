package spapi_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// sample is an Amazon that answers one operation with every member of its model, each with a value of its own.
type sample struct {
	operation operation
	value     any
	n         int
	params    map[string]bool
	request   string
	paged     bool
}

func (s *sample) build() {
	s.params = map[string]bool{}
	for _, m := range s.operation.members {
		if !strings.HasPrefix(m.path, "errors") {
			s.value = s.put(s.value, strings.Split(strings.ReplaceAll(m.path, "[]", ".[]"), "."), m.kind)
		}
	}
}

func (s *sample) put(into any, path []string, kind string) any {
	if len(path) == 0 {
		return s.leaf(kind)
	}
	if path[0] == "[]" {
		list, _ := into.([]any)
		if list == nil {
			list = make([]any, 2)
		}
		for i := range list {
			list[i] = s.put(list[i], path[1:], kind)
		}
		return list
	}
	object, _ := into.(map[string]any)
	if object == nil {
		object = map[string]any{}
	}
	object[path[0]] = s.put(object[path[0]], path[1:], kind)
	return object
}

func (s *sample) leaf(kind string) any {
	s.n++
	switch kind, names, _ := strings.Cut(kind, ":"); kind {
	case "integer":
		return s.n
	case "number":
		return json.Number(fmt.Sprintf("%d.50", s.n))
	case "boolean":
		return true
	case "date-time":
		return someTime.Add(time.Duration(s.n) * time.Second).Format(time.RFC3339)
	case "date":
		return "2026-01-02"
	case "object":
		return map[string]any{"key": fmt.Sprint("value ", s.n)}
	case "money":
		amount, code, _ := strings.Cut(names, ",")
		text := fmt.Sprintf("-%d.10", s.n)
		if amount == "amount" {
			return map[string]any{amount: text, code: "EUR"}
		}
		return map[string]any{amount: json.Number(text), code: "EUR"}
	}
	return fmt.Sprint("text ", s.n)
}

// RoundTrip answers with the sample, and a second time, when the page token is sent, with a last page of one bare item.
func (s *sample) RoundTrip(req *http.Request) (*http.Response, error) {
	path, _ := url.PathUnescape(req.URL.EscapedPath())
	s.request = req.Method + " " + path
	again := false
	for name := range req.URL.Query() {
		s.params[name] = true
		again = again || strings.HasSuffix(strings.ToLower(name), "token")
	}
	body, err := json.Marshal(s.value)
	if again {
		body = []byte(`{"reports":[{}],"payload":{"transactions":[{}],"FinancialEventGroupList":[{}],"FinancialEvents":{"ServiceFeeEventList":[{}]},` +
			`"inventorySummaries":[{}]},"balances":[{}],"summaries":[{}],"payouts":[{}],"expectedPayouts":[{}],"orders":[{}],"items":[{}]}`)
		s.paged = true
	}
	return respond(200, string(body)), err
}

// leaves lists the values under root, path by path, as leaves does.
func (s *sample) leaves(root string) map[string]string {
	value := s.value
	for part := range strings.SplitSeq(strings.TrimSuffix(root, "[]"), ".") {
		if part != "" {
			value = value.(map[string]any)[part]
		}
	}
	if root == "payload.FinancialEvents" { // a page of events is one item
		value = []any{value}
	}
	data, _ := json.Marshal(value)
	all := map[string]string{}
	gather(decode(data), "", all)
	return all
}

// leaves lists the values of what a call has returned, path by path.
func leaves(t *testing.T, value any) map[string]string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	gather(decode(data), "", all)
	return all
}

func decode(data []byte) any {
	var v any
	d := json.NewDecoder(strings.NewReader(string(data)))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		panic(err)
	}
	return v
}

func gather(value any, path string, all map[string]string) {
	switch v := value.(type) {
	case map[string]any:
		for _, names := range [][2]string{{"currencyAmount", "currencyCode"}, {"CurrencyAmount", "CurrencyCode"}, {"amount", "currencyCode"}} {
			if v[names[0]] != nil && v[names[1]] != nil {
				all[path] = fmt.Sprint(v[names[0]], " ", v[names[1]])
				return
			}
		}
		for name, part := range v {
			gather(part, path+"."+name, all)
		}
	case []any:
		for i, part := range v {
			gather(part, fmt.Sprintf("%s[%d]", path, i), all)
		}
	case nil:
	default:
		all[path] = fmt.Sprint(v)
	}
}
