package vantagepoint_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

func fixture(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

const (
	notFound = `{"message":"Record not found","detail":""}`
	company  = `[{"Company":"A0","FirmName":"Acme","FunctionalCurrencyCode":"USD"}]`
)

// payroll is the journal of the documentation's sample, with what Create works out left empty.
func payroll() vantagepoint.Journal {
	return vantagepoint.Journal{
		Control: vantagepoint.JournalControl{
			Batch: "je-7f3a9c", Description: "Payroll 2024-01", Period: 202401, DefaultCurrencyCode: "USD",
		},
		Masters: []vantagepoint.JournalMaster{{RefNo: "2589", TransDate: vantagepoint.NewDate(2024, time.January, 31), Description: "Payroll January"}},
		Details: []vantagepoint.JournalDetail{
			{PKey: "7f3a9c0001", Account: "701.00", WBS1: "00000001.00", Description: "Salaries", DebitAmount: amount("100.00")},
			{PKey: "7f3a9c0002", Account: "101.00", Description: "Bank", CreditAmount: amount("100.00")},
		},
	}
}

// ready registers what every create asks before it writes.
func (tn *tenant) ready() {
	tn.reply("GET", "metadata/JEEntry", 404, notFound)
	tn.reply("GET", "Settings/ActiveCompany", 200, company)
	tn.reply("GET", "Settings/Period", 200, period)
	tn.reply("GET", "PSALedger/JE", 200, `[]`)
}

// stored registers the payroll as a batch of the tenant, from now on.
func (tn *tenant) stored() {
	tn.reply("GET", "DataEntry/jeControl/je-7f3a9c", 200, fixture(tn.t, "je_control.json"))
	tn.reply("GET", "DataEntry/jeMaster/je-7f3a9c", 200, fixture(tn.t, "je_master.json"))
	tn.reply("GET", "DataEntry/jeDetail/je-7f3a9c", 200, fixture(tn.t, "je_detail.json"))
}

func (tn *tenant) absent() { tn.reply("GET", "DataEntry/jeControl/je-7f3a9c", 404, notFound) }

func decode(t *testing.T, text string) any {
	t.Helper()
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

func TestJournalIsReadWhole(t *testing.T) {
	tn := newTenant(t)
	tn.stored()
	doc, err := tn.client().Journals.Read(t.Context(), "je-7f3a9c")
	if err != nil {
		t.Fatal(err)
	}
	if c := doc.Control; !c.Total.Equal(amount("100")) || !c.SumCreditsTotal.Equal(amount("100")) || !c.DiffDebitsTotal.IsZero() ||
		c.Period != 202401 || c.Company != "A0" || c.EndDate != vantagepoint.NewDate(2024, time.January, 31) {
		t.Errorf("control row %+v", c)
	}
	if len(doc.Masters) != 1 || doc.Masters[0].RefNo != "00000002589" || doc.Masters[0].StatusDescription != "In Progress" {
		t.Errorf("entries %+v", doc.Masters)
	}
	if len(doc.Details) != 2 || doc.Details[0].Seq != 1 || doc.Details[0].AccountName != "Salaries" || doc.Details[1].CreditAmount.String() != "100.00" {
		t.Errorf("lines %+v", doc.Details)
	}
	if doc.Copies != 1 {
		t.Errorf("copies %d", doc.Copies)
	}
}

func TestAbsentBatchIsNotFoundHoweverItIsSaid(t *testing.T) {
	for name, respond := range map[string]struct {
		status int
		body   string
	}{
		"404": {404, ""}, "empty array": {200, `[]`}, "text": {400, `"Record not found"`},
		"list text": {500, `{"message":"The requested records could not be found."}`}, "another batch": {200, `[{"Batch":"other"}]`},
	} {
		tn := newTenant(t)
		tn.reply("GET", "DataEntry/jeControl/nope", respond.status, respond.body)
		if _, err := tn.client().Journals.Read(t.Context(), "nope"); !errors.Is(err, vantagepoint.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCreateSendsTheDocumentedBody(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.reply("POST", "DataEntry/jeControl", 201, fixture(t, "je_control.json"))
	stored, err := tn.client().Journals.Create(t.Context(), payroll())
	if err != nil {
		t.Fatal(err)
	}
	sent := tn.requests("POST", "DataEntry")
	if len(sent) != 1 || sent[0].header.Get("Content-Type") != "application/json" {
		t.Fatalf("sent %+v", sent)
	}
	if diff := cmp.Diff(decode(t, fixture(t, "je_create.json")), decode(t, sent[0].body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if !strings.Contains(sent[0].body, `"DebitAmount":100.00`) {
		t.Errorf("the digits were changed: %s", sent[0].body)
	}
	if !stored.Control.SumDebitsTotal.Equal(amount("100")) || len(stored.Details) != 0 {
		t.Errorf("answer %+v", stored)
	}
}

func TestCreateWithoutFilesNestsTheLinesInTheEntry(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.reply("GET", "Settings/ActivePeriod", 200, strings.ReplaceAll(period, "202401", "202312"))
	tn.reply("PUT", "Settings/ActivePeriod/202401", 200, period)
	tn.reply("POST", "DataEntry/jeMaster/je-7f3a9c%7C2589", 201, fixture(t, "je_master.json"))
	client := tn.client(func(c *vantagepoint.Config) { c.Style, c.EmptyWBS1 = vantagepoint.NoFiles, true })
	stored, err := client.Journals.Create(t.Context(), payroll())
	if err != nil {
		t.Fatal(err)
	}
	if len(stored.Masters) != 1 || stored.Masters[0].RefNo != "00000002589" {
		t.Errorf("answer %+v", stored)
	}
	sent := tn.requests("POST", "DataEntry")
	if len(sent) != 1 || sent[0].path != "DataEntry/jeMaster/je-7f3a9c%7C2589" {
		t.Fatalf("sent %+v", sent)
	}
	want := decode(t, strings.Replace(fixture(t, "je_create.json"), `"WBS1": " "`, `"WBS1": ""`, 1)).(map[string]any)
	master := want["jeMaster"].([]any)[0].(map[string]any)
	master["jeDetail"], master["jeDetailTax"] = want["jeDetail"], want["jeDetailTax"]
	if diff := cmp.Diff(any(master), decode(t, sent[0].body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
	if tn.count("PUT", "Settings/ActivePeriod/202401") != 1 {
		t.Error("the period of the entry was not made the active one")
	}
}

func TestOldAPITakesNumbersAsText(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.reply("POST", "ledger/JE", 201, `[]`)
	client := tn.client(func(c *vantagepoint.Config) { c.Style = vantagepoint.LegacyLedger })
	if _, err := client.Journals.Create(t.Context(), payroll()); err != nil {
		t.Fatal(err)
	}
	body := tn.requests("POST", "ledger")[0].body
	for _, part := range []string{`"Total":"100.00"`, `"Period":"202401"`, `"PostPeriod":"0"`, `"PostSeq":"0"`, `"TaxType":""`, `"WBS2":""`, `"RecurTimes":"0"`, `"CreditAmount":"0"`} {
		if !strings.Contains(body, part) {
			t.Errorf("the body lacks %s: %s", part, body)
		}
	}
	if _, _, err := client.Journals.FindOrCreate(t.Context(), payroll()); !errors.Is(err, vantagepoint.ErrInvalidInput) {
		t.Errorf("what cannot be looked for must not be created blindly: %v", err)
	}
}

func TestCreateIsSentOnceAndSaysWhatMayHaveRun(t *testing.T) {
	for name, test := range map[string]struct {
		respond    func(*http.Request) (*http.Response, error)
		unanswered bool
		sentinel   error
	}{
		"cut connection": {fail(io.ErrUnexpectedEOF), true, vantagepoint.ErrUnavailable},
		"500":            {answer(500, `{"message":"Object reference not set to an instance of an object."}`), true, vantagepoint.ErrUnavailable},
		"503 page":       {answer(503, `<html><head><title>503 Service Unavailable</title></head><body>No server</body></html>`), true, vantagepoint.ErrUnavailable},
		"web page":       {answer(200, `<html><body>Sign in</body></html>`), true, vantagepoint.ErrUnavailable},
		"cut answer":     {answer(201, `[{"Batch":"je-7f3a9c","Desc`), true, vantagepoint.ErrUnavailable},
		"refusal":        {answer(400, `{"message":"Organization is required"}`), false, vantagepoint.ErrInvalidInput},
		"duplicate":      {answer(400, `{"message":"Record je-7f3a9c already exists and cannot be added"}`), false, vantagepoint.ErrDuplicate},
		"forbidden":      {answer(403, ``), false, vantagepoint.ErrDenied},
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTenant(t)
			tn.ready()
			tn.on("POST", "DataEntry/jeControl", test.respond)
			_, err := tn.client().Journals.Create(t.Context(), payroll())
			if !errors.Is(err, test.sentinel) || errors.Is(err, vantagepoint.ErrUnanswered) != test.unanswered {
				t.Errorf("unanswered %t, error %v", errors.Is(err, vantagepoint.ErrUnanswered), err)
			}
			if n := tn.count("POST", "DataEntry"); n != 1 {
				t.Errorf("sent %d times", n)
			}
		})
	}
}

func TestThrottledCreateIsSentAgain(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.on("POST", "DataEntry/jeControl", sequence(answer(429, ``), answer(201, fixture(t, "je_control.json"))))
	if _, err := tn.client().Journals.Create(t.Context(), payroll()); err != nil || tn.count("POST", "DataEntry") != 2 {
		t.Errorf("sent %d times, %v", tn.count("POST", "DataEntry"), err)
	}
}

func TestFindOrCreateCreates(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.absent()
	tn.on("POST", "DataEntry/jeControl", func(r *http.Request) (*http.Response, error) {
		tn.stored()
		return answer(201, fixture(t, "je_control.json"))(r)
	})
	doc, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), payroll())
	if err != nil || outcome != vantagepoint.Created || doc.Masters[0].RefNo != "00000002589" {
		t.Errorf("%s, %v, %+v", outcome, err, doc.Masters)
	}
}

func TestFindOrCreateFinds(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.stored()
	_, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), payroll())
	if err != nil || outcome != vantagepoint.Found || tn.count("POST", "DataEntry") != 0 {
		t.Errorf("%s, %v, sent %d", outcome, err, tn.count("POST", "DataEntry"))
	}
}

func TestFindOrCreateTreatsAlreadyExistsAsFound(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.absent()
	tn.on("POST", "DataEntry/jeControl", func(r *http.Request) (*http.Response, error) {
		tn.stored() // somebody else was faster
		return answer(400, `{"message":"Record je-7f3a9c already exists and cannot be added"}`)(r)
	})
	if _, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), payroll()); err != nil || outcome != vantagepoint.Found {
		t.Errorf("%s, %v", outcome, err)
	}
}

func TestFindOrCreateResolvesAnUnansweredWriteByLooking(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTenant(t)
		tn.ready()
		tn.absent()
		tn.on("POST", "DataEntry/jeControl", func(*http.Request) (*http.Response, error) {
			go func() { // the answer is lost while the write still runs
				time.Sleep(3 * time.Second)
				tn.stored()
			}()
			return nil, io.ErrUnexpectedEOF
		})
		_, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), payroll())
		if err != nil || outcome != vantagepoint.Found || tn.count("POST", "DataEntry") != 1 {
			t.Errorf("%s, %v, sent %d times", outcome, err, tn.count("POST", "DataEntry"))
		}
	})
}

