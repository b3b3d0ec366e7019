package spapi_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// testdata/models.txt says what Amazon's models say of our operations: path, usage plan, parameters and the types of the
// answers with every member. Where the models are at hand (../shared/models beside the repository), it is compared with
// them, and -update writes it anew.
var update = flag.Bool("update", false, "write testdata/models.txt from the models")

const modelsFile = "testdata/models.txt"

// operation is one operation of that file.
type operation struct {
	name, method, path, rate, burst string
	answer                          string // its type; "-": none
	params                          []string
	members                         []member // not in the file: derived from answer
}

// member is a named thing of a type. In a definition the name is one word, in an operation it is a path such as
// "reports[].createdTime".
type member struct{ path, kind string }

// covered names the operations that the package must have, by model.
func covered() map[string][]string {
	return map[string][]string{
		"reports reports_2021-06-30.json": {
			"getReports", "createReport", "getReport", "cancelReport", "getReportDocument",
			"getReportSchedules", "createReportSchedule", "getReportSchedule", "cancelReportSchedule",
		},
		"finances finances_2024-06-19.json":    {"listTransactions", "listBalances", "listSummary"},
		"financesV0 financesV0.json":           {"listFinancialEventGroups", "listFinancialEventsByGroupId", "listFinancialEventsByOrderId", "listFinancialEvents"},
		"transfers transfers_2024-06-01.json":  {"listPayouts", "listExpectedPayouts", "getPaymentMethods", "initiatePayout"},
		"orders orders_2026-01-01.json":        {"searchOrders", "getOrder"},
		"sellers sellers.json":                 {"getMarketplaceParticipations", "getAccount"},
		"catalog catalogItems_2022-04-01.json": {"searchCatalogItems", "getCatalogItem"},
		"inventory fbaInventory.json":          {"getInventorySummaries"},
		"tokens tokens_2021-03-01.json":        {"createRestrictedDataToken"},
	}
}

type schema struct {
	Ref        string            `json:"$ref"`
	Type       string            `json:"type"`
	Format     string            `json:"format"`
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	AllOf      []schema          `json:"allOf"`
}

// readModels writes what Amazon's models say in the form of testdata/models.txt.
func readModels(t *testing.T, dir string) string {
	t.Helper()
	var lines []string
	rates := regexp.MustCompile(`\|\s*([0-9.]+)\s*\|\s*([0-9]+)\s*\|`)
	for key, ids := range covered() {
		prefix, file, _ := strings.Cut(key, " ")
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		var model struct {
			Paths       map[string]map[string]json.RawMessage `json:"paths"`
			Definitions map[string]schema                     `json:"definitions"`
		}
		if err := json.Unmarshal(data, &model); err != nil {
			t.Fatal(err)
		}
		d := definitions{t: t, prefix: prefix + ".", all: model.Definitions, written: map[string]string{}}
		found := 0
		for path, methods := range model.Paths {
			for method, raw := range methods {
				var o struct {
					ID          string `json:"operationId"`
					Description string `json:"description"`
					Parameters  []struct{ Name, In string }
					Responses   map[string]struct{ Schema schema }
				}
				if method != "get" && method != "post" && method != "delete" {
					continue
				}
				if err := json.Unmarshal(raw, &o); err != nil {
					t.Fatal(err)
				}
				if !slices.Contains(ids, o.ID) {
					continue
				}
				found++
				plan := rates.FindStringSubmatch(o.Description)
				if plan == nil {
					t.Fatalf("%s has no usage plan", o.ID)
				}
				answer, params := "-", []string{}
				for _, p := range o.Parameters {
					if p.In == "query" {
						params = append(params, p.Name)
					}
				}
				for status, r := range o.Responses {
					if status[0] == '2' && (r.Schema.Ref != "" || r.Schema.Type != "") {
						answer = d.kind(r.Schema)
					}
				}
				slices.Sort(params)
				lines = append(lines, strings.TrimSpace(fmt.Sprintf("op %s %s %s %s/%s %s %s", prefix+"."+o.ID, strings.ToUpper(method), path, plan[1], plan[2], answer, strings.Join(params, " "))))
			}
		}
		if found != len(ids) {
			t.Fatalf("%s has only %d of %v", file, found, ids)
		}
		lines = slices.AppendSeq(lines, maps.Values(d.written))
	}
	slices.Sort(lines)
	return "# Written by go test -update. op NAME METHOD PATH RATE/BURST ANSWER PARAMETERS; def NAME, then a member a line.\n" + strings.Join(lines, "\n") + "\n"
}

