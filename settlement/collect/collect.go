package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// listed is how far back a round looks. Amazon keeps reports for 90 days and refuses a request that is a moment older,
// so an hour is left for clocks that differ.
const listed = spapi.ReportRetention - time.Hour

// Config describes a [Collector].
type Config struct {
	Client  *spapi.Client // of the seller; required
	Archive *Archive      // required
	Seller  string        // Amazon's seller id; required
	Logger  *slog.Logger  // nil means silence
	// Now is the clock to go by, for example a database's; nil means this machine's. One that is an hour or more slow
	// makes Amazon refuse the list.
	Now func(context.Context) (time.Time, error)
}

// Collector collects the settlements of one seller.
type Collector struct{ cfg Config }

// New returns a collector, or an error that names what of the Config is missing.
func New(config Config) (*Collector, error) {
	switch {
	case config.Client == nil:
		return nil, errors.New("collect: Config.Client is required")
	case config.Archive == nil:
		return nil, errors.New("collect: Config.Archive is required")
	case config.Seller == "":
		return nil, errors.New("collect: Config.Seller is required")
	}
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	if config.Now == nil {
		config.Now = func(context.Context) (time.Time, error) { return time.Now(), nil }
	}
	return &Collector{config}, nil
}

// UnreadableError says that a document was downloaded and archived but is no settlement that ties out. It is fetched
// again in the next round, in case Amazon mends it.
type UnreadableError struct {
	Entry Entry // where its bytes are, and what could be read of it
	Err   error // a *settlement.ParseError or *settlement.SumError
}

// Error names the report and why it cannot be read.
func (e *UnreadableError) Error() string {
	return fmt.Sprintf("report %s was archived but cannot be booked: %v", e.Entry.ReportID, e.Err)
}

// Unwrap returns why it cannot be read.
func (e *UnreadableError) Unwrap() error { return e.Err }

// Fetch lists the settlement reports of the last 90 days and downloads those that the archive does not have, oldest
// first. It yields one entry per settlement of a new report. A report that fails yields its error, an [*UnreadableError]
// or that of the connection, and the others go on. When the list itself fails, or ctx ends, its error is the last
// element: a round that was cut short says so.
//
// The sequence makes its calls while it is ranged over; ranging again lists again and finds the rest.
func (c *Collector) Fetch(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		reports, incomplete := c.missing(ctx)
		for _, report := range reports {
			if ctx.Err() != nil {
				break
			}
			entries, err := c.fetch(ctx, report)
			for _, entry := range entries {
				if !yield(entry, nil) {
					return
				}
			}
			if err != nil && !yield(Entry{}, err) {
				return
			}
		}
		if ended := ctx.Err(); ended != nil && !errors.Is(incomplete, ended) {
			incomplete = errors.Join(incomplete, ended)
		}
		if incomplete != nil {
			yield(Entry{}, incomplete)
		}
	}
}

// missing lists the reports whose documents are not archived, oldest first. With an error come those found before it.
func (c *Collector) missing(ctx context.Context) ([]spapi.Report, error) {
	now, err := c.cfg.Now(ctx)
	if err != nil {
		return nil, err
	}
	query := spapi.ReportsQuery{
		Types:        []spapi.ReportType{spapi.ReportSettlementV2},
		Statuses:     []spapi.ReportStatus{spapi.ReportDone},
		CreatedSince: now.Add(-listed),
	}
	entries, err := c.cfg.Archive.Entries(ctx, c.cfg.Seller)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for id := range whole(entries) {
		seen[id] = true
	}
	var reports []spapi.Report
	var failure error
	for report, err := range c.cfg.Client.Reports.List(ctx, query) {
		if err != nil {
			failure = fmt.Errorf("list the settlement reports of seller %s: %w", c.cfg.Seller, err)
			break
		}
		if seen[report.ID] || report.DocumentID == "" {
			continue
		}
		seen[report.ID] = true
		reports = append(reports, report)
	}
	slices.SortStableFunc(reports, func(a, b spapi.Report) int {
		return cmp.Or(a.DataEnd.Compare(b.DataEnd), cmp.Compare(a.ID, b.ID))
	})
	return reports, failure
}

// whole returns the entries of the reports that need not be fetched again. One that could not be read is, in case Amazon
// mends it, and so is one of whose settlements some have no entry, because the process died.
func whole(entries []Entry) map[string][]Entry {
	reports := map[string][]Entry{}
	for _, e := range entries {
		if e.Refused == "" {
			reports[e.ReportID] = append(reports[e.ReportID], e)
		}
	}
	maps.DeleteFunc(reports, func(_ string, entries []Entry) bool { return len(entries) < entries[0].Settlements })
	return reports
}

// fetch archives one report. A document that breaks off is asked for once more at once: buckets have been seen to deliver
// half of one, with a length that says it is whole.
func (c *Collector) fetch(ctx context.Context, report spapi.Report) ([]Entry, error) {
	entries, err := c.download(ctx, report)
	broken := errors.Is(err, spapi.ErrDocument) || settlement.CodeOf(err) == settlement.CodeTruncated
	if broken && ctx.Err() == nil {
		entries, err = c.download(ctx, report)
	}
	return entries, err
}

func (c *Collector) download(ctx context.Context, report spapi.Report) (entries []Entry, err error) {
	download, err := c.cfg.Client.Reports.Download(ctx, report.DocumentID)
	if err != nil {
		return nil, fmt.Errorf("download settlement report %s of seller %s: %w", report.ID, c.cfg.Seller, err)
	}
	defer func() { err = errors.Join(err, download.Close()) }()
	entries, err = c.cfg.Archive.Put(ctx, download, Entry{
		Seller: c.cfg.Seller, ReportID: report.ID, DocumentID: report.DocumentID, ContentType: download.ContentType,
	})
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		c.cfg.Logger.InfoContext(ctx, "archived a settlement report", "report", report.ID, "settlement", e.SettlementID, "bytes", e.Size)
	}
	return entries, nil
}
