package spapi_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// For every operation: the types carry exactly the members of the model, an answer with all of them arrives whole, and
// every parameter of the model can be sent.
func TestEveryOperationIsThatOfTheModel(t *testing.T) {
	all, err := models()
	if err != nil {
		t.Fatal(err)
	}
	has := contracts()
	for name := range all {
		if _, ok := has[name]; !ok {
			t.Errorf("no contract for %s", name)
		}
	}
	for name, c := range has {
		t.Run(name, func(t *testing.T) {
			o := model(t, name)
			if c.item != nil {
				checkMembers(t, name, c.root, c.item)
			}
			var outside []string
			for _, m := range o.members {
				if c.item != nil && !under(m.path, c.root) {
					outside = append(outside, m.path)
				}
			}
			if diff := cmp.Diff(sorted(c.envelope), sorted(outside)); diff != "" {
				t.Errorf("members outside of %q:\n%s", c.root, diff)
			}

			answer := &sample{operation: o}
			answer.build()
			client, _ := newClient(t, func(config *spapi.Config) { config.Transport = answer })
			got := c.call(t, client)
			if answer.paged {
				items := reflect.ValueOf(got)
				got = items.Slice(0, items.Len()-1).Interface()
			}
			if diff := cmp.Diff(answer.leaves(c.root), leaves(t, got)); diff != "" {
				t.Errorf("what Amazon sent (-) is not what arrived (+):\n%s", diff)
			}
			if diff := cmp.Diff(sorted(o.params), sorted(slices.Collect(maps.Keys(answer.params)))); diff != "" {
				t.Errorf("parameters of the model (-), parameters sent (+):\n%s", diff)
			}
			if want := o.method + " " + o.path; answer.request != want {
				t.Errorf("request %s, want %s", answer.request, want)
			}
		})
	}
}

func sorted(s []string) []string {
	s = append([]string{}, s...)
	sort.Strings(s)
	return s
}

func under(path, root string) bool {
	return root == "" || path == root || strings.HasPrefix(path, root+".") || strings.HasPrefix(path, root+"[")
}

// checkMembers compares the members under root with those of a type.
func checkMembers(t *testing.T, name, root string, typ reflect.Type) {
	t.Helper()
	var want []string
	for _, m := range model(t, name).members {
		if under(m.path, root) {
			kind, _, _ := strings.Cut(m.kind, ":")
			want = append(want, strings.TrimPrefix(strings.TrimPrefix(m.path, root), ".")+" "+kind)
		}
	}
	var got []string
	walk(typ, "", nil, func(path, kind string) { got = append(got, path+" "+kind) })
	if diff := cmp.Diff(sorted(want), sorted(got)); diff != "" {
		t.Errorf("members of the model (-) and of %v (+):\n%s", typ, diff)
	}
}

// walk lists the leaves of a type in the way that flatten lists those of a schema.
func walk(typ reflect.Type, path string, stack []reflect.Type, leaf func(path, kind string)) {
	switch typ {
	case reflect.TypeFor[time.Time]():
		leaf(path, "date-time")
		return
	case reflect.TypeFor[spapi.Date]():
		leaf(path, "date")
		return
	case reflect.TypeFor[json.Number]():
		leaf(path, "number")
		return
	case reflect.TypeFor[spapi.Money]():
		leaf(path, "money")
		return
	case reflect.TypeFor[spapi.Secret]():
		leaf(path, "string")
		return
	case reflect.TypeFor[spapi.Breakdown](): // writes its own JSON, see TestBreakdownsAreReadInEveryForm
		type breakdown struct {
			Type       string            `json:"breakdownType"`
			Amount     spapi.Money       `json:"breakdownAmount"`
			Breakdowns []spapi.Breakdown `json:"breakdowns"`
		}
		typ = reflect.TypeFor[breakdown]()
	}
	switch typ.Kind() {
	case reflect.Pointer:
		walk(typ.Elem(), path, stack, leaf)
	case reflect.Slice:
		walk(typ.Elem(), path+"[]", stack, leaf)
	case reflect.Map:
		leaf(path, "object")
	case reflect.Bool:
		leaf(path, "boolean")
	case reflect.Int, reflect.Int64:
		leaf(path, "integer")
	case reflect.String:
		leaf(path, "string")
	case reflect.Struct:
		if count(stack, typ) > 1 {
			return
		}
		for field := range typ.Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if name == "-" {
				continue
			}
			walk(field.Type, strings.TrimPrefix(path+"."+name, "."), append(slices.Clone(stack), typ), leaf)
		}
	default:
		panic(fmt.Sprintf("%s has type %v", path, typ))
	}
}
