package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/store"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
	"github.com/ml-connector/amazon-vantagepoint/spapi/spapitest"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// install is a configuration in a folder of its own, for a seller and a tenant that run on loopback.
type install struct {
	dir, config string
	database    string
	credentials map[string]map[string]string
	amazon      *spapitest.Amazon
	tenant      *vantagepointtest.Tenant
}

func newInstall(t *testing.T, options ...vantagepointtest.Options) install {
	t.Helper()
	return installWith(t, spapitest.Options{}, append(options, vantagepointtest.Options{})[0])
}

// installWith is newInstall for systems of these options. Where they name no seller, one with three settlements is added.
func installWith(t *testing.T, a spapitest.Options, v vantagepointtest.Options) install {
	t.Helper()
	if a.Sellers == nil {
		a.Sellers = []spapitest.SellerAccount{spapitest.Account(settlementtest.Seller{Seed: 5, Count: 3, Rows: 40, Until: time.Now()})}
	}
	amazon := spapitest.New(a)
	tenant, err := vantagepointtest.New(v)
	if err != nil {
		t.Fatal(err)
	}
	amazonURL, stopAmazon, err := amazon.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopAmazon)
	tenantURL, stopTenant, err := tenant.Start()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stopTenant)
	who := amazon.Accounts()[0]
	i := install{database: "sqlite", dir: filepath.Join(t.TempDir(), "acme"), amazon: amazon, tenant: tenant, credentials: map[string]map[string]string{
		"amazon": {"client_id": who.ClientID, "client_secret": who.ClientSecret, "refresh_token": who.RefreshToken},
		"vantagepoint": {
			"username": vantagepointtest.DemoUser, "password": vantagepointtest.DemoPassword,
			"client_id": vantagepointtest.DemoClientID, "client_secret": vantagepointtest.DemoClientSecret,
		},
	}}
	i.config = filepath.Join(i.dir, "payoutsync.yaml")
	payoutsync(t, "init", i.dir).expect(t, 0)
	i.edit(t, "payoutsync.yaml",
		"seller_id: A1EXAMPLE", "seller_id: "+who.ID, `endpoint: "" `, "endpoint: "+amazonURL+" ", `lwa_endpoint: "" `, "lwa_endpoint: "+amazonURL+" ",
		"base_url: https://acme.deltekfirst.com/acme/api", "base_url: "+tenantURL, "database: ACME", "database: DEMO", `{USD: "AMZ"}`, `{USD: "OPER"}`)
	return i
}

