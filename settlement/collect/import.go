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
	if err := ties(name); err != nil {
		return nil, fmt.Errorf("nothing was imported: %w", err)
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("import a settlement file: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return a.Put(ctx, f, Entry{Seller: seller, ReportID: id})
}

// ties returns why a file is no settlement report whose lines add up to its total.
func ties(name string) error {
	f, err := settlement.Open(name, settlement.Options{})
	if err != nil {
		return err
	}
	_, err = talliesOf(f)
	return errors.Join(err, f.Close())
}
