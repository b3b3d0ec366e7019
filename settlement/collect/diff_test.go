package collect_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

func TestR4_5_AReissueIsComparedWithTheFirstLineByLine(t *testing.T) {
	archive := reopen(t, t.TempDir())
	rows := []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 1000, OrderID: "111-1"},
		{TransactionType: "Order", AmountType: "ItemFees", AmountDescription: "Commission", Amount: -150, OrderID: "111-1"},
	}
	first := settlementtest.Build(settlementtest.Spec{ID: "12345678901", Rows: rows})
	again := rows[0]
	again.Amount, again.Posted = 1001, first.Start
	put(t, archive, "r1", first.V2())
	put(t, archive, "r2", first.Reissued(again).V2())

	s := settlements(t, archive, "A1")[0]
	got, err := archive.Diff(t.Context(), s.Entry, s.Reissued[0])
	if err != nil {
		t.Fatal(err)
	}
	want := settlement.Changes{
		Stated: []string{"total 8.50 USD became 10.01 USD", "rows 2 became 1"},
		Lines: []settlement.LineChange{
			{
				FirstRow: 3, First: "Order/ItemPrice/Principal order-id=111-1 10.00 2026-10-01T08:00:00Z",
				SecondRow: 3, Second: "Order/ItemPrice/Principal order-id=111-1 10.01 2026-10-01T08:00:00Z",
			},
			{FirstRow: 4, First: "Order/ItemFees/Commission order-id=111-1 -1.50 2026-10-01T08:00:00Z"},
		},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	gone := s.Entry
	gone.Object = "00"
	if _, err := archive.Diff(t.Context(), s.Entry, gone); err == nil {
		t.Error("a document that is not in the archive has a diff")
	}
}
