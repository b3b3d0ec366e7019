package collect

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"log/slog"
	"os"
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
}

// Collector collects the settlements of one seller.
type Collector struct{ Config }

// New returns a collector.
func New(config Config) *Collector {
	if config.Logger == nil {
		config.Logger = slog.New(slog.DiscardHandler)
	}
	return &Collector{config}
}

// UnreadableError says that a document was downloaded and archived but is no settlement that ties out. It is fetched
// again in the next round, in case Amazon mends it.
type UnreadableError struct {
	Entry Entry // where its bytes are, and what could be read of it
	Err   error // a *settlement.ParseError or *settlement.SumError
}

func (e *UnreadableError) Error() string {
	return fmt.Sprintf("report %s was archived but cannot be booked: %v", e.Entry.ReportID, e.Err)
}

func (e *UnreadableError) Unwrap() error { return e.Err }

// Fetch lists the settlement reports of the last 90 days and downloads those that the archive does not have, oldest
// first. It yields one entry per new report. A report that fails yields its error, an [*UnreadableError] or that of the
// connection, and the others go on; when the list itself fails, its error is the last element.
//
// The sequence makes its calls while it is ranged over; ranging again lists again and finds the rest.
func (c *Collector) Fetch(ctx context.Context) iter.Seq2[Entry, error] {
	return func(yield func(Entry, error) bool) {
		reports, err := c.missing(ctx)
		for _, report := range reports {
			entry, err := c.fetch(ctx, report)
			if !yield(entry, err) || ctx.Err() != nil {
				return
			}
		}
		if err != nil {
			yield(Entry{}, err)
		}
	}
}

// missing lists the reports whose documents are not archived, oldest first. With an error come those found before it.
func (c *Collector) missing(ctx context.Context) ([]spapi.Report, error) {
	query := spapi.ReportsQuery{
		Types:        []spapi.ReportType{spapi.ReportSettlementV2},
		Statuses:     []spapi.ReportStatus{spapi.ReportDone},
		CreatedSince: time.Now().Add(-listed),
	}
	seen := map[string]bool{}
	var reports []spapi.Report
	var failure error
	for report, err := range c.Client.Reports.List(ctx, query) {
		if err != nil {
			failure = fmt.Errorf("list the settlement reports of seller %s: %w", c.Seller, err)
			break
		}
		if seen[report.ID] || report.DocumentID == "" || c.Archive.Has(c.Seller, report.ID) {
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

// fetch archives one report. A document that breaks off is asked for once more at once: buckets have been seen to deliver
// half of one, with a length that says it is whole.
func (c *Collector) fetch(ctx context.Context, report spapi.Report) (Entry, error) {
	entry, err := c.download(ctx, report)
	broken := errors.Is(err, spapi.ErrDocument) || settlement.CodeOf(err) == settlement.CodeTruncated
	if broken && ctx.Err() == nil {
		entry, err = c.download(ctx, report)
	}
	return entry, err
}

func (c *Collector) download(ctx context.Context, report spapi.Report) (entry Entry, err error) {
	download, err := c.Client.Reports.Download(ctx, report.DocumentID)
	if err != nil {
		return Entry{}, fmt.Errorf("download settlement report %s of seller %s: %w", report.ID, c.Seller, err)
	}
	defer func() { err = errors.Join(err, download.Close()) }()
	entry, err = c.Archive.Put(download, Entry{
		Seller: c.Seller, ReportID: report.ID, DocumentID: report.DocumentID, ContentType: download.ContentType,
	})
	if err != nil {
		return entry, err
	}
	c.Logger.InfoContext(ctx, "archived a settlement report", "report", report.ID, "settlement", entry.SettlementID, "bytes", entry.Size)
	return entry, nil
}

// Import archives a file that was downloaded by hand, as if Amazon had delivered it. Importing it again changes nothing.
func (c *Collector) Import(name string) (entry Entry, err error) {
	object, err := hashFile(name)
	if err != nil {
		return Entry{}, fmt.Errorf("import a settlement file: %w", err)
	}
	id := "import:" + object
	for _, e := range c.Archive.Entries(c.Seller) {
		if e.ReportID == id && e.Refused == "" {
			return e, nil
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return Entry{}, fmt.Errorf("import a settlement file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return c.Archive.Put(f, Entry{Seller: c.Seller, ReportID: id})
}

// Put archives a document and then reads it, to learn which settlement it is and that it ties out. The entry names
// seller and report; the rest of it is filled in. A document that cannot be read stays in the archive with the reason,
// and the error is an [*UnreadableError].
func (a *Archive) Put(r io.Reader, entry Entry) (Entry, error) {
	var err error
	if entry.Object, entry.Size, err = a.store(r); err != nil {
		return entry, err
	}
	entry.Fetched = time.Now().UTC().Truncate(time.Second)
	statement, err := a.read(entry)
	if err != nil {
		if settlement.CodeOf(err) == "" {
			return entry, err
		}
		entry.Refused = settlement.CodeOf(err)
		unreadable := &UnreadableError{Entry: entry, Err: err}
		if a.knows(entry) {
			return entry, unreadable
		}
		return entry, errors.Join(unreadable, a.index(entry))
	}
	entry.SettlementID, entry.Digest = statement.ID, statement.Digest
	entry.Start, entry.End = statement.Start, statement.End
	entry.Currency, entry.Total = statement.Currency.String(), statement.Total.String()
	return entry, a.index(entry)
}

func (a *Archive) read(entry Entry) (settlement.Statement, error) {
	f, err := a.Open(entry)
	if err != nil {
		return settlement.Statement{}, err
	}
	tally, err := settlement.TallyOf(f)
	return tally.Statement, errors.Join(err, f.Close())
}

// Open opens the entry's document for reading.
func (a *Archive) Open(entry Entry) (*settlement.File, error) {
	return settlement.Open(a.objectPath(entry.Object), settlement.Options{ContentType: entry.ContentType})
}

// Settlement is one settlement of the archive.
type Settlement struct {
	// Entry is the document that was archived first. It is the one to book.
	Entry
	// Reissued holds documents of the same settlement that Amazon published with other content later. Where there are
	// any, a person has to decide; nothing replaces what was booked in silence.
	Reissued []Entry
}

// Settlements returns the seller's settlements in the order of their periods.
func (a *Archive) Settlements(seller string) []Settlement {
	var all []Settlement
	at := map[string]int{}
	for _, e := range a.Entries(seller) {
		if e.SettlementID == "" {
			continue
		}
		i, ok := at[e.SettlementID]
		if !ok {
			at[e.SettlementID] = len(all)
			all = append(all, Settlement{Entry: e})
			continue
		}
		known := slices.ContainsFunc(all[i].Reissued, func(r Entry) bool { return r.Digest == e.Digest })
		if e.Digest != all[i].Digest && !known {
			all[i].Reissued = append(all[i].Reissued, e)
		}
	}
	slices.SortStableFunc(all, func(x, y Settlement) int {
		return cmp.Or(x.Start.Compare(y.Start), x.End.Compare(y.End), cmp.Compare(x.SettlementID, y.SettlementID))
	})
	return all
}