func (i install) edit(t *testing.T, file string, pairs ...string) {
	t.Helper()
	name := filepath.Join(i.dir, file)
	text := readFile(t, name)
	for n := 0; n < len(pairs); n += 2 {
		if !strings.Contains(text, pairs[n]) {
			t.Fatalf("%s does not hold %q", file, pairs[n])
		}
		text = strings.Replace(text, pairs[n], pairs[n+1], 1)
	}
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run runs a command of this installation with the credentials on standard input.
func (i install) run(t *testing.T, args ...string) outcome {
	t.Helper()
	text, err := json.Marshal(i.credentials)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	code := run(t.Context(), append([]string{"--config", i.config}, args...), bytes.NewReader(text), &out, &errs)
	return outcome{code, out.String(), errs.String()}
}

// onBoth runs a test on the embedded database and on PostgreSQL.
func onBoth(t *testing.T, test func(t *testing.T, i install), options ...vantagepointtest.Options) {
	t.Run("sqlite", func(t *testing.T) { test(t, newInstall(t, options...)) })
	t.Run("postgresql", func(t *testing.T) {
		dsn := pgtest.DSN(t)
		i := newInstall(t, options...)
		i.edit(t, "payoutsync.yaml", "database: sqlite", "database: "+dsn)
		i.database = dsn
		test(t, i)
	})
}

func TestFromInitToAProvenAuditTrail(t *testing.T) { onBoth(t, fromInitToAProvenAuditTrail) }

func fromInitToAProvenAuditTrail(t *testing.T, i install) {
	if o := i.run(t, "sync").expect(t, exitUsage); !strings.Contains(o.errors, "chart: demo") {
		t.Errorf("rules that are still the demo's: %s", o.errors)
	}
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	if o := i.run(t, "sync").expect(t, exitUsage); !strings.Contains(o.errors, "payoutsync connect acme-us") {
		t.Errorf("without credentials: %s", o.errors)
	}
	i.run(t, "connect", "acme-us").expect(t, 0)

	dry := i.run(t, "sync", "--dry-run", "--json").expect(t, 0)
	if s := dry.summary(t); s.Settlements != 3 || s.Booked != 0 || len(i.tenant.Batches()) != 0 {
		t.Errorf("the dry run booked something: %+v", counts(s))
	}
	if s := i.run(t, "sync", "acme-us", "--json").expect(t, 0).summary(t); s.Booked != 3 || s.Refused != 0 || s.Duplicates != 0 || s.ClearingOpen != 0 {
		t.Errorf("first sync: %+v", counts(s))
	}
	if s := i.run(t, "sync", "--json").expect(t, 0).summary(t); s.Booked != 0 || s.Found != 3 {
		t.Errorf("second sync: %+v", counts(s))
	}
	i.run(t, "audit", "verify").expect(t, 0)
	i.everythingIsEncrypted(t)
	i.aChangedRecordIsFound(t)
}

// everythingIsEncrypted looks for secrets in every file of the home.
func (i install) everythingIsEncrypted(t *testing.T) {
	t.Helper()
	err := filepath.WalkDir(i.dir, func(name string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text := readFile(t, name)
		for _, secret := range []string{
			i.credentials["amazon"]["client_secret"], i.credentials["amazon"]["refresh_token"],
			i.credentials["vantagepoint"]["password"], i.credentials["vantagepoint"]["client_secret"],
		} {
			if strings.Contains(text, secret) {
				t.Errorf("%s holds a secret in clear", name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func (i install) aChangedRecordIsFound(t *testing.T) {
	t.Helper()
	db, err := store.Open(t.Context(), i.database, filepath.Join(i.dir, "payoutsync-data"))
	if err != nil {
		t.Fatal(err)
	}
	n, err := db.Exec(t.Context(), `update booking_records set body = replace(body, 'created', 'refused') where seq = (select min(seq) from booking_records where body like '%created%')`)
	if err = errors.Join(err, db.Close()); err != nil || n != 1 {
		t.Fatalf("%d records changed, %v", n, err)
	}
	o := i.run(t, "audit", "verify", "--json").expect(t, exitBroken)
	if faults, _ := o.lines(t)[0]["faults"].([]any); len(faults) == 0 {
		t.Errorf("no fault is named: %s", o.out)
	}
}

func TestConnectStoresNothingWhenALogInFails(t *testing.T) {
	for _, test := range []struct{ system, field string }{{"amazon", "client_secret"}, {"amazon", "refresh_token"}, {"vantagepoint", "password"}, {"vantagepoint", "client_secret"}} {
		i := newInstall(t)
		right := i.credentials[test.system][test.field]
		i.credentials[test.system][test.field] = "quite-wrong"
		o := i.run(t, "connect", "acme-us").expect(t, exitUsage)
		if strings.Contains(o.errors, "quite-wrong") || !strings.Contains(o.errors, "nothing was stored") {
			t.Errorf("%s.%s: %s", test.system, test.field, o.errors)
		}
		if _, err := os.Stat(filepath.Join(i.dir, "payoutsync-data", "credentials.json")); err == nil {
			t.Errorf("%s.%s: something was stored", test.system, test.field)
		}
		i.credentials[test.system][test.field] = right
	}
}

// Booked under a wrong seller's name, everything would be booked once more when the name is mended.
func TestConnectStoresNothingOfAnotherSeller(t *testing.T) {
	i := newInstall(t)
	right := i.amazon.Accounts()[0].ID
	i.edit(t, "payoutsync.yaml", "seller_id: "+right, "seller_id: A1ANOTHER")
	if o := i.run(t, "connect", "acme-us").expect(t, exitUsage); !strings.Contains(o.out, "these are the credentials of seller "+right+", not of A1ANOTHER") || !strings.Contains(o.errors, "nothing was stored") {
		t.Errorf("connect: %s%s", o.out, o.errors)
	}
	i.run(t, "sync", "--dry-run").expect(t, exitUsage)
}

func TestImportedFilesAreBookedByTheNextSync(t *testing.T) {
	i := newInstall(t)
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	i.run(t, "connect", "acme-us").expect(t, 0)
	start := time.Now().AddDate(-1, 0, 0).Truncate(time.Hour).UTC()
	old := settlementtest.Build(settlementtest.Spec{ID: "20000000001", Start: start, End: start.AddDate(0, 0, 14), Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}})
	name := filepath.Join(t.TempDir(), "old.txt")
	if err := os.WriteFile(name, old.V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := i.run(t, "import", "acme-us", name).expect(t, 0); !strings.Contains(o.out, "20000000001") {
		t.Errorf("import printed %q", o.out)
	}
	if s := i.run(t, "sync", "--json").expect(t, 0).summary(t); s.Settlements != 4 || s.Booked != 4 {
		t.Errorf("sync after the import: %+v", counts(s))
	}
}

func TestAFileOfSeveralSettlementsIsReadBookedAndProvenOneByOne(t *testing.T) {
	i := newInstall(t)
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	i.run(t, "connect", "acme-us").expect(t, 0)
	start := time.Now().AddDate(-1, 0, 0).Truncate(time.Hour).UTC()
	var reports []byte
	ids := []string{"20000000001", "20000000002"}
	for n, id := range ids {
		reports = append(reports, settlementtest.Build(settlementtest.Spec{
			ID: id, Start: start.AddDate(0, 0, 14*n), End: start.AddDate(0, 0, 14*n+14), Rows: []settlementtest.Row{
				{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: int64(1000 + n)},
			},
		}).V2()...)
	}
	dir := t.TempDir()
	name, rules := filepath.Join(dir, "several.txt"), filepath.Join(i.dir, "rules.yaml")
	if err := os.WriteFile(name, reports, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{{"inspect", name}, {"plan", name}, {"rules", "diff", rules, rules, name}} {
		if o := i.run(t, command...).expect(t, exitRefused); !strings.Contains(o.out+o.errors, "--settlement: 20000000001, 20000000002") {
			t.Errorf("%v does not say what to choose: %s%s", command, o.out, o.errors)
		}
		o := i.run(t, append(command, "--settlement", ids[1])...).expect(t, 0)
		if command[0] != "rules" && (!strings.Contains(o.out, ids[1]) || strings.Contains(o.out, ids[0])) {
			t.Errorf("%v: %s", command, o.out)
		}
	}
	if o := i.run(t, "import", "acme-us", name).expect(t, 0); !strings.Contains(o.out, ids[0]+", 10.00") || !strings.Contains(o.out, ids[1]+", 10.01") {
		t.Errorf("import printed %q", o.out)
	}
	if s := i.run(t, "sync", "--json").expect(t, 0).summary(t); s.Settlements != 5 || s.Booked != 5 {
		t.Errorf("sync after the import: %+v", counts(s))
	}
	for _, id := range ids {
		i.run(t, "explain", "acme-us/"+id).expect(t, 0)
		pack := filepath.Join(dir, id+".zip")
		i.run(t, "evidence", "pack", "acme-us/"+id, "-o", pack).expect(t, 0)
		if v := payoutsync(t, "evidence", "verify", pack, "--json").expect(t, 0).lines(t)[0]; v["settlement_id"] != id {
			t.Errorf("verified: %v", v)
		}
	}
}

// The id of a settlement is part of file names, addresses and names of batches.
func TestAFileCannotNameAPlaceOutsideTheHome(t *testing.T) {
	i := newInstall(t)
	i.edit(t, "rules.yaml", "\nchart: demo\n", "\n")
	i.run(t, "connect", "acme-us").expect(t, 0)
	start := time.Now().AddDate(-1, 0, 0).Truncate(time.Hour).UTC()
	hostile := settlementtest.Build(settlementtest.Spec{ID: "../../../outside", Start: start, End: start.AddDate(0, 0, 14), Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000},
	}})
	name := filepath.Join(t.TempDir(), "hostile.txt")
	if err := os.WriteFile(name, hostile.V2(), 0o600); err != nil {
		t.Fatal(err)
	}
	if o := i.run(t, "import", "acme-us", name); o.code == 0 || !strings.Contains(o.errors, "is no settlement id") {
		t.Errorf("import ends with %d and says %q", o.code, o.errors)
	}
	i.run(t, "sync")
	if _, err := os.Stat(filepath.Join(filepath.Dir(i.dir), "outside.html")); err == nil {
		t.Error("a page was written outside of the home")
	}
}