func TestFindOrCreateThatCannotBeResolvedIsUnanswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tn := newTenant(t)
		tn.ready()
		tn.absent()
		tn.on("POST", "DataEntry/jeControl", fail(io.ErrUnexpectedEOF))
		began := time.Now()
		_, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), payroll())
		if !errors.Is(err, vantagepoint.ErrUnanswered) || outcome != "" || tn.count("POST", "DataEntry") != 1 {
			t.Errorf("%s, %v, sent %d times", outcome, err, tn.count("POST", "DataEntry"))
		}
		if waited := time.Since(began); waited < 5*time.Second || waited > 10*time.Second {
			t.Errorf("looked for %s, want up to 10s", waited)
		}
		if !strings.Contains(err.Error(), "call again later") {
			t.Errorf("the error does not say what to do: %v", err)
		}
	})
}

func TestFindOrCreateRefusesOtherContent(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.stored()
	doc := payroll()
	doc.Details[0].DebitAmount, doc.Details[1].CreditAmount = amount("100.01"), amount("100.01")
	doc.Details[1].Account = "102.00"
	_, _, err := tn.client().Journals.FindOrCreate(t.Context(), doc)
	e, ok := errors.AsType[*vantagepoint.Error](err)
	if !ok || !errors.Is(err, vantagepoint.ErrConflict) || tn.count("POST", "DataEntry") != 0 {
		t.Fatalf("%v, sent %d", err, tn.count("POST", "DataEntry"))
	}
	want := []vantagepoint.Difference{
		{Where: "sum of the lines, debits", Sent: "100.01", Stored: "100"},
		{Where: "control total, debits", Sent: "100.01", Stored: "100"},
		{Where: "sum of the lines, credits", Sent: "100.01", Stored: "100.00"},
		{Where: "control total, credits", Sent: "100.01", Stored: "100"},
		{Where: "line 1 amount", Sent: "100.01", Stored: "100"},
		{Where: "line 2 account", Sent: "102.00", Stored: "101.00"},
		{Where: "line 2 amount", Sent: "-100.01", Stored: "-100.00"},
	}
	if diff := cmp.Diff(want, e.Differences); diff != "" {
		t.Errorf("differences (-want +got):\n%s", diff)
	}
}

