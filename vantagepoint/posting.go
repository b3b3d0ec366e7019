package vantagepoint

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Posting writes batches into the general ledger. It is never implied by creating, and there is no call to undo it: a
// posted document is corrected by another.
type Posting struct{ client *Client }

// PostRequest names one batch to post.
type PostRequest struct {
	TransType   string // JE, IN, CR, CD, AP …
	Batch       string
	Company     string // empty: the active company, which must be the one that created the batch
	Description string
	Period      Period
}

// PostState is what became of a batch.
type PostState string

// The states.
const (
	Posted     PostState = "posted"
	PostFailed PostState = "failed"
	// PostUnknown: the answer does not say, or contradicts itself.
	PostUnknown PostState = "unknown"
)

// PostResult is what Vantagepoint says of one batch, and what the ledger shows.
type PostResult struct {
	TransType string
	Batch     string
	State     PostState
	Period    Period // that it was posted into
	PostSeq   int    // number of the posting run in that period
	Text      string // the server's words
	// Verified says that the rows were seen in the posted ledger. A posted batch is not verified only where the ledger
	// cannot be read.
	Verified bool
	Rows     []LedgerRow // of the batch, as the posted ledger shows them
}

// Post posts batches and proves it: a batch is Posted only if the answer names it with the return code 1 and says
// "n of n records posted", and if the posted ledger then shows its rows. Anything else is an *Error of class
// ClassConflict, or ErrUnanswered, beside the results. The request is sent once.
//
// The batches must balance, be approved where that is required, and belong to the active company; with Config.Company
// that is made the active one.
//
// Vantagepoint: PUT DataEntry/PostTransFile. The answer is a JSON string that holds almost-JSON: in Deltek's own sample
// a comma is missing. It is HTTP 200 for failures too.
func (p *Posting) Post(ctx context.Context, requests ...PostRequest) ([]PostResult, error) {
	const op = "posting.post"
	c := p.client
	var check checker
	for i, r := range requests {
		check.key("PostTransFile", i+1, "batch", r.Batch)
		check.key("PostTransFile", i+1, "transtype", r.TransType)
		if !r.Period.valid() {
			check.add("PostTransFile", i+1, "period", "%d is not a fiscal period YYYYPP", r.Period)
		}
		for _, other := range requests[:i] {
			if sameKey(other.Batch, r.Batch) {
				check.add("PostTransFile", i+1, "batch", "%s occurs twice", quote(r.Batch))
			}
		}
	}
	if len(requests) == 0 {
		check.add("PostTransFile", 0, "", "there must be a batch")
	}
	if len(check.faults) > 0 {
		return nil, &Error{Op: op, Class: ClassValidation, Messages: []string{"nothing was sent"}, Fields: check.faults}
	}
	company, err := c.enterCompany(ctx)
	if err != nil {
		return nil, err
	}
	answer, err := c.send(ctx, rest.Call{Op: op, Method: http.MethodPut, Path: []string{"DataEntry", "PostTransFile"}, Body: postBody(requests, company)})
	if err != nil {
		if errors.Is(err, ErrUnanswered) {
			return p.resolve(ctx, requests, err)
		}
		return nil, err
	}
	said, err := parsePostAnswer(answer.Body)
	if err != nil {
		return p.resolve(ctx, requests, c.unreadable(op, http.MethodPut, answer, err))
	}
	results := make([]PostResult, len(requests))
	for i, r := range requests {
		results[i] = said.of(r)
	}
	return results, p.verify(ctx, op, results)
}

// postBody is one object of parameters, or for several batches an array of them.
func postBody(requests []PostRequest, company string) any {
	type parms struct {
		Batch       string `json:"batch"`
		Company     string `json:"clientcompany"`
		Description string `json:"description"`
		Period      string `json:"period"` // text here, a number everywhere else
		TransType   string `json:"transtype"`
	}
	type body struct {
		Parms parms `json:"parms"`
	}
	bodies := make([]body, len(requests))
	for i, r := range requests {
		setDefault(&r.Company, company)
		bodies[i].Parms = parms{r.Batch, r.Company, r.Description, r.Period.String(), strings.ToUpper(r.TransType)}
	}
	if len(bodies) == 1 {
		return bodies[0]
	}
	return bodies
}

