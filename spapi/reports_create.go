package spapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// ReportRequest asks Amazon to make a report.
type ReportRequest struct {
	Type           ReportType        `json:"reportType"`              // required; not a settlement type
	MarketplaceIDs []string          `json:"marketplaceIds"`          // required
	DataStart      time.Time         `json:"dataStartTime,omitzero"`  // zero: now
	DataEnd        time.Time         `json:"dataEndTime,omitzero"`    // zero: now
	Options        map[string]string `json:"reportOptions,omitempty"` // depend on the type
}

// Create asks Amazon to make a report and returns its id; [Reports.Await] waits for it. It is repeated only after 429,
// because every call that runs makes one more report.
//
// Settlement reports cannot be created: Amazon answers 400 ("not allowed at this time"). Use [Reports.List].
//
// SP-API: createReport, POST /reports/2021-06-30/reports, 0.0167 a second (one a minute), burst 15.
func (s *Reports) Create(ctx context.Context, r ReportRequest) (reportID string, err error) {
	const op = "reports.createReport"
	if r.Type == "" || len(r.MarketplaceIDs) == 0 {
		return "", invalid(op, "ReportRequest.Type and MarketplaceIDs are required")
	}
	answer, err := send[struct {
		ID string `json:"reportId"`
	}](ctx, s.client, op, http.MethodPost, r, "reports", "2021-06-30", "reports")
	return answer.ID, err
}

// Cancel cancels a report that is still in the queue; in any other state Amazon refuses.
//
// SP-API: cancelReport, DELETE /reports/2021-06-30/reports/{reportId}, 0.0222 a second, burst 10.
func (s *Reports) Cancel(ctx context.Context, reportID string) error {
	_, err := send[rest.Empty](ctx, s.client, "reports.cancelReport", http.MethodDelete, nil, "reports", "2021-06-30", "reports", reportID)
	return err
}

// ReportError says that a report ended without data.
type ReportError struct {
	// Report is the report as it ended. With ReportFatal its DocumentID, if there is one, holds Amazon's explanation.
	Report Report
}

// Error names the report, how it ended, and the document that says why.
func (e *ReportError) Error() string {
	text := fmt.Sprintf("spapi: report %s (%s) ended %s", e.Report.ID, e.Report.Type, e.Report.Status)
	switch {
	case e.Report.DocumentID != "":
		return text + ": document " + e.Report.DocumentID + " says why"
	case e.Report.Status == ReportCancelled:
		return text + ": it was cancelled, or there is no data for it"
	}
	return text
}

// What became of a report, for [errors.Is].
var (
	ErrReportCancelled = errors.New("report cancelled, or without data")
	ErrReportFatal     = errors.New("report failed")
)

// Is tells the two ends apart.
func (e *ReportError) Is(target error) bool {
	return target == ErrReportCancelled && e.Report.Status == ReportCancelled || target == ErrReportFatal && e.Report.Status == ReportFatal
}

// Await asks for the state of a report until it is done, and returns it with its DocumentID. A report that is cancelled or
// fails is a *[ReportError]. Between two questions it waits 5 seconds at first and then longer, up to a minute; how long
// altogether is the context's business.
//
// It makes the calls of [Reports.Report].
func (s *Reports) Await(ctx context.Context, reportID string) (Report, error) {
	for wait := 5 * time.Second; ; wait = min(wait*3/2, time.Minute) {
		report, err := s.Report(ctx, reportID)
		if err != nil {
			return report, err
		}
		switch report.Status {
		case ReportDone:
			return report, nil
		case ReportCancelled, ReportFatal:
			return report, &ReportError{report}
		case ReportInQueue, ReportInProgress: // and words that Amazon adds
		}
		if err := pause(ctx, wait); err != nil {
			return report, &Error{Op: "reports.getReport", Message: fmt.Sprintf("report %s is still %s", reportID, report.Status), err: err}
		}
	}
}

// ReportPeriod is how often a schedule makes a report, as an ISO 8601 duration.
type ReportPeriod string

