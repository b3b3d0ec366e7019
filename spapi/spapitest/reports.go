package spapitest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const settlementV2 = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

// horizon is how far back reports can be listed; no call brings an older one back.
const horizon = 90 * 24 * time.Hour

type wireReport struct {
	MarketplaceIDs      []string `json:"marketplaceIds,omitempty"`
	ReportID            string   `json:"reportId"`
	ReportType          string   `json:"reportType"`
	DataStartTime       *offset  `json:"dataStartTime,omitempty"`
	DataEndTime         *offset  `json:"dataEndTime,omitempty"`
	ReportScheduleID    string   `json:"reportScheduleId,omitempty"`
	CreatedTime         offset   `json:"createdTime"`
	ProcessingStatus    string   `json:"processingStatus"`
	ProcessingStartTime *offset  `json:"processingStartTime,omitempty"`
	ProcessingEndTime   *offset  `json:"processingEndTime,omitempty"`
	ReportDocumentID    string   `json:"reportDocumentId,omitempty"`
}

// requested is a report that createReport made.
type requested struct {
	account      int
	id, kind     string
	marketplaces []string
	start, end   time.Time
	created      time.Time
	cancelled    bool
}

// report is a listed report and what its document holds.
type report struct {
	wire    wireReport
	created time.Time
	write   func(io.Writer) error
}

// reportsOf returns every report that the caller can see now, newest first.
func (c *call) reportsOf() []report {
	var list []report
	s := c.seller()
	for _, st := range s.Settlements {
		for _, r := range st.Reports {
			if r.Created.After(c.now) || r.Created.Before(c.now.Add(-horizon)) {
				continue
			}
			began := r.Created.Add(time.Second)
			ended := r.Created.Add(20 * time.Second)
			list = append(list, report{
				wire: wireReport{
					MarketplaceIDs: r.Marketplaces, ReportID: r.ID, ReportType: settlementV2,
					DataStartTime: stamp(st.Start), DataEndTime: stamp(st.End), CreatedTime: offset(r.Created), ProcessingStatus: "DONE",
					ProcessingStartTime: stamp(began), ProcessingEndTime: stamp(ended), ReportDocumentID: r.DocumentID,
				},
				created: r.Created, write: st.WriteV2,
			})
		}
	}
	c.amazon.mu.Lock()
	for _, r := range c.amazon.requested {
		if r.account == c.account && !r.created.Before(c.now.Add(-horizon)) {
			list = append(list, c.amazon.progress(r, c.now))
		}
	}
	c.amazon.mu.Unlock()
	slices.SortStableFunc(list, func(x, y report) int { return y.created.Compare(x.created) })
	return list
}

func stamp(t time.Time) *offset { o := offset(t); return &o }

// progress says how far a requested report has come.
func (a *Amazon) progress(r *requested, now time.Time) report {
	w := wireReport{MarketplaceIDs: r.marketplaces, ReportID: r.id, ReportType: r.kind, CreatedTime: offset(r.created), ProcessingStatus: "IN_QUEUE"}
	if !r.start.IsZero() {
		w.DataStartTime = stamp(r.start)
	}
	if !r.end.IsZero() {
		w.DataEndTime = stamp(r.end)
	}
	began := r.created.Add(a.options.ReportTime / 2)
	ended := r.created.Add(a.options.ReportTime)
	text := "report\tmarketplace\n" + r.kind + "\t" + strings.Join(r.marketplaces, " ") + "\n"
	switch {
	case r.cancelled:
		w.ProcessingStatus = "CANCELLED"
	case now.Before(began):
	case now.Before(ended):
		w.ProcessingStatus, w.ProcessingStartTime = "IN_PROGRESS", stamp(began)
	default:
		w.ProcessingStatus, w.ProcessingStartTime, w.ProcessingEndTime = "DONE", stamp(began), stamp(ended)
		if end := a.options.ReportEnds[r.kind]; end != "" {
			w.ProcessingStatus = end
		}
		if w.ProcessingStatus == "FATAL" { // its document explains
			text = `{"errorDetails":"The report could not be made: no data for the date range."}` + "\n"
		}
		if w.ProcessingStatus != "CANCELLED" {
			w.ReportDocumentID = "amzn1.spdoc.1.4.na." + r.id
		}
	}
	return report{wire: w, created: r.created, write: func(out io.Writer) error { _, err := io.WriteString(out, text); return err }}
}