// verify looks for the rows of what the server calls posted.
func (p *Posting) verify(ctx context.Context, op string, results []PostResult) error {
	var failures []string
	var faults []FieldError
	for i := range results {
		r := &results[i]
		if r.State == Posted {
			rows, err := p.rows(ctx, *r)
			shown := len(rows) > 0
			switch {
			case err != nil && !cannotTell(err):
				return &Error{Op: op, Class: ClassTransport, Unanswered: true, err: err, Messages: []string{"the server says that it posted, but the ledger could not be read"}}
			case err == nil && !shown:
				r.State = PostUnknown
				failures = append(failures, fmt.Sprintf("batch %s: the server says that it posted, but the ledger has no rows of it", r.Batch))
				continue
			}
			r.Verified, r.Rows = shown, rows
			continue
		}
		failures = append(failures, fmt.Sprintf("batch %s: %s", r.Batch, r.State))
		faults = append(faults, FieldError{Table: "PostTransFile", Row: i + 1, Field: r.Batch, Reason: r.Text})
	}
	if len(failures) == 0 {
		return nil
	}
	return &Error{
		Op: op, Class: ClassConflict, Messages: failures, Fields: faults,
		Hint: "a batch posts only if it balances, is approved, belongs to the active company, and the role may post its type",
	}
}

// rows are what the ledger holds of a posting run, or of the batch where rows name theirs.
func (p *Posting) rows(ctx context.Context, r PostResult) ([]LedgerRow, error) {
	var rows []LedgerRow
	q := Query{Filter: Filter{{Name: "Period", Value: r.Period.String(), Type: "int"}}}
	for row, err := range p.client.Ledger.Rows(ctx, r.TransType, q) {
		if err != nil {
			return nil, err
		}
		if row.Batch != "" && sameKey(row.Batch, r.Batch) || row.Batch == "" && r.PostSeq != 0 && row.PostSeq == r.PostSeq {
			rows = append(rows, row)
		}
	}
	return rows, nil
}

// resolve asks the ledger what became of a posting without an answer. Only rows that name their batch prove anything.
func (p *Posting) resolve(ctx context.Context, requests []PostRequest, cause error) ([]PostResult, error) {
	results := make([]PostResult, len(requests))
	all := true
	for i, r := range requests {
		results[i] = PostResult{TransType: r.TransType, Batch: r.Batch, State: PostUnknown, Period: r.Period}
		if rows, err := p.rows(ctx, results[i]); err == nil && len(rows) > 0 {
			results[i].State, results[i].Verified, results[i].Rows = Posted, true, rows
			continue
		}
		all = false
	}
	if all {
		return results, nil
	}
	return results, cause
}

// Post posts a batch of this kind after checking that its totals tie. A batch that is posted already is left alone.
// See [Posting.Post] for what counts as posted and for the call.
func (t *Transactions[C, M, D]) Post(ctx context.Context, batch string) (PostResult, error) {
	op := t.op("post")
	doc, err := t.Read(ctx, batch)
	if err != nil {
		return PostResult{}, err
	}
	v := t.kind.view(&doc)
	request := PostRequest{TransType: t.kind.transType(), Batch: *v.batch, Company: *v.company, Description: *v.description, Period: *v.period}
	if request.Period == 0 { // without files there may be no control row
		active, err := t.client.Settings.ActivePeriod(ctx)
		if err != nil {
			return PostResult{}, err
		}
		request.Period = active.Period
	}
	for _, total := range v.totals {
		if !total.diff.IsZero() {
			return PostResult{}, conflict(op, "the batch does not tie and was not posted", []Difference{
				{"difference between control total and sum, " + total.name, "0", total.diff.String()},
			})
		}
	}
	if *v.posted {
		return PostResult{TransType: request.TransType, Batch: request.Batch, State: Posted, Period: request.Period, Text: "was posted before"}, nil
	}
	results, err := t.client.Posting.Post(ctx, request)
	if len(results) == 1 {
		return results[0], err
	}
	return PostResult{}, err
}

