package ledgermap_test

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// unfit reads the part of JSON Schema that the rules' schema uses, and lists what does not fit. A word of the schema
// that it does not know is a complaint too, so that the test cannot pass by ignoring one.
func unfit(at string, schema map[string]any, value any) (wrong []string) {
	say := func(format string, args ...any) { wrong = append(wrong, at+": "+fmt.Sprintf(format, args...)) }
	text, isText := value.(string)
	table, isTable := value.(map[string]any)
	for word, arg := range schema {
		switch word {
		case "$schema", "title", "description", "properties":
		case "type":
			_, isList := value.([]any)
			_, isFlag := value.(bool)
			_, isNumber := value.(int)
			if !map[any]bool{"string": isText, "object": isTable, "array": isList, "boolean": isFlag, "integer": isNumber}[arg] {
				say("%v (%T) is no %s", value, value, arg)
			}
		case "enum":
			if !slices.ContainsFunc(arg.([]any), func(w any) bool { return fmt.Sprint(w) == fmt.Sprint(value) }) {
				say("%v is not one of %v", value, arg)
			}
		case "pattern":
			if isText && !regexp.MustCompile(arg.(string)).MatchString(text) {
				say("%q does not match %s", text, arg)
			}
		case "minLength":
			if isText && len(text) < int(arg.(float64)) {
				say("%q is too short", text)
			}
		case "maxLength":
			if isText && len(text) > int(arg.(float64)) {
				say("%q is too long", text)
			}
		case "required":
			for _, name := range arg.([]any) {
				if _, ok := table[name.(string)]; !ok {
					say("%s is missing", name)
				}
			}
		case "items":
			items, _ := value.([]any)
			for i, item := range items {
				wrong = append(wrong, unfit(fmt.Sprintf("%s[%d]", at, i), arg.(map[string]any), item)...)
			}
		case "propertyNames":
			for name := range table {
				wrong = append(wrong, unfit(at+"."+name, arg.(map[string]any), name)...)
			}
		case "additionalProperties":
			known, _ := schema["properties"].(map[string]any)
			for name, member := range table {
				if inner, ok := known[name]; ok {
					wrong = append(wrong, unfit(at+"."+name, inner.(map[string]any), member)...)
				} else if inner, ok := arg.(map[string]any); ok {
					wrong = append(wrong, unfit(at+"."+name, inner, member)...)
				} else {
					say("%s is not known", name)
				}
			}
		default:
			say("the schema's word %s is not known to this test", word)
		}
	}
	return wrong
}

func schemaSays(t *testing.T, rules []byte) string {
	t.Helper()
	var schema map[string]any
	if err := json.Unmarshal(ledgermap.Schema(), &schema); err != nil {
		t.Fatal(err)
	}
	var tree yaml.Node
	if err := yaml.Load(rules, &tree); err != nil {
		t.Fatal(err)
	}
	return strings.Join(unfit("rules", schema, plainTree(t, &tree)), "\n")
}

// plainTree is YAML as an editor's language server sees it; its days are text there.
func plainTree(t *testing.T, n *yaml.Node) any {
	t.Helper()
	switch n.Kind {
	case yaml.DocumentNode:
		return plainTree(t, n.Content[0])
	case yaml.MappingNode:
		table := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			table[n.Content[i].Value] = plainTree(t, n.Content[i+1])
		}
		return table
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plainTree(t, item))
		}
		return list
	}
	if n.Tag == "!!timestamp" {
		return n.Value
	}
	var value any
	if err := n.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestTheStarterFitsTheSchemaThatItsFirstLineNames(t *testing.T) {
	if first, _, _ := strings.Cut(string(ledgermap.Starter()), "\n"); first != "# yaml-language-server: $schema=rules.schema.json" {
		t.Errorf("the starter begins with %q", first)
	}
	for name, pairs := range map[string][]string{
		"starter": nil, "invoice": invoiceEdits(), "converted": converted(),
		"netting, due, dates": {
			"rules:\n", "netting: [{name: sales, categories: [principal, shipping]}]\nrules:\n" +
				"  - {when: {category: storage, sku: \"A*\", from: 2025-01-01, until: 2025-12-31, fulfilment: AFN}, account: \"612.00\", phase: \"1\", task: \"2\", reason: x}\n",
		},
	} {
		if wrong := schemaSays(t, edited(t, pairs...)); wrong != "" {
			t.Errorf("%s:\n%s", name, wrong)
		}
	}
}

func TestTheSchemaSeesMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		pairs []string
		want  string
	}{
		"unknown name":          {[]string{"receipt: paid ", "receipts: paid "}, "receipts is not known"},
		"unknown category":      {[]string{"  principal: {", "  principals: {"}, "principals is not known"},
		"unknown policy":        {[]string{"closed_period: refuse ", "closed_period: force "}, "force is not one of"},
		"account without quote": {[]string{`clearing: {account: "115.00"}`, `clearing: {account: 0401.10}`}, "is no string"},
		"rate without quote":    {[]string{"rules:\n", "rates: [{currency: CAD, rate: 0.7, date: 2025-01-01, until: 2025-01-31, source: x}]\nrules:\n"}, "is no string"},
		"no clearing":           {[]string{`clearing: {account: "115.00"}`, ""}, "clearing is missing"},
		"no type":               {[]string{`"101.00": {type: asset, `, `"101.00": {`}, "type is missing"},
		"long account":          {[]string{`"101.00": {type`, `"12345678901234": {type`}, "does not match"},
	} {
		if got := schemaSays(t, edited(t, c.pairs...)); !strings.Contains(got, c.want) {
			t.Errorf("%s: the schema says %q, want %q", name, got, c.want)
		}
	}
}
