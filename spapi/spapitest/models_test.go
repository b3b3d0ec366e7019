package spapitest_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// model checks values against the definitions of one of Amazon's models. It is strict: a member that the definition does
// not have is a fault, as is one that is required and missing.
type model struct {
	definitions map[string]any
	faults      []string
	used        map[string]bool // "Definition.member"
}

func (m *model) fault(path, format string, args ...any) {
	m.faults = append(m.faults, path+": "+fmt.Sprintf(format, args...))
}

// resolve follows references and merges allOf.
func (m *model) resolve(schema map[string]any) (name string, out map[string]any) {
	for {
		ref, ok := schema["$ref"].(string)
		if !ok {
			break
		}
		name = ref[strings.LastIndex(ref, "/")+1:]
		schema, _ = m.definitions[name].(map[string]any)
		if schema == nil {
			m.fault(name, "no such definition")
			return name, map[string]any{}
		}
	}
	parts, ok := schema["allOf"].([]any)
	if !ok {
		return name, schema
	}
	properties, required := map[string]any{}, []any{}
	merged := map[string]any{"type": "object", "properties": properties}
	for _, part := range parts {
		_, s := m.resolve(part.(map[string]any))
		p, _ := s["properties"].(map[string]any)
		maps.Copy(properties, p)
		r, _ := s["required"].([]any)
		required = append(required, r...)
	}
	merged["required"] = required
	return name, merged
}

func (m *model) check(path string, v any, schema map[string]any) {
	name, s := m.resolve(schema)
	if enum, ok := s["enum"].([]any); ok && !slices.Contains(enum, v) {
		m.fault(path, "%v is none of %v", v, enum)
	}
	properties, _ := s["properties"].(map[string]any)
	kind, _ := s["type"].(string)
	if kind == "" && properties != nil {
		kind = "object"
	}
	switch kind {
	case "object":
		object, ok := v.(map[string]any)
		if !ok {
			m.fault(path, "%T is not an object", v)
			return
		}
		m.object(path, name, object, s, properties)
	case "array":
		list, ok := v.([]any)
		if !ok {
			m.fault(path, "%T is not an array", v)
			return
		}
		items, _ := s["items"].(map[string]any)
		for i, item := range list {
			m.check(fmt.Sprintf("%s[%d]", path, i), item, items)
		}
	case "string":
		str, ok := v.(string)
		if !ok {
			m.fault(path, "%T is not a string", v)
			return
		}
		if format := s["format"]; format == "date-time" {
			if _, err := time.Parse(time.RFC3339Nano, str); err != nil {
				m.fault(path, "%v", err)
			}
		}
	case "number", "integer":
		n, ok := v.(json.Number)
		if !ok || (kind == "integer" && strings.ContainsAny(n.String(), ".eE")) {
			m.fault(path, "%v is no %s", v, kind)
		}
	case "boolean":
		if _, ok := v.(bool); !ok {
			m.fault(path, "%T is not a boolean", v)
		}
	default:
		m.fault(path, "the model gives no type")
	}
}

func (m *model) object(path, name string, object, s, properties map[string]any) {
	free, _ := s["additionalProperties"].(map[string]any)
	anything := s["additionalProperties"] == true
	required, _ := s["required"].([]any)
	for _, r := range required {
		if _, ok := object[text(r)]; !ok {
			m.fault(path, "%s is required and missing", r)
		}
	}
	for member, value := range object {
		p, ok := properties[member].(map[string]any)
		switch {
		case !ok && anything:
		case !ok && free != nil:
			m.check(path+"."+member, value, free)
		case !ok:
			m.fault(path, "the model has no member %s", member)
		case value == nil:
			if slices.Contains(required, any(member)) {
				m.fault(path, "%s is required and null", member)
			}
		default:
			m.used[name+"."+member] = true
			m.check(path+"."+member, value, p)
		}
	}
}