func TestFindOrCreateReportsASecondCopy(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.stored()
	row := strings.TrimSpace(fixture(t, "je_control.json"))
	tn.reply("GET", "DataEntry/jeControl/je-7f3a9c", 200, strings.TrimSuffix(row, "]")+","+strings.TrimPrefix(row, "["))
	if _, _, err := tn.client().Journals.FindOrCreate(t.Context(), payroll()); !errors.Is(err, vantagepoint.ErrConflict) {
		t.Errorf("got %v", err)
	}
}

func TestFindOrCreateRequiresTotalsThatTie(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.stored()
	tn.reply("GET", "DataEntry/jeControl/je-7f3a9c", 200, strings.ReplaceAll(fixture(t, "je_control.json"), `"DiffDebitsTotal":0`, `"DiffDebitsTotal":"-56"`))
	_, _, err := tn.client().Journals.FindOrCreate(t.Context(), payroll())
	if !errors.Is(err, vantagepoint.ErrConflict) || !strings.Contains(err.Error(), "-56") {
		t.Errorf("got %v", err)
	}
}

func TestFindOrCreateSearchesThePostedLedger(t *testing.T) {
	const row = `{"Period":202401,"PostSeq":195,"WBS2":" ","WBS3":" ","TransType":"JE","RefNo":"2589","TransDate":"2024-01-31T00:00:00.000","AutoEntry":"N","SkipGL":"N",`
	posted := func(batch, salaries string) string {
		return `[` + row + batch + `"WBS1":"00000001.00","Account":"701.00","Amount":` + salaries + `},` +
			row + batch + `"WBS1":" ","Account":"101.00","Amount":"-100.00"},` +
			row + `"Batch":"OTHER","WBS1":" ","Account":"101.00","Amount":7}]`
	}
	for name, test := range map[string]struct {
		rows string
		want error
		post int
	}{
		"by batch":                           {posted(`"Batch":"JE-7F3A9C",`, `100`), nil, 0},
		"by reference, rows without a batch": {posted(``, `100`), nil, 0},
		"batch with other lines":             {posted(`"Batch":"je-7f3a9c",`, `99`), vantagepoint.ErrConflict, 0},
		"reference used by something else":   {posted(``, `99`), vantagepoint.ErrDenied, 1},
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTenant(t)
			tn.ready()
			tn.absent()
			tn.reply("GET", "PSALedger/JE", 200, test.rows)
			tn.reply("POST", "DataEntry/jeControl", 403, ``)
			doc, outcome, err := tn.client().Journals.FindOrCreate(t.Context(), payroll())
			if test.want == nil {
				if err != nil || outcome != vantagepoint.Found || !doc.Posted {
					t.Errorf("%s, %v, posted %t", outcome, err, doc.Posted)
				}
			} else if !errors.Is(err, test.want) {
				t.Errorf("got %v", err)
			}
			if n := tn.count("POST", "DataEntry"); n != test.post {
				t.Errorf("sent %d times, want %d", n, test.post)
			}
		})
	}
}