// The periods that Amazon offers.
const (
	Every5Minutes  ReportPeriod = "PT5M"
	Every15Minutes ReportPeriod = "PT15M"
	Every30Minutes ReportPeriod = "PT30M"
	EveryHour      ReportPeriod = "PT1H"
	Every2Hours    ReportPeriod = "PT2H"
	Every4Hours    ReportPeriod = "PT4H"
	Every8Hours    ReportPeriod = "PT8H"
	Every12Hours   ReportPeriod = "PT12H"
	EveryDay       ReportPeriod = "P1D"
	Every2Days     ReportPeriod = "P2D"
	Every3Days     ReportPeriod = "P3D"
	Every84Hours   ReportPeriod = "PT84H"
	Every7Days     ReportPeriod = "P7D"
	Every14Days    ReportPeriod = "P14D"
	Every15Days    ReportPeriod = "P15D"
	Every18Days    ReportPeriod = "P18D"
	Every30Days    ReportPeriod = "P30D"
	EveryMonth     ReportPeriod = "P1M"
)

// ReportSchedule makes reports of one type again and again.
type ReportSchedule struct {
	ID             string            `json:"reportScheduleId"`
	Type           ReportType        `json:"reportType"`
	Period         ReportPeriod      `json:"period"`
	MarketplaceIDs []string          `json:"marketplaceIds,omitzero"`
	Options        map[string]string `json:"reportOptions,omitzero"`
	Next           time.Time         `json:"nextReportCreationTime,omitzero"`
}

// ReportScheduleRequest asks for a schedule. A schedule of the same type and marketplaces is replaced.
type ReportScheduleRequest struct {
	Type           ReportType        `json:"reportType"`     // required; not a settlement type
	MarketplaceIDs []string          `json:"marketplaceIds"` // required
	Period         ReportPeriod      `json:"period"`         // required
	Options        map[string]string `json:"reportOptions,omitempty"`
	First          time.Time         `json:"nextReportCreationTime,omitzero"` // zero: now
}

// Schedules yields the schedules of the types. Amazon answers them in one page.
//
// SP-API: getReportSchedules, GET /reports/2021-06-30/schedules, 0.0222 a second, burst 10.
func (s *Reports) Schedules(ctx context.Context, types ...ReportType) iter.Seq2[ReportSchedule, error] {
	const op = "reports.getReportSchedules"
	if len(types) == 0 || len(types) > 10 {
		return failed[ReportSchedule](invalid(op, "1 to 10 report types are required"))
	}
	return pages(op, nil, func(string) (page[ReportSchedule], error) {
		v := query{}
		list(v, "reportTypes", types)
		answer, err := get[struct {
			Schedules []ReportSchedule `json:"reportSchedules"`
		}](ctx, s.client, op, v, "reports", "2021-06-30", "schedules")
		return page[ReportSchedule]{items: answer.Schedules}, err
	})
}

// Schedule returns one schedule.
//
// SP-API: getReportSchedule, GET /reports/2021-06-30/schedules/{reportScheduleId}, 0.0222 a second, burst 10.
func (s *Reports) Schedule(ctx context.Context, scheduleID string) (ReportSchedule, error) {
	return get[ReportSchedule](ctx, s.client, "reports.getReportSchedule", nil, "reports", "2021-06-30", "schedules", scheduleID)
}

// CreateSchedule sets up a schedule and returns its id.
//
// SP-API: createReportSchedule, POST /reports/2021-06-30/schedules, 0.0222 a second, burst 10.
func (s *Reports) CreateSchedule(ctx context.Context, r ReportScheduleRequest) (scheduleID string, err error) {
	const op = "reports.createReportSchedule"
	if r.Type == "" || len(r.MarketplaceIDs) == 0 || r.Period == "" {
		return "", invalid(op, "ReportScheduleRequest.Type, MarketplaceIDs and Period are required")
	}
	answer, err := send[struct {
		ID string `json:"reportScheduleId"`
	}](ctx, s.client, op, http.MethodPost, r, "reports", "2021-06-30", "schedules")
	return answer.ID, err
}

// CancelSchedule ends a schedule.
//
// SP-API: cancelReportSchedule, DELETE /reports/2021-06-30/schedules/{reportScheduleId}, 0.0222 a second, burst 10.
func (s *Reports) CancelSchedule(ctx context.Context, scheduleID string) error {
	_, err := send[rest.Empty](ctx, s.client, "reports.cancelReportSchedule", http.MethodDelete, nil, "reports", "2021-06-30", "schedules", scheduleID)
	return err
}
