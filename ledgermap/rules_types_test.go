package ledgermap_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Which types of account a category may be on, and on which more where the rules give a reason.
func TestR9_R10_R11_ACategoryGoesWhereItBelongs(t *testing.T) {
	expense := []ledgermap.AccountType{
		ledgermap.Direct, ledgermap.DirectConsultant, ledgermap.Reimbursable, ledgermap.ReimbursableConsultant, ledgermap.Indirect, ledgermap.Other,
	}
	types := append([]ledgermap.AccountType{ledgermap.Asset, ledgermap.Liability, ledgermap.NetWorth, ledgermap.Revenue}, expense...)
	on := func(t ...ledgermap.AccountType) []ledgermap.AccountType { return t }
	usual := map[settlement.Class][]ledgermap.AccountType{
		settlement.ClassRevenue: on(ledgermap.Revenue), settlement.ClassContraRevenue: on(ledgermap.Revenue), settlement.ClassTax: on(ledgermap.Liability),
		settlement.ClassFee: expense, settlement.ClassReimbursement: append(on(ledgermap.Asset), expense...), settlement.ClassReserve: on(ledgermap.Asset),
		settlement.ClassTransfer: on(ledgermap.Asset, ledgermap.Liability), settlement.ClassLoan: on(ledgermap.Liability),
	}
	for _, info := range settlement.Categories() {
		c := info.Category
		if c == settlement.CategoryOther || c == settlement.CategoryPayableToAmazon || c == settlement.CategoryFailedTransfer {
			continue // mapped kind by kind, and those with one account for all lines
		}
		may, excused := usual[info.Class], []ledgermap.AccountType{}
		switch {
		case c == settlement.CategoryFeeTax: // recoverable
			may, excused = on(ledgermap.Asset, ledgermap.Liability), expense
		case info.Class == settlement.ClassReimbursement:
			excused = on(ledgermap.Revenue)
		}
		for _, kind := range types {
			project := ""
			switch {
			case kind == ledgermap.Indirect:
				project = `, project: "OH"`
			case kind == ledgermap.Revenue || kind != ledgermap.Other && slices.Contains(expense, kind):
				project = `, project: "00000100.00"`
			}
			for _, reason := range []string{"", ", reason: x"} {
				place := `account: "699.00"` + project + reason + "}"
				put := []string{"\nrules:\n", "\nrules:\n  - {when: {category: " + string(c) + "}, " + place + "\n"}
				if info.Class == settlement.ClassReserve { // no rule moves it, and both are in one place
					put = []string{`reserve_current: {account: "116.00"}`, "reserve_current: {" + place, `reserve_previous: {account: "116.00"}`, "reserve_previous: {" + place}
				}
				_, err := ledgermap.LoadRules("rules.yaml", edited(t, append([]string{
					"fee_tax: {treatment: not-set}", `fee_tax: {treatment: recoverable, account: "117.00"}`,
					"accounts:\n", "accounts:\n  \"699.00\": {type: " + string(kind) + "}\n", "projects:\n", "projects:\n  \"OH\": {type: overhead}\n",
				}, put...)...))
				ok := slices.Contains(may, kind) || reason != "" && slices.Contains(excused, kind)
				if ok != (err == nil) || err != nil && !strings.Contains(err.Error(), "account 699.00 is of type") {
					t.Errorf("%s on %s%s: %v", c, kind, reason, err)
				}
			}
		}
	}
}

// Deltek refuses on posting what does not fit; so do the rules before it.
func TestR13_4_TypesOfAccountsTakeTheirKindOfProject(t *testing.T) {
	const regular, overhead = `, project: "00000100.00"`, `, project: "OH"`
	for kind, takes := range map[ledgermap.AccountType][]string{
		ledgermap.Direct: {regular}, ledgermap.DirectConsultant: {regular}, ledgermap.Reimbursable: {regular}, ledgermap.ReimbursableConsultant: {regular},
		ledgermap.Indirect: {"", overhead}, ledgermap.Other: {"", regular, overhead},
	} {
		for _, project := range []string{"", regular, overhead} {
			_, err := ledgermap.LoadRules("rules.yaml", edited(t, `storage: {account: "612.00", project: "00000100.00"}`, `storage: {account: "699.00"`+project+`}`,
				"accounts:\n", "accounts:\n  \"699.00\": {type: "+string(kind)+"}\n", "projects:\n", "projects:\n  \"OH\": {type: overhead}\n"))
			if ok := slices.Contains(takes, project); ok != (err == nil) || err != nil && !strings.Contains(err.Error(), "account 699.00 is of type "+string(kind)) {
				t.Errorf("%s with %q: %v", kind, project, err)
			}
		}
	}
}