func TestClosedAndUnknownPeriodsAreRefusedBeforeTheWrite(t *testing.T) {
	for name, test := range map[string]struct {
		periods string
		want    error
	}{
		"closed":  {strings.ReplaceAll(period, `"ActiveCompanyClosed":"N"`, `"ActiveCompanyClosed":"Y"`), vantagepoint.ErrClosed},
		"unknown": {`[]`, vantagepoint.ErrInvalidInput},
	} {
		tn := newTenant(t)
		tn.ready()
		tn.absent()
		tn.reply("GET", "Settings/Period", 200, test.periods)
		if _, _, err := tn.client().Journals.FindOrCreate(t.Context(), payroll()); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		if n := tn.count("POST", "DataEntry"); n != 0 {
			t.Errorf("%s: sent %d times", name, n)
		}
	}
	tn := newTenant(t)
	tn.ready()
	tn.reply("POST", "DataEntry/jeControl", 201, fixture(t, "je_control.json"))
	client := tn.client(func(c *vantagepoint.Config) { c.AllowClosedPeriods = true })
	if _, err := client.Journals.Create(t.Context(), payroll()); err != nil || tn.count("GET", "Settings/Period") != 0 {
		t.Errorf("with AllowClosedPeriods the server decides: %v", err)
	}
}

func TestTheClientsCompanyIsMadeTheActiveOne(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.on("GET", "Settings/ActiveCompany", sequence(answer(200, company), answer(200, `[{"Company":"B0"}]`)))
	tn.reply("PUT", "Settings/ActiveCompany/B0", 200, `[{"Company":"B0"}]`)
	tn.reply("POST", "DataEntry/jeControl", 201, strings.ReplaceAll(fixture(t, "je_control.json"), `"A0"`, `"B0"`))
	client := tn.client(func(c *vantagepoint.Config) { c.Company = "B0" })
	if _, err := client.Journals.Create(t.Context(), payroll()); err != nil {
		t.Fatal(err)
	}
	if n := tn.count("PUT", "Settings/ActiveCompany/B0"); n != 1 {
		t.Errorf("the company was switched %d times", n)
	}
	if body := tn.requests("POST", "DataEntry")[0].body; !strings.Contains(body, `"Company":"B0"`) {
		t.Errorf("body %s", body)
	}
	doc := payroll()
	doc.Control.Company = "A0"
	if _, err := client.Journals.Create(t.Context(), doc); !errors.Is(err, vantagepoint.ErrInvalidInput) {
		t.Errorf("a document of another company was not refused: %v", err)
	}
}
