package spapi

import (
	"context"
	"iter"
	"time"
)

// Reports is the Reports API, version 2021-06-30.
//
// Settlement reports cannot be asked for: Amazon makes them, and [Reports.Create] answers 400 for their types. Find them
// with [Reports.List] and read them with [Reports.Open] or [Reports.Download].
type Reports struct{ client *Client }

// ReportType names a kind of report. Any of Amazon's types can be used; the constants are those of settlements.
type ReportType string

const (
	// ReportSettlementV2 is the one live type of settlement report.
	ReportSettlementV2 ReportType = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
	// ReportSettlementV1 was removed on 2026-11-11; files of it live on in archives.
	ReportSettlementV1 ReportType = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE"
	// ReportSettlementXML was removed on 2026-11-11; files of it live on in archives.
	ReportSettlementXML ReportType = "GET_V2_SETTLEMENT_REPORT_DATA_XML"
)

// ReportRetention is how long Amazon lists a report. Ask for slightly less: at exactly 90 days the answer can be an error.
const ReportRetention = 90 * 24 * time.Hour

// ReportStatus is how far Amazon is with a report.
type ReportStatus string

// The states of a report. Words not listed here are kept as they came.
const (
	ReportInQueue    ReportStatus = "IN_QUEUE"
	ReportInProgress ReportStatus = "IN_PROGRESS"
	ReportDone       ReportStatus = "DONE"
	ReportCancelled  ReportStatus = "CANCELLED" // by the seller, or because there is no data
	ReportFatal      ReportStatus = "FATAL"     // a document may say why
)

// Report is one report as Amazon lists it. Its id is not a business key: the same settlement is listed under several
// ids and for several marketplaces.
type Report struct {
	ID              string       `json:"reportId"`
	Type            ReportType   `json:"reportType"`
	Status          ReportStatus `json:"processingStatus"`
	MarketplaceIDs  []string     `json:"marketplaceIds,omitzero"`
	DataStart       time.Time    `json:"dataStartTime,omitzero"` // of a settlement: the start of its period
	DataEnd         time.Time    `json:"dataEndTime,omitzero"`
	Created         time.Time    `json:"createdTime"`
	ProcessingStart time.Time    `json:"processingStartTime,omitzero"`
	ProcessingEnd   time.Time    `json:"processingEndTime,omitzero"`
	ScheduleID      string       `json:"reportScheduleId,omitzero"`
	DocumentID      string       `json:"reportDocumentId,omitzero"` // for Document, Download and Open
}

// ReportsQuery selects reports.
type ReportsQuery struct {
	Types          []ReportType // 1 to 10, required
	Statuses       []ReportStatus
	MarketplaceIDs []string  // at most 10; they do not separate settlements, all of the region come back
	CreatedSince   time.Time // of publication; zero: 90 days ago, which is also the limit, see ReportRetention
	CreatedUntil   time.Time // zero: now
	PageSize       int       // 1 to 100; 0 means 100, because a page costs 45 seconds of quota
}

func (q ReportsQuery) check(op string) error {
	switch {
	case len(q.Types) == 0 || len(q.Types) > 10:
		return invalid(op, "ReportsQuery.Types must name 1 to 10 types")
	case len(q.MarketplaceIDs) > 10:
		return invalid(op, "ReportsQuery.MarketplaceIDs must name at most 10")
	case q.PageSize < 0 || q.PageSize > 100:
		return invalid(op, "ReportsQuery.PageSize must be 1 to 100")
	case !q.CreatedSince.IsZero() && !q.CreatedUntil.IsZero() && q.CreatedUntil.Before(q.CreatedSince):
		return invalid(op, "ReportsQuery.CreatedUntil is before CreatedSince")
	}
	return nil
}

// List yields the reports that match.
//
// SP-API: getReports, GET /reports/2021-06-30/reports, 0.0222 a second, burst 10. Pages after the first are asked for
// by their token alone; with any other parameter Amazon answers 400.
func (s *Reports) List(ctx context.Context, q ReportsQuery) iter.Seq2[Report, error] {
	const op = "reports.getReports"
	if err := q.check(op); err != nil {
		return failed[Report](err)
	}
	if q.PageSize == 0 {
		q.PageSize = 100
	}
	return pages(op, func(r Report) string { return r.ID }, func(token string) (page[Report], error) {
		v := query{}
		if token != "" {
			v.text("nextToken", token)
		} else {
			list(v, "reportTypes", q.Types)
			list(v, "processingStatuses", q.Statuses)
			list(v, "marketplaceIds", q.MarketplaceIDs)
			v.at("createdSince", q.CreatedSince)
			v.at("createdUntil", q.CreatedUntil)
			v.number("pageSize", q.PageSize)
		}
		answer, err := get[struct {
			Reports   []Report `json:"reports"`
			NextToken string   `json:"nextToken"`
		}](ctx, s.client, op, v, "reports", "2021-06-30", "reports")
		return page[Report]{answer.Reports, answer.NextToken}, err
	})
}

// Report returns the state of one report. [ErrNotFound] for an id that this seller does not have.
//
// SP-API: getReport, GET /reports/2021-06-30/reports/{reportId}, 2 a second, burst 15.
func (s *Reports) Report(ctx context.Context, id string) (Report, error) {
	return get[Report](ctx, s.client, "reports.getReport", nil, "reports", "2021-06-30", "reports", id)
}

// ReportDocument says where a document can be fetched for the next five minutes.
type ReportDocument struct {
	ID          string      `json:"reportDocumentId"`
	URL         Secret      `json:"url"` // whoever has it can read the document
	Compression Compression `json:"compressionAlgorithm,omitzero"`
}

// Compression is how a document is packed; "" means that it is not.
type Compression string

// Gzip is the only compression so far.
const Gzip Compression = "GZIP"

// Document returns where a document can be fetched. [Reports.Open] and [Reports.Download] call it themselves.
//
// SP-API: getReportDocument, GET /reports/2021-06-30/documents/{reportDocumentId}, 0.0167 a second (one a minute), burst 15.
func (s *Reports) Document(ctx context.Context, id string) (ReportDocument, error) {
	return s.document(ctx, id, nil)
}

// DocumentEncoded is Document with an address that declares a packed document as "Content-Encoding: gzip", so that HTTP
// clients of other languages unpack it by themselves.
//
// SP-API: getReportDocument with enableContentEncodingUrlHeader; the pace is that of Document.
func (s *Reports) DocumentEncoded(ctx context.Context, id string) (ReportDocument, error) {
	return s.document(ctx, id, query{"enableContentEncodingUrlHeader": {"true"}})
}

func (s *Reports) document(ctx context.Context, id string, v query) (ReportDocument, error) {
	answer, err := get[struct {
		ID          string      `json:"reportDocumentId"`
		URL         string      `json:"url"`
		Compression Compression `json:"compressionAlgorithm"`
	}](ctx, s.client, "reports.getReportDocument", v, "reports", "2021-06-30", "documents", id)
	return ReportDocument{answer.ID, NewSecret(answer.URL), answer.Compression}, err
}