func getReports(c *call) (any, error) {
	var others []string
	for _, name := range []string{"createdUntil", "createdSince", "pageSize", "marketplaceIds", "processingStatuses", "reportTypes"} {
		if c.query.Has(name) {
			others = append(others, name)
		}
	}
	if c.query.Has("nextToken") && len(others) > 0 {
		return nil, invalid("NextToken cannot be specified with other input parameters", strings.Join(others, ";")+";")
	}
	if !c.query.Has("nextToken") && c.query.Get("reportTypes") == "" {
		return nil, invalid("One or more required parameters missing", "reportTypes;nextToken;")
	}
	size, err := c.count("pageSize", 10, 100)
	if err != nil {
		return nil, err
	}
	if given, ok := c.amazon.reportPageSize(c.query.Get("nextToken")); ok {
		size = given
	}
	items, next, err := c.paged("nextToken", size, func() (func(int, int) ([]any, bool), error) {
		list, err := c.selectReports()
		return of(list), err
	})
	if err != nil {
		return nil, err
	}
	return struct {
		Reports   []any  `json:"reports"`
		NextToken string `json:"nextToken,omitempty"`
	}{items, next}, nil
}

// reportPageSize finds the page size of the listing that a token continues: the call itself may not repeat it.
func (a *Amazon) reportPageSize(token string) (int, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	p, ok := a.pages[token]
	return p.size, ok
}

func (c *call) selectReports() ([]wireReport, error) {
	types, err := c.list("reportTypes", 10)
	if err != nil {
		return nil, err
	}
	statuses, err := c.list("processingStatuses", 5)
	if err != nil {
		return nil, err
	}
	for _, s := range statuses {
		if !slices.Contains([]string{"CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE"}, s) {
			return nil, invalid("Invalid value of processingStatuses.", s)
		}
	}
	markets, err := c.list("marketplaceIds", 10)
	if err != nil {
		return nil, err
	}
	since, err := c.instant("createdSince", c.now.Add(-horizon))
	if err != nil {
		return nil, err
	}
	until, err := c.instant("createdUntil", c.now)
	if err != nil {
		return nil, err
	}
	if since.Before(c.now.Add(-horizon)) {
		return nil, invalid("createdSince is more than 90 days ago.", "createdSince")
	}
	if until.Before(since) {
		return nil, invalid("createdUntil is before createdSince.", "createdUntil")
	}
	var list []wireReport
	for _, r := range c.reportsOf() {
		if slices.Contains(types, r.wire.ReportType) && anyOf(statuses, []string{r.wire.ProcessingStatus}) && anyOf(markets, r.wire.MarketplaceIDs) &&
			!r.created.Before(since) && !r.created.After(until) {
			list = append(list, r.wire)
		}
	}
	return list, nil
}

// refusedTypes are the settlement types with Amazon's internal numbers: they are made by schedule only.
var refusedTypes = map[string]string{
	"GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE": "1117", settlementV2: "1118",
	"GET_V2_SETTLEMENT_REPORT_DATA_XML": "GET_V2_SETTLEMENT_REPORT_DATA_XML", // its number is in no public report
}

type reportSpec struct {
	ReportOptions  map[string]string `json:"reportOptions"`
	ReportType     string            `json:"reportType"`
	DataStartTime  string            `json:"dataStartTime"`
	DataEndTime    string            `json:"dataEndTime"`
	MarketplaceIDs []string          `json:"marketplaceIds"`
}

func createReport(c *call) (any, error) {
	var spec reportSpec
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	if spec.ReportType == "" || len(spec.MarketplaceIDs) == 0 {
		missing := ""
		if len(spec.MarketplaceIDs) == 0 {
			missing += "marketplaceIds;"
		}
		if spec.ReportType == "" {
			missing += "reportType;"
		}
		return nil, invalid("One or more required parameters missing", missing)
	}
	if n, ok := refusedTypes[spec.ReportType]; ok {
		if c.hit(QuotaForForbidden) {
			return nil, &apiError{http.StatusTooManyRequests, "QuotaExceeded", "You exceeded your quota for the requested resource.", ""}
		}
		return nil, invalid("Request for report type "+n+" is not allowed at this time", "")
	}
	r := &requested{
		account: c.account, kind: spec.ReportType, marketplaces: spec.MarketplaceIDs, created: c.now,
		id: fmt.Sprintf("52%09d", c.amazon.nextSerial()),
	}
	for text, at := range map[string]*time.Time{spec.DataStartTime: &r.start, spec.DataEndTime: &r.end} {
		if text == "" {
			continue
		}
		t, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			return nil, invalid("Invalid date: not ISO 8601.", text)
		}
		*at = t
	}
	c.amazon.mu.Lock()
	c.amazon.requested = append(c.amazon.requested, r)
	c.amazon.mu.Unlock()
	return map[string]string{"reportId": r.id}, nil
}

