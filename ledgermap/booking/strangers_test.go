package booking_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
)

func TestALongerOldPlanIsFoundInTheLedgerWhenTheLogIsLost(t *testing.T) {
	companion := document(t, ledgermap.FirstCompanion, "M", ledgermap.Journal, 202601, "2026-01-31", "", row{clearing, 0, 500, false}, row{"6100", 500, 0, false})
	charge := func(n int) ledgermap.Document {
		return document(t, ledgermap.FirstCharge+n, "QR"[n:n+1], ledgermap.Disbursement, 202602, "2026-02-09", "", row{clearing, 100, 0, false}, row{"1010", 0, 100, true})
	}
	for name, c := range map[string]struct {
		old, now []ledgermap.Document
		want     []string
	}{
		// The first document agrees; the second and the receipt are not planned.
		"a part and the receipt": {[]ledgermap.Document{january(t), february(t), receipt(t, "")}, []ledgermap.Document{january(t)}, []string{"document 2, journal", "document 201, receipt"}},
		"a charge":               {[]ledgermap.Document{january(t), charge(0), charge(1)}, []ledgermap.Document{january(t), charge(0)}, []string{"document 204, disbursement"}},
		"a part by a companion":  {[]ledgermap.Document{january(t), february(t), companion}, []ledgermap.Document{january(t), companion}, []string{"document 2, journal"}},
	} {
		w := newWorld(t)
		w.mustRun(planOf(t, c.old...))
		w.cfg.Log = openLog(t, t.TempDir())
		_, err := w.run(planOf(t, c.now...))
		wantCode(t, err, booking.CodeDocuments)
		got := regexp.MustCompile(`document \d+, \w+`).FindAllString(fmt.Sprint(err), -1)
		slices.Sort(got)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: %v\n%s", name, err, diff)
		}
		w.once(len(c.old))
	}
}