// definitions are those of one model, and what of them was needed.
type definitions struct {
	t       *testing.T
	prefix  string
	all     map[string]schema
	written map[string]string
}

// kind names the type of a schema and writes down the definitions that it needs.
func (d definitions) kind(s schema) string {
	name := strings.TrimPrefix(s.Ref, "#/definitions/")
	if s.Ref != "" {
		s = d.all[name]
	}
	properties := maps.Clone(s.Properties)
	for _, part := range s.AllOf {
		if part.Ref != "" {
			part = d.all[strings.TrimPrefix(part.Ref, "#/definitions/")]
		}
		if properties == nil {
			properties = map[string]schema{}
		}
		maps.Copy(properties, part.Properties)
	}
	names := slices.Sorted(maps.Keys(properties))
	switch strings.Join(names, ",") {
	case "currencyAmount,currencyCode", "CurrencyAmount,CurrencyCode", "amount,currencyCode":
		return "money:" + strings.Join(names, ",")
	}
	switch {
	case len(names) > 0:
		if name == "" {
			d.t.Fatalf("nameless object of %v", names)
		}
		if _, done := d.written[name]; !done {
			d.written[name] = ""
			text := "def " + d.prefix + name
			for _, n := range names {
				text += "\n\t" + n + " " + d.kind(properties[n])
			}
			d.written[name] = text
		}
		return d.prefix + name
	case s.Ref != "":
		return d.kind(s)
	case s.Type == "array":
		return "[]" + d.kind(*s.Items)
	case s.Format == "date-time", s.Format == "date":
		return s.Format
	case s.Type == "":
		d.t.Fatalf("%q has no type", name)
	}
	return s.Type
}

// models returns the operations that testdata/models.txt has.
var models = sync.OnceValues(func() (map[string]operation, error) {
	data, err := os.ReadFile(modelsFile)
	if err != nil {
		return nil, err
	}
	operations, defs, def := map[string]operation{}, map[string][]member{}, ""
	for line := range strings.Lines(string(data)) {
		switch words := strings.Fields(line); words[0] {
		case "#":
		case "def":
			def = words[1]
		case "op":
			rate, burst, _ := strings.Cut(words[4], "/")
			operations[words[1]] = operation{name: words[1], method: words[2], path: words[3], rate: rate, burst: burst, answer: words[5], params: words[6:]}
		default:
			defs[def] = append(defs[def], member{words[0], words[1]})
		}
	}
	for name, o := range operations {
		if o.answer != "-" {
			o.members = flatten(defs, o.answer, "", nil)
		}
		operations[name] = o
	}
	return operations, nil
})

// flatten lists the leaves of a type. What holds itself is followed once more and then left.
func flatten(defs map[string][]member, kind, path string, stack []string) []member {
	if of, ok := strings.CutPrefix(kind, "[]"); ok {
		return flatten(defs, of, path+"[]", stack)
	}
	def, ok := defs[kind]
	if !ok {
		return []member{{path, kind}}
	}
	if count(stack, kind) > 1 {
		return nil
	}
	var all []member
	for _, m := range def {
		all = append(all, flatten(defs, m.kind, strings.TrimPrefix(path+"."+m.path, "."), append(slices.Clone(stack), kind))...)
	}
	return all
}

func count[T comparable](stack []T, x T) int {
	n := 0
	for _, s := range stack {
		if s == x {
			n++
		}
	}
	return n
}

func model(t *testing.T, name string) operation {
	t.Helper()
	all, err := models()
	if err != nil {
		t.Fatal(err)
	}
	o, ok := all[name]
	if !ok {
		t.Fatalf("%s has no operation %s", modelsFile, name)
	}
	return o
}

func TestListOfMembersIsThatOfTheModels(t *testing.T) {
	dir := filepath.Join("..", "..", "shared", "models")
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("Amazon's models are not at hand: %v", err)
	}
	text := readModels(t, dir)
	if *update {
		if err := os.WriteFile(modelsFile, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(modelsFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(text, string(got)); diff != "" {
		t.Errorf("run go test -run %s -update:\n%s", t.Name(), diff)
	}
}

func TestUsagePlansAreThoseOfTheModels(t *testing.T) {
	all, err := models()
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range all {
		plan, ok := spapi.PlanOf(name)
		rate, _ := strconv.ParseFloat(o.rate, 64)
		burst, _ := strconv.Atoi(o.burst)
		if !ok || plan != (spapi.Plan{Rate: rate, Burst: burst}) {
			t.Errorf("%s has plan %v, the model says %s/%s", name, plan, o.rate, o.burst)
		}
	}
	if len(all) != 28 {
		t.Errorf("only %d operations", len(all))
	}
}
