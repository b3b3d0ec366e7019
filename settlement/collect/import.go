package collect

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Import archives a file that was downloaded by hand, as if Amazon had delivered it, and returns an entry for each
// settlement in it. Importing it again changes nothing. One that cannot be read or does not tie is not archived: it was
// never what Amazon delivered, and whoever has it can look for the right one. A settlement that is in the archive already
// and has other lines here counts as reissued.
func (a *Archive) Import(ctx context.Context, seller, name string) (imported []Entry, err error) {
	report, err := settlement.Open(name, settlement.Options{}) // which refuses what is no file
	if err != nil {
		return nil, fmt.Errorf("nothing was imported: %w", err)
	}
	defer report.Close()
	stop := context.AfterFunc(ctx, func() { report.Close() }) // which ends the reading
	defer stop()
	object, err := hashFile(name)
	if err != nil {
		return nil, fmt.Errorf("import a settlement file: %w", err)
	}
	id := "import:" + object
	entries, err := a.Entries(ctx, seller)
	if err != nil {
		return nil, err
	}
	if known, ok := whole(entries)[id]; ok {
		return known, nil
	}
	if _, err := talliesOf(report); err != nil {
		return nil, fmt.Errorf("nothing was imported: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("import a settlement file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return a.Put(ctx, f, Entry{Seller: seller, ReportID: id})
}