// calls is one good request for each operation, made of what the fake knows.
func everyCall(d *door) map[string]*http.Request {
	st := d.amazon.Accounts()[0].Settlements[2]
	order, sku := firstOrder(st)
	get := func(path string, pairs ...string) *http.Request {
		return d.request(http.MethodGet, path, query(pairs...), "")
	}
	post := func(path, body string) *http.Request { return d.request(http.MethodPost, path, nil, body) }
	created := text(d.send(post(reportsPath, `{"reportType":"GET_ORDERS","marketplaceIds":["ATVPDKIKX0DER"]}`)).at("reportId"))
	const schedules = "/reports/2021-06-30/schedules"
	planned := text(d.send(post(schedules, `{"reportType":"GET_ORDERS","marketplaceIds":["ATVPDKIKX0DER"],"period":"P1D"}`)).at("reportScheduleId"))
	dropped := text(d.send(post(schedules, `{"reportType":"GET_DROPPED","marketplaceIds":["ATVPDKIKX0DER"],"period":"P1D"}`)).at("reportScheduleId"))
	catalogue := d.send(get("/catalog/2022-04-01/items", "marketplaceIds", "ATVPDKIKX0DER", "identifiers", sku, "identifiersType", "SKU", "sellerId", st.SellerID))
	asin := text(catalogue.at("items", 0, "asin"))
	const everything = "BUYER,RECIPIENT,PROCEEDS,EXPENSE,PROMOTION,CANCELLATION,FULFILLMENT,PACKAGES,TAX,PAYMENT,FULFILLMENT_ORDERS"
	const allCatalogue = "attributes,classifications,dimensions,identifiers,images,productTypes,relationships,salesRanks,summaries,vendorDetails"
	return map[string]*http.Request{
		"getReports":                   get(reportsPath, "reportTypes", settlementV2+",GET_ORDERS", "pageSize", "2"),
		"createReport":                 post(reportsPath, `{"reportType":"GET_ORDERS","marketplaceIds":["ATVPDKIKX0DER"]}`),
		"getReport":                    get(reportsPath + "/" + st.Reports[0].ID),
		"cancelReport":                 d.request(http.MethodDelete, reportsPath+"/"+created, nil, ""),
		"getReportSchedules":           get(schedules, "reportTypes", "GET_ORDERS"),
		"createReportSchedule":         post(schedules, `{"reportType":"GET_OTHER","marketplaceIds":["ATVPDKIKX0DER"],"period":"P1D"}`),
		"getReportSchedule":            get(schedules + "/" + planned),
		"cancelReportSchedule":         d.request(http.MethodDelete, schedules+"/"+dropped, nil, ""),
		"getReportDocument":            get(documentsPath + st.Reports[0].DocumentID),
		"listTransactions":             get(transactionsPath, "postedAfter", "2026-08-01T00:00:00Z"),
		"listSummary":                  get(summaryPath, "relatedIdentifierName", "SETTLEMENT_ID", "relatedIdentifierValue", st.ID),
		"listFinancialEventGroups":     get(groupsPath, "MaxResultsPerPage", "3"),
		"listPayouts":                  get(payoutsPath),
		"getMarketplaceParticipations": get(marketsPath),
		"listBalances":                 get("/finances/2024-06-19/balances"),
		"listFinancialEvents":          get("/finances/v0/financialEvents", "PostedAfter", "2026-08-01T00:00:00Z"),
		"listFinancialEventsByGroupId": get(groupsPath + "/" + st.EventGroup + "/financialEvents"),
		"listFinancialEventsByOrderId": get("/finances/v0/orders/" + order + "/financialEvents"),
		"listExpectedPayouts":          get(payoutsPath + "/expected"),
		"getPaymentMethods":            get("/finances/transfers/2024-06-01/paymentMethods", "marketplaceId", "ATVPDKIKX0DER"),
		"initiatePayout":               post(payoutsPath, `{"marketplaceId":"A1PA6795UKMFR9","accountType":"Standard Orders"}`),
		"searchOrders":                 get(ordersPath, "createdAfter", "2026-08-01T00:00:00Z", "maxResultsPerPage", "5", "includedData", everything),
		"getOrder":                     get(ordersPath+"/"+order, "includedData", everything),
		"searchCatalogItems":           get("/catalog/2022-04-01/items", "marketplaceIds", "ATVPDKIKX0DER", "keywords", "example", "includedData", allCatalogue),
		"getCatalogItem":               get("/catalog/2022-04-01/items/"+asin, "marketplaceIds", "ATVPDKIKX0DER", "includedData", allCatalogue),
		"getInventorySummaries":        get("/fba/inventory/v1/summaries", "marketplaceIds", "ATVPDKIKX0DER", "granularityType", "Marketplace", "granularityId", "ATVPDKIKX0DER", "details", "true"),
		"createRestrictedDataToken":    post("/tokens/2021-03-01/restrictedDataToken", `{"restrictedResources":[{"method":"GET","path":"/orders/v0/orders","dataElements":["buyerInfo"]}]}`),
		"getAccount":                   get("/sellers/v1/account"),
	}
}

