package booking

import (
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// A Tenant is the set of books that documents go to: a database of the ledger
// and a company in it (empty where the database holds one company only).
//
// Both are compared without case and without surrounding blanks, because the
// ledger's own database does so: a configuration rewritten from "acme" to
// "ACME" must meet the history it made, not start a second one.
type Tenant struct {
	Database string
	Company  string
}

func (t Tenant) normal() Tenant {
	return Tenant{Database: fold(t.Database), Company: fold(t.Company)}
}

// String returns "DATABASE" or "DATABASE/COMPANY".
func (t Tenant) String() string {
	t = t.normal()
	if t.Company == "" {
		return t.Database
	}
	return t.Database + "/" + t.Company
}

// A Key says which booking this is, never what it contains: the same document
// of the same settlement has the same key whatever rules made its lines, so
// that a changed document meets the old booking and stops.
//
// Nothing that may change without the books changing is part of it: no host
// name, no region, no name out of a configuration file.
type Key struct {
	Tenant     Tenant
	Seller     string // Amazon's seller (merchant) id
	Settlement string // Amazon's settlement id
	Ordinal    int    // the document's number within the settlement, from 1
	Revision   int    // 1, and one more after each reversal
}

func (k Key) normal() Key {
	k.Tenant = k.Tenant.normal()
	k.Seller = fold(k.Seller)
	k.Settlement = fold(k.Settlement)
	return k
}

func (k Key) validate() error {
	n := k.normal()
	switch {
	case n.Tenant.Database == "":
		return fmt.Errorf("booking: key of settlement %q names no database: give booking.Config.Tenant the ledger's database name", k.Settlement)
	case n.Seller == "":
		return fmt.Errorf("booking: key of settlement %q names no seller: give booking.Config.Seller Amazon's seller id", k.Settlement)
	case n.Settlement == "":
		return fmt.Errorf("booking: a document without a settlement id cannot be booked")
	case k.Ordinal < 1:
		return fmt.Errorf("booking: settlement %s: document number %d is not positive", k.Settlement, k.Ordinal)
	case k.Revision < 1:
		return fmt.Errorf("booking: settlement %s: revision %d is not positive", k.Settlement, k.Revision)
	}
	return nil
}

// String returns the key as text: database, company, seller and settlement,
// each with "/", "%" and everything unusual percent-escaped, then ordinal and
// revision, as in "ACME//A1B2C3/17461234567/1.1". Different keys have
// different texts; [ParseKey] reads them back.
func (k Key) String() string {
	n := k.normal()
	return strings.Join([]string{
		url.PathEscape(n.Tenant.Database), url.PathEscape(n.Tenant.Company),
		url.PathEscape(n.Seller), url.PathEscape(n.Settlement),
		strconv.Itoa(n.Ordinal) + "." + strconv.Itoa(n.Revision),
	}, "/")
}

// ParseKey reads what [Key.String] wrote.
func ParseKey(text string) (Key, error) {
	bad := func() (Key, error) {
		return Key{}, fmt.Errorf("booking: %q is not a document key; one looks like ACME//A1B2C3/17461234567/1.1 (database, company, seller, settlement, document.revision)", text)
	}
	parts := strings.Split(text, "/")
	if len(parts) != 5 {
		return bad()
	}
	for i := range parts[:4] {
		p, err := url.PathUnescape(parts[i])
		if err != nil {
			return bad()
		}
		parts[i] = p
	}
	ordinal, revision, ok := strings.Cut(parts[4], ".")
	if !ok {
		return bad()
	}
	k := Key{Tenant: Tenant{Database: parts[0], Company: parts[1]}, Seller: parts[2], Settlement: parts[3]}
	var err1, err2 error
	k.Ordinal, err1 = strconv.Atoi(ordinal)
	k.Revision, err2 = strconv.Atoi(revision)
	// The text must be the one String writes, so that one key has one text.
	if err1 != nil || err2 != nil || k.validate() != nil || k.String() != text {
		return bad()
	}
	return k, nil
}

const (
	// batchLength is the longest file name every known version of the ledger takes.
	batchLength = 30
	// lineKeyLength is the length of the ledger's own line keys.
	lineKeyLength = 32
)

// base32 rather than hex: 140 bits fit where hex leaves 112. Upper case and
// digits 2-7 only, so that a ledger that changes or ignores case cannot make
// two names of one or one of two.
func (k Key) hash() string {
	sum := sha256.Sum256([]byte("amazon-vantagepoint/booking/1\n" + k.String()))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:])
}

// Batch returns the name of the ledger batch (Vantagepoint: transaction file)
// that holds this document and nothing else: two letters for the kind, because
// it is not known whether one name may be used for two transaction types, and
// 28 characters of the key's SHA-256. 30 characters in all, A-Z and 2-7.
// Names are compared with [SameBatch].
func (k Key) Batch(kind ledgermap.Kind) string {
	return batchPrefix(kind) + k.hash()[:batchLength-2]
}

func batchPrefix(kind ledgermap.Kind) string {
	switch kind {
	case ledgermap.Journal:
		return "JE"
	case ledgermap.Invoice:
		return "IN"
	case ledgermap.Receipt:
		return "CR"
	case ledgermap.Disbursement:
		return "CD"
	}
	return "XX" // NewDocument makes no such kind
}

// SameBatch reports whether two batch names are one, as the ledger sees it.
func SameBatch(a, b string) bool { return fold(a) == fold(b) }

// LineKey returns the ledger key of the document's line n, counted from 1:
// 26 characters of the key's SHA-256 and six digits, 32 in all.
func (k Key) LineKey(n int) string {
	return k.hash()[:lineKeyLength-6] + fmt.Sprintf("%06d", n)
}

// Ref returns the reference number or invoice number that people see in the
// ledger: settlement id, part letter, and the revision when it is above 1.
//
// length is the tenant's setting (Vantagepoint: RefnoLength). A reference that
// does not fit is refused, never cut: two cut references could be one.
func (k Key) Ref(part string, length int) (string, error) {
	ref := fold(k.Settlement) + part
	if k.Revision > 1 {
		ref += strconv.Itoa(k.Revision)
	}
	if length > 0 && len(ref) > length {
		return "", &RefusedError{
			Code: CodeReference, Settlement: k.Settlement,
			Message: fmt.Sprintf("reference %s has %d characters, the ledger takes %d: raise the reference number length in the ledger's settings", ref, len(ref), length),
		}
	}
	return ref, nil
}

// OwnsRef reports whether a reference is one that Ref gives a document of the
// key's settlement and revision, whichever its part.
func (k Key) OwnsRef(ref string) bool {
	rest, ok := strings.CutPrefix(bareRef(ref), bareRef(k.Settlement))
	revision := strings.TrimLeft(rest, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	if !ok || revision == rest { // no letter: the id of another settlement, or none of ours
		return false
	}
	return revision == "" && k.Revision == 1 || k.Revision > 1 && revision == strconv.Itoa(k.Revision)
}

// SameRef reports whether two reference numbers are one, as the ledger sees
// it: without case, surrounding blanks, and the zeros it puts in front of
// short ones.
func SameRef(a, b string) bool { return bareRef(a) == bareRef(b) }

func bareRef(s string) string { return strings.TrimLeft(fold(s), "0") }

func fold(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }
