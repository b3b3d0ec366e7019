package vantagepoint_test

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// TestObservedTextsAreClassified has one case for every text in section 4.2 of the contract reference.
func TestObservedTextsAreClassified(t *testing.T) {
	type fault struct{ table, field string }
	for text, want := range map[string]struct {
		class    vantagepoint.Class
		sentinel error
		fault    fault
	}{
		"Record je-7f3a9c already exists and cannot be added":                     {vantagepoint.ClassDuplicate, vantagepoint.ErrDuplicate, fault{}},
		"Firm Number already exists: 0001<BR/>Vendor Number already exists: 0001": {vantagepoint.ClassDuplicate, vantagepoint.ErrDuplicate, fault{}},
		"Tax Code NYTAX already exists":                                           {vantagepoint.ClassDuplicate, vantagepoint.ErrDuplicate, fault{}},
		"Record not found":                                                        {vantagepoint.ClassNotFound, vantagepoint.ErrNotFound, fault{}},
		"The requested records could not be found.":                               {vantagepoint.ClassNotFound, vantagepoint.ErrNotFound, fault{}},
		"Field CustRegion does not exist":                                         {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{"", "CustRegion"}},
		"Column:WBS2 does not exist":                                              {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{"", "WBS2"}},
		"Please provide a File Name for table jeControl":                          {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{"jeControl", "File Name"}},
		"Please provide an Account for table jeDetail":                            {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{"jeDetail", "Account"}},
		"Organization is required":                                                {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{"", "Organization"}},
		"Cannot insert NULL into Org column":                                      {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{"", "Org"}},
		`"12" is invalid. The correct format is 000.00`:                           {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{}},
		"Country Code ZZ does not exist":                                          {vantagepoint.ClassValidation, vantagepoint.ErrInvalidInput, fault{"", "Country Code"}},
		"String or binary data would be truncated in table 'acme.dbo.jeDetail', column 'Description'. Truncated value: 'Amazon settl'.": {vantagepoint.ClassTruncated, vantagepoint.ErrInvalidInput, fault{"jeDetail", "Description"}},
		"String or binary data would be truncated.":                                {vantagepoint.ClassTruncated, vantagepoint.ErrInvalidInput, fault{}},
		"Object reference not set to an instance of an object.":                    {vantagepoint.ClassServer, vantagepoint.ErrUnavailable, fault{}},
		"Your login has been disabled.  Please contact your system administrator.": {vantagepoint.ClassCredentials, vantagepoint.ErrCredentials, fault{}},
	} {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		for form, body := range map[string]string{
			"object": `{"message":` + string(quoted) + `,"detail":""}`, "string": string(quoted), "plain": text,
			"page": "<html><head><style>p{}</style></head><body><p>" + strings.ReplaceAll(text, `"`, "&quot;") + "</p></body></html>",
		} {
			tn := newTenant(t)
			tn.reply("PUT", "firm/1", 400, body)
			err := tn.client().Do(t.Context(), vantagepoint.Request{Method: "PUT", Path: []string{"firm", "1"}, Body: map[string]string{}}, nil)
			e, ok := errors.AsType[*vantagepoint.Error](err)
			if !ok || e.Class != want.class || !errors.Is(err, want.sentinel) {
				t.Errorf("%s as %s: %v", text, form, err)
				continue
			}
			var got fault
			if len(e.Fields) > 0 {
				got = fault{e.Fields[0].Table, e.Fields[0].Field}
			}
			if got != want.fault {
				t.Errorf("%s as %s: at fault %+v, want %+v", text, form, got, want.fault)
			}
		}
	}
}

func TestStatusesAreClassified(t *testing.T) {
	for status, want := range map[int]error{
		400: vantagepoint.ErrInvalidInput, 403: vantagepoint.ErrDenied, 404: vantagepoint.ErrNotFound, 429: vantagepoint.ErrThrottled,
		302: vantagepoint.ErrUnavailable, 500: vantagepoint.ErrUnavailable, 503: vantagepoint.ErrUnavailable,
	} {
		tn := newTenant(t)
		tn.reply("GET", "firm", status, ``)
		client := tn.client(func(c *vantagepoint.Config) { c.Retry.Throttled = 1 })
		err := client.Do(t.Context(), vantagepoint.Request{Path: []string{"firm"}}, nil)
		for _, sentinel := range []error{
			vantagepoint.ErrInvalidInput, vantagepoint.ErrDenied, vantagepoint.ErrNotFound, vantagepoint.ErrThrottled, vantagepoint.ErrUnavailable,
			vantagepoint.ErrCredentials, vantagepoint.ErrUnanswered,
		} {
			if errors.Is(err, sentinel) != (sentinel == want) {
				t.Errorf("%d is %q: %t; %v", status, sentinel, errors.Is(err, sentinel), err)
			}
		}
		// A 500 may be a data fault, which no repetition cures.
		repeated := map[int]int{429: 2, 503: 2}
		if n := tn.count("GET", "firm"); n != max(repeated[status], 1) {
			t.Errorf("%d: sent %d times", status, n)
		}
	}
}

func TestMessagesAreSplitAndNotRepeated(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "firm", 400, `{"message":"Organization is required. Account 9 is unknown.<BR/>Organization is required<br>Please   wait. ","detail":"Organization is required"}`)
	err := tn.client().Do(t.Context(), vantagepoint.Request{Path: []string{"firm"}}, nil)
	e, _ := errors.AsType[*vantagepoint.Error](err)
	if e == nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"Organization is required", "Account 9 is unknown", "Please wait"}, e.Messages); diff != "" {
		t.Errorf("messages (-want +got):\n%s", diff)
	}
}

func TestOwnPatternsComeFirst(t *testing.T) {
	tn := newTenant(t)
	tn.reply("GET", "firm", 400, `{"message":"Datensatz X ist bereits vorhanden"}`)
	client := tn.client(func(c *vantagepoint.Config) {
		c.Patterns = []vantagepoint.Pattern{{Text: `ist bereits vorhanden`, Class: vantagepoint.ClassDuplicate}}
	})
	if err := client.Do(t.Context(), vantagepoint.Request{Path: []string{"firm"}}, nil); !errors.Is(err, vantagepoint.ErrDuplicate) {
		t.Errorf("got %v", err)
	}
}

func TestErrorSaysWhatWhereAndWhatNext(t *testing.T) {
	tn := newTenant(t)
	tn.ready()
	tn.reply("POST", "DataEntry/jeControl", 400, `{"message":"Field CustX does not exist"}`)
	_, err := tn.client().Journals.Create(t.Context(), payroll())
	for _, part := range []string{"journals.create", "400", "Field CustX does not exist", "leave it out"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is missing: %v", part, err)
		}
	}
}

func TestADroppedConnectionOnAReadIsTriedAgain(t *testing.T) {
	tn := newTenant(t)
	tn.on("GET", "Settings/ActivePeriod", sequence(fail(io.ErrUnexpectedEOF), answer(200, period)))
	if _, err := tn.client().Settings.ActivePeriod(t.Context()); err != nil {
		t.Error(err)
	}
}