func (c *call) findReport() (report, error) {
	for _, r := range c.reportsOf() {
		if r.wire.ReportID == c.vars["reportId"] {
			return r, nil
		}
	}
	return report{}, notFound("reportId " + c.vars["reportId"])
}

func getReport(c *call) (any, error) {
	r, err := c.findReport()
	if err != nil {
		return nil, err
	}
	return r.wire, nil
}

func cancelReport(c *call) (any, error) {
	r, err := c.findReport()
	if err != nil {
		return nil, err
	}
	if r.wire.ProcessingStatus != "IN_QUEUE" {
		return nil, invalid("The report is "+r.wire.ProcessingStatus+"; only a report that is IN_QUEUE can be cancelled.", "")
	}
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	for _, made := range c.amazon.requested {
		if made.account == c.account && made.id == r.wire.ReportID {
			made.cancelled = true
		}
	}
	return nil, nil
}

type wireSchedule struct {
	ReportScheduleID       string          `json:"reportScheduleId"`
	ReportType             string          `json:"reportType"`
	MarketplaceIDs         []string        `json:"marketplaceIds,omitempty"`
	ReportOptions          json.RawMessage `json:"reportOptions,omitempty"`
	Period                 string          `json:"period"`
	NextReportCreationTime string          `json:"nextReportCreationTime,omitempty"`
}

type schedule struct {
	account int
	wire    wireSchedule
}

var periods = strings.Fields("PT5M PT15M PT30M PT1H PT2H PT4H PT8H PT12H P1D P2D P3D PT84H P7D P14D P15D P18D P30D P1M")

func createReportSchedule(c *call) (any, error) {
	var spec struct {
		ReportType             string          `json:"reportType"`
		MarketplaceIDs         []string        `json:"marketplaceIds"`
		ReportOptions          json.RawMessage `json:"reportOptions"`
		Period                 string          `json:"period"`
		NextReportCreationTime string          `json:"nextReportCreationTime"`
	}
	if err := c.decode(&spec); err != nil {
		return nil, err
	}
	switch {
	case spec.ReportType == "" || len(spec.MarketplaceIDs) == 0 || spec.Period == "":
		return nil, invalid("One or more required parameters missing", "marketplaceIds;period;reportType;")
	case !slices.Contains(periods, spec.Period):
		return nil, invalid("Invalid value of period.", spec.Period)
	case refusedTypes[spec.ReportType] != "":
		return nil, invalid("Request for report type "+refusedTypes[spec.ReportType]+" is not allowed at this time", "")
	}
	made := &schedule{c.account, wireSchedule{
		fmt.Sprintf("60%09d", c.amazon.nextSerial()), spec.ReportType, spec.MarketplaceIDs,
		spec.ReportOptions, spec.Period, spec.NextReportCreationTime,
	}}
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	c.amazon.schedules = slices.DeleteFunc(c.amazon.schedules, func(s *schedule) bool { // the new one replaces its like
		return s.account == c.account && s.wire.ReportType == spec.ReportType && slices.Equal(s.wire.MarketplaceIDs, spec.MarketplaceIDs)
	})
	c.amazon.schedules = append(c.amazon.schedules, made)
	return map[string]string{"reportScheduleId": made.wire.ReportScheduleID}, nil
}

func getReportSchedules(c *call) (any, error) {
	types, err := c.list("reportTypes", 10)
	if err != nil {
		return nil, err
	}
	if len(types) == 0 {
		return nil, invalid("One or more required parameters missing", "reportTypes;")
	}
	list := []wireSchedule{}
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	for _, s := range c.amazon.schedules {
		if s.account == c.account && slices.Contains(types, s.wire.ReportType) {
			list = append(list, s.wire)
		}
	}
	return map[string]any{"reportSchedules": list}, nil
}

func getReportSchedule(c *call) (any, error) {
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	for _, s := range c.amazon.schedules {
		if s.account == c.account && s.wire.ReportScheduleID == c.vars["reportScheduleId"] {
			return s.wire, nil
		}
	}
	return nil, notFound("reportScheduleId " + c.vars["reportScheduleId"])
}

func cancelReportSchedule(c *call) (any, error) {
	if _, err := getReportSchedule(c); err != nil {
		return nil, err
	}
	c.amazon.mu.Lock()
	defer c.amazon.mu.Unlock()
	c.amazon.schedules = slices.DeleteFunc(c.amazon.schedules, func(s *schedule) bool {
		return s.account == c.account && s.wire.ReportScheduleID == c.vars["reportScheduleId"]
	})
	return nil, nil
}
