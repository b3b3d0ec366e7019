package booking_test

import (
	"errors"
	"fmt"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

func key() booking.Key {
	return booking.Key{
		Tenant: booking.Tenant{Database: "ACME", Company: "01"}, Seller: "A1B2C3D4E5",
		Settlement: "17461234567", Ordinal: 1, Revision: 1,
	}
}

var kinds = []ledgermap.Kind{ledgermap.Journal, ledgermap.Invoice, ledgermap.Receipt, ledgermap.Disbursement}

// The names are part of every ledger that was ever written to: changing them
// would book history a second time.
func TestNamesAreWhatTheyWereWhenHistoryWasBooked(t *testing.T) {
	k := key()
	got := []string{k.String(), k.Batch(ledgermap.Journal), k.Batch(ledgermap.Invoice), k.Batch(ledgermap.Receipt), k.Batch(ledgermap.Disbursement), k.LineKey(1), k.LineKey(123456)}
	want := []string{
		"ACME/01/A1B2C3D4E5/17461234567/1.1",
		"JENVB3FAK5JB6PCRCCLRPR4PWXA2G5",
		"INNVB3FAK5JB6PCRCCLRPR4PWXA2G5",
		"CRNVB3FAK5JB6PCRCCLRPR4PWXA2G5",
		"CDNVB3FAK5JB6PCRCCLRPR4PWXA2G5",
		"NVB3FAK5JB6PCRCCLRPR4PWXA2000001",
		"NVB3FAK5JB6PCRCCLRPR4PWXA2123456",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names changed (-was +is):\n%s", diff)
	}
}

func TestNamesFitEveryKnownVersionOfTheLedger(t *testing.T) {
	form := regexp.MustCompile(`^(JE|IN|CR|CD)[A-Z2-7]+$`)
	for _, kind := range kinds {
		if b := key().Batch(kind); len(b) > 30 || !form.MatchString(b) {
			t.Errorf("%s: batch %q is not at most 30 upper-case characters after its prefix", kind, b)
		}
	}
	for _, n := range []int{1, 999999} {
		if l := key().LineKey(n); len(l) > 32 {
			t.Errorf("line key %q has %d characters", l, len(l))
		}
	}
}

func TestR4_1_EveryPartOfTheKeyMakesAnotherBatch(t *testing.T) {
	base := key()
	seen := map[string]string{base.Batch(ledgermap.Journal): "base"}
	for name, change := range map[string]func(*booking.Key){
		"database":   func(k *booking.Key) { k.Tenant.Database = "ACMETEST" },
		"company":    func(k *booking.Key) { k.Tenant.Company = "02" },
		"no company": func(k *booking.Key) { k.Tenant.Company = "" },
		"seller":     func(k *booking.Key) { k.Seller = "A1B2C3D4E6" },
		"settlement": func(k *booking.Key) { k.Settlement = "17461234568" },
		"ordinal":    func(k *booking.Key) { k.Ordinal = 2 },
		"revision":   func(k *booking.Key) { k.Revision = 2 },
		// Parts must not run together.
		"shifted":  func(k *booking.Key) { k.Tenant = booking.Tenant{Database: "ACME/01", Company: ""} },
		"swapped":  func(k *booking.Key) { k.Ordinal, k.Revision = 11, 1 },
		"swapped2": func(k *booking.Key) { k.Ordinal, k.Revision = 1, 11 },
	} {
		k := base
		change(&k)
		b := k.Batch(ledgermap.Journal)
		if other, ok := seen[b]; ok {
			t.Errorf("%s and %s share batch %s", name, other, b)
		}
		seen[b] = name
	}
}

func TestRewritingTheConfigurationDoesNotMakeAnotherKey(t *testing.T) {
	a, b := key(), key()
	b.Tenant = booking.Tenant{Database: " acme ", Company: "01 "}
	b.Seller = "a1b2c3d4e5"
	if a.String() != b.String() || a.Batch(ledgermap.Journal) != b.Batch(ledgermap.Journal) {
		t.Errorf("%s and %s are the same books", a, b)
	}
}

func TestKeyTextReadsBack(t *testing.T) {
	for _, k := range []booking.Key{
		key(),
		{Tenant: booking.Tenant{Database: "A/B%C"}, Seller: "S", Settlement: "1", Ordinal: 1203, Revision: 12},
	} {
		got, err := booking.ParseKey(k.String())
		if err != nil || got != k {
			t.Errorf("ParseKey(%q) = %+v, %v", k.String(), got, err)
		}
	}
	for _, bad := range []string{"", "ACME", "ACME/01/S/1/1", "ACME/01/S/1/0.1", "ACME/01/S/1/1.01", "acme/01/S/1/1.1", "ACME/01//1/1.1", "A%2/01/S/1/1.1"} {
		if k, err := booking.ParseKey(bad); err == nil {
			t.Errorf("ParseKey(%q) = %v, want an error", bad, k)
		}
	}
}

func TestReferenceFitsOrIsRefused(t *testing.T) {
	k := key()
	ref, err := k.Ref("A", 12)
	if ref != "17461234567A" || err != nil {
		t.Errorf("Ref = %q, %v", ref, err)
	}
	k.Revision = 2
	if ref, err := k.Ref("A", 13); ref != "17461234567A2" || err != nil {
		t.Errorf("Ref of revision 2 = %q, %v", ref, err)
	}
	if _, err := k.Ref("A", 1); err == nil {
		t.Error("a reference of one character holds it")
	}
	_, err = k.Ref("A", 12)
	refused, ok := errors.AsType[*booking.RefusedError](err)
	if !ok || refused.Code != booking.CodeReference {
		t.Errorf("a reference one character too long: %v, want code %s", err, booking.CodeReference)
	}
}

func TestBatchesAndReferencesCompareAsTheLedgerDoes(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"17461234567A", "17461234567a ", true},
		{"17461234567A", "017461234567A", true},
		{"17461234567A", "17461234567B", false},
	} {
		if got := booking.SameRef(c.a, c.b); got != c.same {
			t.Errorf("SameRef(%q, %q) = %v", c.a, c.b, got)
		}
	}
	if !booking.SameBatch("JEABC", "jeabc") || booking.SameBatch("JEABC", "0JEABC") {
		t.Error("batch names are compared without case, and exactly otherwise")
	}
}

func ExampleKey_Batch() {
	k := booking.Key{
		Tenant: booking.Tenant{Database: "ACME"}, Seller: "A1B2C3D4E5",
		Settlement: "17461234567", Ordinal: 1, Revision: 1,
	}
	fmt.Println(k)
	fmt.Println(k.Batch(ledgermap.Journal))
	// Output:
	// ACME//A1B2C3D4E5/17461234567/1.1
	// JEC4TWXN6I7PMUTAXXLHGRY7QYLKRV
}

func TestAReferenceTellsItsSettlementAndRevision(t *testing.T) {
	first := booking.Key{Settlement: "17461234567", Revision: 1}
	second := booking.Key{Settlement: "17461234567", Revision: 2}
	for ref, want := range map[string][2]bool{
		"17461234567A": {true, false}, "0017461234567z": {true, false}, "17461234567AB": {true, false},
		"17461234567A2": {false, true}, "17461234567A22": {false, false},
		"17461234567": {}, "174612345678A": {}, "1746123456A": {}, "": {}, "A": {},
	} {
		if got := [2]bool{first.OwnsRef(ref), second.OwnsRef(ref)}; got != want {
			t.Errorf("%q: owned by revisions 1 and 2: %v, want %v", ref, got, want)
		}
	}
}