// postAnswer is what PostTransFile says, by batch.
type postAnswer struct {
	types, batches, returns, periods, sequences []string
	messages                                    []string
}

var (
	postPair    = regexp.MustCompile(`"(\w+)"\s*:\s*("(?:[^"\\]|\\.)*"|-?[\d.]+|null)`)
	postCounted = regexp.MustCompile(`(?i)(\d+) of (\d+) records? posted`)
	postSeq     = regexp.MustCompile(`(?i)posting sequence (\d+)`)
)

// parsePostAnswer reads the answer of PostTransFile: a JSON string around a text that is JSON or nearly so, or that
// text itself.
func parsePostAnswer(body []byte) (postAnswer, error) {
	text := string(body)
	var inner string
	if json.Unmarshal(body, &inner) == nil {
		text = inner
	}
	fields := map[string]string{}
	for _, pair := range postPair.FindAllStringSubmatch(text, -1) {
		value, err := scalar([]byte(pair[2]))
		if err != nil { // a control character inside, which strict JSON forbids
			value = strings.Trim(pair[2], `"`)
		}
		if _, twice := fields[pair[1]]; twice {
			return postAnswer{}, fmt.Errorf("the answer of the posting names %s twice", pair[1])
		}
		fields[pair[1]] = value
	}
	split := func(name string) []string { return strings.Split(fields[name], "|") }
	a := postAnswer{
		types: split("typeList"), batches: split("batchList"), returns: split("retList"),
		periods: split("periodList"), sequences: split("postseqList"),
	}
	for line := range strings.SplitSeq(breaks.ReplaceAllString(fields["msg"], "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			a.messages = append(a.messages, line)
		}
	}
	if fields["batchList"] == "" || len(a.returns) != len(a.batches) {
		return a, fmt.Errorf("the answer of the posting cannot be read: %s", quote(text))
	}
	return a, nil
}

// of finds a batch in the answer.
func (a postAnswer) of(r PostRequest) PostResult {
	result := PostResult{TransType: strings.ToUpper(r.TransType), Batch: r.Batch, State: PostUnknown, Period: r.Period, Text: strings.Join(a.messages, "\n")}
	at := func(list []string, i int) string {
		if len(list) != len(a.batches) {
			return ""
		}
		return strings.TrimSpace(list[i])
	}
	for i, batch := range a.batches {
		kind := at(a.types, i)
		if !sameKey(batch, r.Batch) || kind != "" && !strings.EqualFold(kind, r.TransType) {
			continue
		}
		result.PostSeq, _ = strconv.Atoi(at(a.sequences, i)) // 0: not told
		if period, err := strconv.Atoi(at(a.periods, i)); err == nil && Period(period).valid() {
			result.Period = Period(period)
		}
		result.Text = a.message(i, result.PostSeq)
		counted := postCounted.FindStringSubmatch(result.Text)
		switch {
		case at(a.returns, i) != "1":
			result.State = PostFailed
		case counted != nil && counted[1] == counted[2] && strings.Trim(counted[1], "0") != "":
			result.State = Posted
		case counted != nil:
			result.State = PostFailed // some of the records only, or none
		}
		return result
	}
	return result
}

// message finds the words about the batch at index i: those that name its posting sequence, else those at its place.
func (a postAnswer) message(i, sequence int) string {
	if sequence != 0 {
		for _, line := range a.messages {
			if m := postSeq.FindStringSubmatch(line); m != nil && m[1] == strconv.Itoa(sequence) {
				return line
			}
		}
	}
	if len(a.messages) == len(a.batches) {
		return a.messages[i]
	}
	return strings.Join(a.messages, "\n")
}
