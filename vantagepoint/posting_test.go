package vantagepoint_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// postSample is Deltek's own answer: a JSON string whose content lacks a comma after typeList.
const postSample = `"{\r\n    \"typeList\": \"CR|JE\"\r\n    \"batchList\": \"b1|b2\",\r\n    \"retList\": \"1|1\",\r\n    \"periodList\": \"202401|202401\",\r\n    \"postseqList\": \"194|195\",\r\n    \"msg\": \"Cash Receipts file X; 1 of 1 records posted; Posting sequence 194[CRLF]Journal Entries file Y; 2 of 2 records posted; Posting sequence 195\"\r\n}"`

func TestPostingAnswersAreUnderstood(t *testing.T) {
	failed, posted, unknown := vantagepoint.PostFailed, vantagepoint.Posted, vantagepoint.PostUnknown
	for name, test := range map[string]struct {
		answer string
		want   []vantagepoint.PostState // of b1 and b2
	}{
		"the sample":            {postSample, []vantagepoint.PostState{posted, posted}},
		"with the comma":        {strings.Replace(postSample, `\"CR|JE\"`, `\"CR|JE\",`, 1), []vantagepoint.PostState{posted, posted}},
		"a bare object":         {`{"typeList":"CR|JE","batchList":"b1|b2","retList":"1|1","periodList":"202401|202401","postseqList":"194|195","msg":"x; 1 of 1 records posted; Posting sequence 194\r\ny; 2 of 2 records posted; Posting sequence 195"}`, []vantagepoint.PostState{posted, posted}},
		"words in other order":  {strings.NewReplacer("sequence 194", "sequence 195", "sequence 195", "sequence 194").Replace(postSample), []vantagepoint.PostState{posted, posted}},
		"one return code is 0":  {strings.Replace(postSample, "1|1", "1|0", 1), []vantagepoint.PostState{posted, failed}},
		"some records only":     {strings.Replace(postSample, "2 of 2", "1 of 2", 1), []vantagepoint.PostState{posted, failed}},
		"no records":            {strings.Replace(postSample, "2 of 2", "0 of 0", 1), []vantagepoint.PostState{posted, failed}},
		"one batch is missing":  {strings.NewReplacer("b1|b2", "b1", "1|1", "1", "CR|JE", "CR", "202401|202401", "202401", "194|195", "194").Replace(postSample), []vantagepoint.PostState{posted, unknown}},
		"of another type":       {strings.Replace(postSample, "CR|JE", "CR|IN", 1), []vantagepoint.PostState{posted, unknown}},
		"no count in the words": {strings.Replace(postSample, "2 of 2 records posted", "done", 1), []vantagepoint.PostState{posted, unknown}},
		"lists of unequal size": {strings.Replace(postSample, "1|1", "1", 1), nil},
		"nothing at all":        {`""`, nil},
		"a web page":            {`<html><body>Sign in</body></html>`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			tn := newTenant(t)
			tn.ready()
			tn.reply("PUT", "DataEntry/PostTransFile", 200, test.answer)
			shown := `[{"Period":202401,"PostSeq":194},{"Period":202401,"PostSeq":195}]`
			tn.reply("GET", "PSALedger/JE", 200, shown)
			tn.reply("GET", "PSALedger/CR", 200, shown)
			results, err := tn.client().Posting.Post(t.Context(),
				vantagepoint.PostRequest{TransType: "CR", Batch: "b1", Period: 202401, Description: "X"},
				vantagepoint.PostRequest{TransType: "JE", Batch: "b2", Period: 202401, Description: "Y"})
			if n := tn.count("PUT", "DataEntry"); n != 1 {
				t.Errorf("posted %d times", n)
			}
			if test.want == nil {
				if !errors.Is(err, vantagepoint.ErrUnanswered) {
					t.Errorf("want ErrUnanswered, got %v", err)
				}
				return
			}
			var got []vantagepoint.PostState
			for _, r := range results {
				got = append(got, r.State)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("states (-want +got):\n%s", diff)
			}
			if allPosted := !cmp.Equal(test.want, []vantagepoint.PostState{posted, posted}); allPosted != errors.Is(err, vantagepoint.ErrConflict) {
				t.Errorf("error %v", err)
			}
			if r := results[0]; r.PostSeq != 194 || r.Period != 202401 || !r.Verified {
				t.Errorf("first result %+v", r)
			}
		})
	}
}

func TestPostingSendsTheDocumentedBody(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.reply("PUT", "DataEntry/PostTransFile", 200, strings.NewReplacer("b1|b2", "b2", "1|1", "1", "CR|JE", "JE", "202401|202401", "202401", "194|195", "195").Replace(postSample))
	tn.reply("GET", "PSALedger/JE", 200, `[{"Period":202401,"PostSeq":195}]`)
	if _, err := tn.client().Posting.Post(t.Context(), vantagepoint.PostRequest{TransType: "je", Batch: "b2", Period: 202401, Description: "Payroll 2024-01"}); err != nil {
		t.Fatal(err)
	}
	want := decode(t, `{"parms":{"batch":"b2","clientcompany":"A0","description":"Payroll 2024-01","period":"202401","transtype":"JE"}}`)
	if diff := cmp.Diff(want, decode(t, tn.requests("PUT", "DataEntry")[0].body)); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

func TestPostedMeansSeenInTheLedger(t *testing.T) {
	one := strings.NewReplacer("b1|b2", "b2", "1|1", "1", "CR|JE", "JE", "202401|202401", "202401", "194|195", "195").Replace(postSample)
	request := vantagepoint.PostRequest{TransType: "JE", Batch: "b2", Period: 202401}

	tn := newTenant(t)
	tn.ready() // the ledger is empty
	tn.reply("PUT", "DataEntry/PostTransFile", 200, one)
	results, err := tn.client().Posting.Post(t.Context(), request)
	if !errors.Is(err, vantagepoint.ErrConflict) || results[0].State != vantagepoint.PostUnknown {
		t.Errorf("nothing in the ledger: %+v, %v", results, err)
	}

	tn = newTenant(t)
	tn.ready()
	tn.reply("GET", "PSALedger/JE", 403, ``)
	tn.reply("PUT", "DataEntry/PostTransFile", 200, one)
	if results, err = tn.client().Posting.Post(t.Context(), request); err != nil || results[0].State != vantagepoint.Posted || results[0].Verified {
		t.Errorf("a ledger that may not be read: %+v, %v", results, err)
	}
}

func TestALostPostingAnswerIsResolvedInTheLedger(t *testing.T) {
	const operation = "PUT DataEntry/PostTransFile"
	for fault, want := range map[vantagepointtest.Fault]vantagepoint.PostState{
		vantagepointtest.FaultLostAnswer: vantagepoint.Posted, vantagepointtest.FaultCutBefore: vantagepoint.PostUnknown,
	} {
		tenant, client := fake(t, vantagepointtest.Options{Faults: vantagepointtest.Faults{Steps: []vantagepointtest.Step{{Operation: operation, Fault: fault}}}})
		if _, _, err := client.Journals.FindOrCreate(t.Context(), sale("JE-a")); err != nil {
			t.Fatal(err)
		}
		result, err := client.Journals.Post(t.Context(), "JE-a")
		if result.State != want || (want == vantagepoint.Posted) != (err == nil) || tenant.Calls()[operation] != 1 {
			t.Errorf("%s: %+v, %v, sent %d times", fault, result, err, tenant.Calls()[operation])
		}
		if err != nil && !errors.Is(err, vantagepoint.ErrUnanswered) {
			t.Errorf("%s: %v", fault, err)
		}
	}
}

func TestPostingIsCheckedBeforeItIsSent(t *testing.T) {
	client := newTenant(t).client()
	for name, requests := range map[string][]vantagepoint.PostRequest{
		"nothing":   nil,
		"no batch":  {{TransType: "JE", Period: 202401}},
		"no type":   {{Batch: "b", Period: 202401}},
		"no period": {{TransType: "JE", Batch: "b"}},
		"twice":     {{TransType: "JE", Batch: "b", Period: 202401}, {TransType: "JE", Batch: "B", Period: 202401}},
	} {
		if _, err := client.Posting.Post(t.Context(), requests...); !errors.Is(err, vantagepoint.ErrInvalidInput) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzPostingAnswer(f *testing.F) {
	f.Add(postSample)
	f.Add(`"{}"`)
	f.Add(`{"batchList":"b1|b2","retList":"1|1","msg":"\\"}`)
	f.Fuzz(func(t *testing.T, body string) {
		tn := newTenant(t)
		tn.ready()
		tn.reply("PUT", "DataEntry/PostTransFile", 200, body)
		results, err := tn.client().Posting.Post(t.Context(), vantagepoint.PostRequest{TransType: "JE", Batch: "b2", Period: 202401})
		// The ledger is empty, so whatever the answer says, nothing is posted.
		if err == nil || len(results) != 1 || results[0].State == vantagepoint.Posted {
			t.Errorf("%q: %+v, %v", body, results, err)
		}
	})
}
