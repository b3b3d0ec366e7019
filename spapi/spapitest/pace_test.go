package spapitest_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
)

// models returns Amazon's models, or skips where they are absent.
func models(t *testing.T) map[string]map[string]any {
	t.Helper()
	dir := filepath.Join("..", "..", "..", "shared", "models")
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(files) == 0 {
		t.Skipf("no models in %s: this cannot be checked here", dir)
	}
	all := map[string]map[string]any{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var m map[string]any
		if err := json.Unmarshal(data, &m); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[filepath.Base(name)] = m
	}
	return all
}

// modelOperation is an operation as a model has it.
type modelOperation struct {
	file, method, path string
	spec               map[string]any
}

func modelOperations(t *testing.T) map[string]modelOperation {
	t.Helper()
	list := map[string]modelOperation{}
	for file, m := range models(t) {
		paths, _ := m["paths"].(map[string]any)
		for path, methods := range paths {
			methods, _ := methods.(map[string]any)
			for method, spec := range methods {
				if spec, ok := spec.(map[string]any); ok {
					list[text(spec["operationId"])] = modelOperation{file, strings.ToUpper(method), path, spec}
				}
			}
		}
	}
	return list
}

func TestUsagePlansAreThoseOfTheModels(t *testing.T) {
	ops := modelOperations(t)
	row := regexp.MustCompile(`\|\s*([0-9.]+)\s*\|\s*([0-9]+)\s*\|`)
	for name, pace := range spapitest.Paces() {
		op, ok := ops[name]
		if !ok {
			t.Errorf("no model has an operation %s", name)
			continue
		}
		found := row.FindStringSubmatch(text(op.spec["description"]))
		if found == nil {
			t.Errorf("%s: no usage plan in the model", name)
			continue
		}
		rate, _ := strconv.ParseFloat(found[1], 64)
		if burst := found[2]; rate != pace.Rate || burst != strconv.Itoa(pace.Burst) {
			t.Errorf("%s: %v, the model says %s / %s", name, pace, found[1], burst)
		}
	}
}

func TestABucketHoldsItsBurstAndRefillsAtItsRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := open(t, spapitest.Options{Now: time.Now, Sellers: []spapitest.SellerAccount{spapitest.Account(recent())}})
		d.login()
		id := d.amazon.Accounts()[0].Settlements[5].Reports[0].DocumentID
		ask := func() answer { return d.get(documentsPath + id) }
		for i := range 15 {
			if a := ask(); a.status != 200 || a.header.Get("x-amzn-RateLimit-Limit") != "0.0167" {
				t.Fatalf("call %d of the burst: %d, rate header %q", i+1, a.status, a.header.Get("x-amzn-RateLimit-Limit"))
			}
		}
		refused := ask()
		if refused.status != http.StatusTooManyRequests || refused.at("errors", 0, "code") != "QuotaExceeded" ||
			refused.at("errors", 0, "message") != "You exceeded your quota for the requested resource." ||
			refused.header.Get("x-amzn-RateLimit-Limit") != "" || refused.header.Get("Retry-After") != "" {
			t.Errorf("%d %s %v", refused.status, refused.raw, refused.header)
		}
		time.Sleep(59 * time.Second)
		if a := ask(); a.status != 429 {
			t.Errorf("after 59 s: %d", a.status)
		}
		time.Sleep(time.Second)
		if a := ask(); a.status != 200 {
			t.Errorf("after 60 s: %d", a.status)
		}
		if a := ask(); a.status != 429 {
			t.Errorf("a second one: %d", a.status)
		}
		if a := d.get(payoutsPath); a.status != 200 {
			t.Errorf("another operation: %d", a.status)
		}
		time.Sleep(55 * time.Minute) // within the life of the token, more than fills the bucket
		for i := range 16 {
			if a := ask(); (a.status == 200) != (i < 15) {
				t.Errorf("call %d after a long pause: %d", i+1, a.status)
			}
		}
	})
}

func TestASellersBucketIsItsOwn(t *testing.T) {
	one, two := spapitest.Account(seller()), spapitest.Account(seller())
	two.ID, two.RefreshToken = "A2OTHER0000001", "Atzr|two"
	d, _ := open(t, spapitest.Options{Sellers: []spapitest.SellerAccount{one, two}})
	d.login()
	for range 15 {
		d.must(marketsPath)
	}
	if a := d.get(marketsPath); a.status != 429 {
		t.Errorf("%d", a.status)
	}
	who := d.amazon.Accounts()[1]
	_, body := d.tokenFor(query("grant_type", "refresh_token", "refresh_token", "Atzr|two", "client_id", who.ClientID, "client_secret", who.ClientSecret))
	d.token = text(body["access_token"])
	d.must(marketsPath)
}

func TestThePaceCanBeScaled(t *testing.T) {
	d, clock := open(t, spapitest.Options{Rate: 100})
	d.login()
	for range 10 {
		d.must(reportsPath, "reportTypes", settlementV2)
	}
	if a := d.get(reportsPath, "reportTypes", settlementV2); a.status != 429 {
		t.Errorf("%d", a.status)
	}
	clock.advance(451 * time.Millisecond)
	if a := d.must(reportsPath, "reportTypes", settlementV2); a.header.Get("x-amzn-RateLimit-Limit") != "2.22" {
		t.Errorf("rate header %q", a.header.Get("x-amzn-RateLimit-Limit"))
	}
	free, _ := open(t, spapitest.Options{Rate: -1})
	free.login()
	for range 50 {
		free.must(reportsPath, "reportTypes", settlementV2)
	}
}

func TestManyCallersAtOnceAreCountedExactly(t *testing.T) {
	d, _ := open(t, spapitest.Options{})
	d.login()
	var wg sync.WaitGroup
	var mu sync.Mutex
	statuses := map[int]int{}
	for range 40 {
		r := d.request(http.MethodGet, marketsPath, nil, "")
		wg.Go(func() {
			res, err := d.client.Do(r)
			if err != nil {
				t.Error(err)
				return
			}
			_ = res.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			statuses[res.StatusCode]++
		})
	}
	wg.Wait()
	if statuses[200] != 15 || statuses[429] != 25 || d.amazon.Calls()["getMarketplaceParticipations"] != 40 {
		t.Errorf("%v, calls %v", statuses, d.amazon.Calls())
	}
}
