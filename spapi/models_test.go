package spapi_test

import (
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

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

// contract is how an operation of the package meets its model.
type contract struct {
	// call makes the call with every parameter set and returns what it yields, in a form whose JSON is Amazon's.
	call func(*testing.T, *spapi.Client) any
	// root is where in the answer the yielded items are; "" for the answer itself.
	root string
	// item is the type of the items; nil where the package returns a single word of the answer.
	item reflect.Type
	// envelope lists the members outside root, which the package uses itself.
	envelope []string
}

func only[T any](t *testing.T) func(T, error) any {
	return func(v T, err error) any {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

var someTime = time.Date(2026, 3, 1, 10, 20, 30, 0, time.UTC)

func contracts() map[string]contract {
	v0 := []string{"payload.NextToken", "errors[].code", "errors[].message", "errors[].details"}
	errorsOnly := []string{"errors[].code", "errors[].message", "errors[].details"}
	related := spapi.RelatedIdentifier{Name: spapi.SettlementID, Value: "1"}
	marketplace := []string{"ATVPDKIKX0DER"}
	options := map[string]string{"a": "b"}
	events := spapi.EventsQuery{PostedAfter: someTime, PostedBefore: someTime, PageSize: 1}
	resource := spapi.RestrictedResource{Method: "GET", Path: "/x", DataElements: []string{"buyerInfo"}}
	return map[string]contract{
		"reports.getReports": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Report](t)(collect(c.Reports.List(t.Context(), spapi.ReportsQuery{
					Types: []spapi.ReportType{"T"}, Statuses: []spapi.ReportStatus{spapi.ReportDone}, Marketplaces: marketplace,
					CreatedSince: someTime, CreatedUntil: someTime, PageSize: 7,
				})))
			},
			root: "reports[]", item: reflect.TypeFor[spapi.Report](), envelope: []string{"nextToken"},
		},
		"reports.getReport": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.Report](t)(c.Reports.Report(t.Context(), "{reportId}"))
			},
			item: reflect.TypeFor[spapi.Report](),
		},
		"reports.createReport": {
			call: func(t *testing.T, c *spapi.Client) any {
				id := only[string](t)(c.Reports.Create(t.Context(), spapi.ReportRequest{Type: "T", Marketplaces: marketplace, DataStart: someTime, DataEnd: someTime, Options: options}))
				return map[string]any{"reportId": id}
			},
		},
		"reports.cancelReport": {call: func(t *testing.T, c *spapi.Client) any {
			return only[any](t)(nil, c.Reports.Cancel(t.Context(), "{reportId}"))
		}},
		"reports.getReportDocument": {
			call: func(t *testing.T, c *spapi.Client) any {
				only[spapi.ReportDocument](t)(c.Reports.Document(t.Context(), "{reportDocumentId}"))
				return only[spapi.ReportDocument](t)(c.Reports.DocumentEncoded(t.Context(), "{reportDocumentId}"))
			},
			item: reflect.TypeFor[spapi.ReportDocument](),
		},
		"reports.getReportSchedules": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.ReportSchedule](t)(collect(c.Reports.Schedules(t.Context(), "T")))
			},
			root: "reportSchedules[]", item: reflect.TypeFor[spapi.ReportSchedule](),
		},
		"reports.createReportSchedule": {
			call: func(t *testing.T, c *spapi.Client) any {
				id := only[string](t)(c.Reports.CreateSchedule(t.Context(), spapi.ReportScheduleRequest{Type: "T", Marketplaces: marketplace, Period: spapi.EveryDay, Options: options, First: someTime}))
				return map[string]any{"reportScheduleId": id}
			},
		},
		"reports.getReportSchedule": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.ReportSchedule](t)(c.Reports.Schedule(t.Context(), "{reportScheduleId}"))
			},
			item: reflect.TypeFor[spapi.ReportSchedule](),
		},
		"reports.cancelReportSchedule": {call: func(t *testing.T, c *spapi.Client) any {
			return only[any](t)(nil, c.Reports.CancelSchedule(t.Context(), "{reportScheduleId}"))
		}},
		"finances.listTransactions": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Transaction](t)(collect(c.Finances.Transactions(t.Context(), spapi.TransactionsQuery{
					PostedAfter: someTime, PostedBefore: someTime, MarketplaceID: "M", Status: spapi.TransactionReleased, Related: related,
				})))
			},
			root: "payload.transactions[]", item: reflect.TypeFor[spapi.Transaction](), envelope: []string{"payload.nextToken"},
		},
		"finances.listBalances": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Balance](t)(collect(c.Finances.Balances(t.Context(), spapi.BalancesQuery{Marketplaces: marketplace, Type: spapi.BalanceTotal, AccountType: "A", AsOf: "2026-01-02"})))
			},
			root: "balances[]", item: reflect.TypeFor[spapi.Balance](), envelope: []string{"nextToken"},
		},
		"finances.listSummary": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Summary](t)(collect(c.Finances.Summary(t.Context(), spapi.SummaryQuery{Related: related, PeriodStart: "2026-01-01", PeriodEnd: "2026-01-02", Marketplaces: marketplace, AccountType: "A"})))
			},
			root: "summaries[]", item: reflect.TypeFor[spapi.Summary](), envelope: []string{"nextToken"},
		},
		"financesV0.listFinancialEventGroups": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEventGroup](t)(collect(c.FinancesV0.EventGroups(t.Context(), spapi.EventGroupsQuery{StartedAfter: someTime, StartedBefore: someTime, PageSize: 1})))
			},
			root: "payload.FinancialEventGroupList[]", item: reflect.TypeFor[spapi.FinancialEventGroup](), envelope: v0,
		},
		"financesV0.listFinancialEvents": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEvents](t)(collect(c.FinancesV0.Events(t.Context(), events)))
			},
			root: "payload.FinancialEvents", item: reflect.TypeFor[spapi.FinancialEvents](), envelope: v0,
		},
		"financesV0.listFinancialEventsByGroupId": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEvents](t)(collect(c.FinancesV0.EventsByGroup(t.Context(), "{eventGroupId}", events)))
			},
			root: "payload.FinancialEvents", item: reflect.TypeFor[spapi.FinancialEvents](), envelope: v0,
		},
		"financesV0.listFinancialEventsByOrderId": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.FinancialEvents](t)(collect(c.FinancesV0.EventsByOrder(t.Context(), "{orderId}", 1)))
			},
			root: "payload.FinancialEvents", item: reflect.TypeFor[spapi.FinancialEvents](), envelope: v0,
		},
		"transfers.listPayouts": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.Payout](t)(collect(c.Transfers.Payouts(t.Context(), spapi.PayoutsQuery{Marketplaces: marketplace, CreatedAfter: someTime, CreatedBefore: someTime, PayoutID: "P", AccountType: "A"})))
			},
			root: "payouts[]", item: reflect.TypeFor[spapi.Payout](), envelope: []string{"nextToken"},
		},
		"transfers.listExpectedPayouts": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.ExpectedPayout](t)(collect(c.Transfers.ExpectedPayouts(t.Context(), spapi.ExpectedPayoutsQuery{Marketplaces: marketplace, AccountType: "A"})))
			},
			root: "expectedPayouts[]", item: reflect.TypeFor[spapi.ExpectedPayout](), envelope: []string{"nextToken"},
		},
		"transfers.getPaymentMethods": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.PaymentMethod](t)(c.Transfers.PaymentMethods(t.Context(), "M", spapi.PaymentBankAccount))
			},
			root: "paymentMethods[]", item: reflect.TypeFor[spapi.PaymentMethod](),
		},
		"transfers.initiatePayout": {call: func(t *testing.T, c *spapi.Client) any {
			return map[string]any{"payoutReferenceId": only[string](t)(c.Transfers.MoveMoneyToBank(t.Context(), "M", "A"))}
		}},
		"orders.searchOrders": {
			call: func(t *testing.T, c *spapi.Client) any {
				q := spapi.OrdersQuery{
					CreatedAfter: someTime, CreatedBefore: someTime, Statuses: []spapi.OrderFulfillmentStatus{"S"}, Marketplaces: marketplace,
					FulfilledBy: []spapi.OrderFulfiller{spapi.FulfilledByAmazon}, Include: []spapi.OrderData{spapi.IncludeBuyer}, PageSize: 1,
				}
				only[[]spapi.Order](t)(collect(c.Orders.Search(t.Context(), q)))
				q.CreatedAfter, q.CreatedBefore, q.LastUpdatedAfter, q.LastUpdatedBefore = time.Time{}, time.Time{}, someTime, someTime
				return only[[]spapi.Order](t)(collect(c.Orders.Search(t.Context(), q)))
			},
			root: "orders[]", item: reflect.TypeFor[spapi.Order](), envelope: []string{"pagination.nextToken", "createdBefore", "lastUpdatedBefore"},
		},
		"orders.getOrder": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.Order](t)(c.Orders.Order(t.Context(), "{orderId}", spapi.IncludeBuyer))
			},
			root: "order", item: reflect.TypeFor[spapi.Order](),
		},
		"sellers.getMarketplaceParticipations": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.MarketplaceParticipation](t)(c.Sellers.MarketplaceParticipations(t.Context()))
			},
			root: "payload[]", item: reflect.TypeFor[spapi.MarketplaceParticipation](), envelope: errorsOnly,
		},
		"sellers.getAccount": {
			call: func(t *testing.T, c *spapi.Client) any { return only[spapi.Account](t)(c.Sellers.Account(t.Context())) },
			root: "payload", item: reflect.TypeFor[spapi.Account](), envelope: errorsOnly,
		},
		"catalog.searchCatalogItems": {
			call: func(t *testing.T, c *spapi.Client) any {
				q := spapi.CatalogQuery{
					Marketplace: "M", Keywords: []string{"K"}, KeywordsLocale: "L", Brands: []string{"B"}, Classifications: []string{"C"},
					Include: []spapi.CatalogData{spapi.CatalogWithImages}, Locale: "L", PageSize: 1,
				}
				found := only[spapi.CatalogRefinement](t)(c.Catalog.Refinements(t.Context(), q)).(spapi.CatalogRefinement)
				if found.NumberOfResults == 0 {
					t.Error("numberOfResults is lost")
				}
				checkMembers(t, "catalog.searchCatalogItems", "refinements", reflect.TypeFor[spapi.CatalogRefinements]())
				q = spapi.CatalogQuery{Marketplace: "M", Identifiers: []string{"I"}, IdentifierType: spapi.IdentifierSKU, SellerID: "S"}
				return only[[]spapi.CatalogItem](t)(collect(c.Catalog.Search(t.Context(), q)))
			},
			root: "items[]", item: reflect.TypeFor[spapi.CatalogItem](),
			envelope: []string{
				"numberOfResults", "pagination.nextToken", "pagination.previousToken",
				"refinements.brands[].brandName", "refinements.brands[].numberOfResults", "refinements.classifications[].classificationId",
				"refinements.classifications[].displayName", "refinements.classifications[].numberOfResults",
			},
		},
		"catalog.getCatalogItem": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[spapi.CatalogItem](t)(c.Catalog.Item(t.Context(), "{asin}", spapi.CatalogItemQuery{Marketplaces: marketplace, Include: []spapi.CatalogData{spapi.CatalogWithImages}, Locale: "L"}))
			},
			item: reflect.TypeFor[spapi.CatalogItem](),
		},
		"inventory.getInventorySummaries": {
			call: func(t *testing.T, c *spapi.Client) any {
				return only[[]spapi.InventorySummary](t)(collect(c.Inventory.Summaries(t.Context(), spapi.InventoryQuery{Marketplace: "M", Details: true, SKUs: []string{"A"}, SKU: "B", Since: someTime})))
			},
			root: "payload.inventorySummaries[]", item: reflect.TypeFor[spapi.InventorySummary](),
			envelope: append([]string{"pagination.nextToken", "payload.granularity.granularityType", "payload.granularity.granularityId"}, errorsOnly...),
		},
		"tokens.createRestrictedDataToken": {
			call: func(t *testing.T, c *spapi.Client) any {
				token := only[spapi.RestrictedToken](t)(c.CreateRestrictedToken(t.Context(), "app", resource)).(spapi.RestrictedToken)
				return map[string]any{"restrictedDataToken": token.Token, "expiresIn": token.ExpiresIn}
			},
			item: reflect.TypeFor[spapi.RestrictedToken](),
		},
	}
}

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