// firstOrder returns an order of the settlement and a SKU in it.
func firstOrder(st settlementtest.Settlement) (order, sku string) {
	for r := range st.Rows() {
		if r.TransactionType == "Order" && order == "" {
			order, sku = r.OrderID, r.SKU
		}
	}
	return order, sku
}

func TestEveryAnswerIsAsTheModelHasIt(t *testing.T) {
	ops := modelOperations(t)
	all := models(t)
	many := seller()
	many.Rows = 400
	account := spapitest.Account(many)
	d, _ := open(t, spapitest.Options{Rate: -1, Sellers: []spapitest.SellerAccount{account}})
	d.login()
	requests := everyCall(d)
	for name := range spapitest.Paces() {
		r, ok := requests[name]
		if !ok {
			t.Errorf("%s: no request for it in this test", name)
			continue
		}
		op := ops[name]
		checkPathAndParams(t, name, op, r.URL)
		a := d.send(r)
		responses, _ := op.spec["responses"].(map[string]any)
		response, ok := responses[fmt.Sprint(a.status)].(map[string]any)
		if !ok || a.status >= 300 {
			t.Errorf("%s: status %d %s, the model has %v", name, a.status, a.raw, slices.Sorted(maps.Keys(responses)))
			continue
		}
		schema, ok := response["schema"].(map[string]any)
		if !ok {
			if len(a.raw) > 0 {
				t.Errorf("%s: the model has no answer body, the fake has %s", name, a.raw)
			}
			continue
		}
		definitions, _ := all[op.file]["definitions"].(map[string]any)
		m := &model{definitions: definitions, used: map[string]bool{}}
		m.check(name, any(a.json), schema)
		for _, f := range m.faults {
			t.Error(f)
		}
		if len(m.used) == 0 {
			t.Errorf("%s: nothing was checked in %s", name, a.raw)
		}
	}
	for name := range requests {
		if _, ok := spapitest.Paces()[name]; !ok {
			t.Errorf("the fake has no operation %s", name)
		}
	}
}

// checkPathAndParams compares the request with the model's path and parameter names.
func checkPathAndParams(t *testing.T, name string, op modelOperation, u *url.URL) {
	t.Helper()
	want, have := strings.Split(op.path, "/"), strings.Split(u.EscapedPath(), "/")
	ok := len(want) == len(have)
	for i := range want {
		ok = ok && (strings.HasPrefix(want[i], "{") || want[i] == have[i])
	}
	if !ok {
		t.Errorf("%s: path %s, the model has %s", name, u.Path, op.path)
	}
}

// The errors of every operation have the one form, whatever went wrong.
func TestEveryErrorIsAsTheModelHasIt(t *testing.T) {
	ops, all := modelOperations(t), models(t)
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	requests := everyCall(d)
	for name, r := range requests {
		for status, spoil := range map[int]func(*http.Request){
			400: func(r *http.Request) { r.URL.RawQuery += "&noSuchParameter=1" },
			403: func(r *http.Request) { r.Header.Set("x-amz-access-token", "Atza|wrong") },
		} {
			spoiled := r.Clone(t.Context())
			if r.GetBody != nil {
				spoiled.Body, _ = r.GetBody()
			}
			spoil(spoiled)
			a := d.send(spoiled)
			op := ops[name]
			responses, _ := op.spec["responses"].(map[string]any)
			response, ok := responses[fmt.Sprint(status)].(map[string]any)
			if a.status != status || !ok {
				t.Errorf("%s: %d %s, want %d", name, a.status, a.raw, status)
				continue
			}
			schema, ok := response["schema"].(map[string]any)
			if !ok {
				continue
			}
			definitions, _ := all[op.file]["definitions"].(map[string]any)
			m := &model{definitions: definitions, used: map[string]bool{}}
			m.check(name, any(a.json), schema)
			if len(m.faults) > 0 {
				t.Error(m.faults)
			}
		}
	}
}

func TestTheFakeKnowsEveryParameterOfTheModels(t *testing.T) {
	ops := modelOperations(t)
	d, _ := open(t, spapitest.Options{Rate: -1})
	d.login()
	for name, r := range everyCall(d) {
		parameters, _ := ops[name].spec["parameters"].([]any)
		for _, p := range parameters {
			if walk(p, "in") != "query" {
				continue
			}
			q := r.Clone(t.Context())
			if r.GetBody != nil {
				q.Body, _ = r.GetBody()
			}
			q.URL.RawQuery = url.Values{text(walk(p, "name")): {"1"}}.Encode()
			if a := d.send(q); strings.Contains(string(a.raw), "has no parameter") {
				t.Errorf("%s: %s", name, a.raw)
			}
		}
	}
}
