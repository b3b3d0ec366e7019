package ledgermap_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

func TestStarterExplainsEveryCategoryAndLoads(t *testing.T) {
	r := rules(t)
	if !r.Demo() || r.ClearingAccount() != "115.00" || r.TimeZone() != "America/Los_Angeles" || r.Mode() != ledgermap.ModeJournal {
		t.Errorf("demo %t, clearing %s, zone %s, mode %s", r.Demo(), r.ClearingAccount(), r.TimeZone(), r.Mode())
	}
	text := string(ledgermap.Starter())
	for _, info := range settlement.Categories() {
		if info.Category != settlement.CategoryOther && !strings.Contains(text, "\n  "+string(info.Category)+": {") {
			t.Errorf("the starter has no entry for %s", info.Category)
		}
	}
}

func TestAccountCodesStayTextExactlyAsWritten(t *testing.T) {
	for _, code := range []string{"0401.10", "00123", "1e5", "0x1F", "12_30"} {
		r := rules(t, `principal: {account: "401.00"`, `principal: {account: `+code, `"401.00": {type: revenue`, code+`: {type: revenue`,
			`account: "401.00", project: "00000100.00"}
  - {tr`, `account: `+code+`, project: "00000100.00"}
  - {tr`)
		p := plan(t, r, august(row{kind: "Order/ItemPrice/Principal", amount: "10.00", posted: "2025-08-01 12:00:00"}).source(t), ledgermap.Input{})
		if got := p.Documents[0].Lines()[0].Account; got != code {
			t.Errorf("account %s became %s", code, got)
		}
	}
}

func TestRulesErrorsPointAtThePlace(t *testing.T) {
	_, err := ledgermap.LoadRules("books/rules.yaml", edited(t, `storage: {account: "612.00"`, `storage: {acount: "612.00"`))
	first, ok := errors.AsType[*ledgermap.RuleError](err)
	if !ok {
		t.Fatalf("got %v, want a RuleError", err)
	}
	lines := strings.Split(string(ledgermap.Starter()), "\n")
	if first.File != "books/rules.yaml" || !strings.HasPrefix(lines[first.Line-1], "  storage:") || first.Column != 13 ||
		!strings.Contains(first.Message, `"acount"`) || !strings.Contains(first.Message, "account") {
		t.Errorf("%s:%d:%d: %s", first.File, first.Line, first.Column, first.Message)
	}
	if !strings.Contains(err.Error(), `  storage: {acount: "612.00"`) {
		t.Errorf("the error shows no excerpt:\n%v", err)
	}
}

func TestAFileThatIsNotYAMLIsRefusedAtItsPlace(t *testing.T) {
	_, err := ledgermap.LoadRules("rules.yaml", edited(t, `storage: {account: "612.00", project: "00000100.00"}`, `storage: {account: "612.00"`))
	first, ok := errors.AsType[*ledgermap.RuleError](err)
	if !ok {
		t.Fatalf("got %v, want a RuleError", err)
	}
	lines := strings.Split(string(ledgermap.Starter()), "\n")
	if !strings.HasPrefix(lines[first.Line-1], "  storage:") || first.Column < 2 {
		t.Errorf("the fault in the line of storage is reported at %d:%d: %s", first.Line, first.Column, first.Message)
	}
}

func TestAMistakeIsShownInItsLineFromTheFirstToTheLast(t *testing.T) {
	text := "formats: 1\n" + string(ledgermap.Starter()) + "unheard: of"
	_, err := ledgermap.LoadRules("rules.yaml", []byte(text))
	for _, want := range []string{"1 | formats: 1\n", " | unheard: of\n"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the line %q is not shown:\n%v", want, err)
		}
	}
}

func TestRulesErrorsAreAllToldAtOnce(t *testing.T) {
	text := edited(t, "format: 1", "format: 2", "mode: journal ", "mode: gazette ", "currency: USD", "currency: DOLLAR", "accounts:\n", "accounts:\n  ? [a]\n  : {type: asset}\n")
	_, err := ledgermap.LoadRules("rules.yaml", append(text, "format: 3\nunheard: of\n"...))
	for _, want := range []string{`"2"`, `"gazette"`, `"DOLLAR"`, "a name in accounts is plain text", `"format" is already on line`, `"unheard"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not speak of %s:\n%v", want, err)
		}
	}
}

// TestR1_3_R9_1_R10_2_R11_3_R13_2_R13_4_LintRefusesWhatAControllerWouldNotSign names each mistake with the words that the answer must hold.
func TestR1_3_R9_1_R10_2_R11_3_R13_2_R13_4_LintRefusesWhatAControllerWouldNotSign(t *testing.T) {
	const kinds = "rules:\n"
	rule := func(text string) []string { return []string{kinds, kinds + "  - " + text + "\n"} }
	for name, c := range map[string]struct {
		pairs []string
		want  string
	}{
		"R9_1 tax on a revenue account":       {[]string{`tax: {account: "221.00"}`, `tax: {account: "401.00", project: "00000100.00"}`}, "revenue"},
		"R9_1 tax on an expense account":      {[]string{`facilitator_tax: {account: "221.00"}`, `facilitator_tax: {account: "711.00"}`}, "indirect"},
		"R9_1 tax by rule on revenue":         {rule(`{when: {category: tax, marketplace: Amazon.com}, account: "401.00", project: "00000100.00"}`), "revenue"},
		"R9_1 tax renamed as sales":           {rule(`{when: {transaction_type: Order, amount_type: ItemPrice, amount_description: Tax}, category: principal}`), "stays in it"},
		"R9_3 tax on fees without treatment":  {[]string{"fee_tax: {treatment: not-set}", `fee_tax: {account: "221.00"}`}, "treatment"},
		"R9_3 tax on fees as cost":            {[]string{"fee_tax: {treatment: not-set}", `fee_tax: {treatment: recoverable, account: "711.00"}`}, "unusual"},
		"R10_1 sales on an asset":             {[]string{`principal: {account: "401.00", project: "00000100.00"}`, `principal: {account: "116.00"}`}, "asset"},
		"R10_2 fee netted into revenue":       {[]string{`referral_fee: {account: "611.00"`, `referral_fee: {account: "401.00"`}, "revenue"},
		"R10_2 fee renamed as sales":          {rule(`{when: {category: referral_fee}, category: principal}`), "never part of revenue"},
		"R10_2 netting group of two classes":  {[]string{kinds, "netting:\n  - {name: net, categories: [principal, promotion]}\n" + kinds}, "one class"},
		"R10_4 reimbursement as sales":        {[]string{`reimbursement: {account: "801.00"}`, `reimbursement: {account: "401.00", project: "00000100.00"}`}, "reason"},
		"R11_1 reserve on a liability":        {[]string{`reserve_current: {account: "116.00"}`, `reserve_current: {account: "211.00"}`}, "liability"},
		"R11_1 reserve out of another place":  {[]string{`reserve_previous: {account: "116.00"}`, `reserve_previous: {account: "117.00"}`}, "different accounts"},
		"R11_1 reserve of another project":    {[]string{`reserve_current: {account: "116.00"}`, `reserve_current: {account: "116.00", project: "00000100.00"}`}, "different accounts or projects"},
		"R11_1 reserve by rule":               {rule(`{when: {category: reserve_current, marketplace: none}, account: "117.00"}`), "one account"},
		"R11_2 debt on an asset":              {[]string{`payable_to_amazon: {account: "211.00"}`, `payable_to_amazon: {account: "116.00"}`}, "asset"},
		"R11_3 loan repayment as expense":     {[]string{`loan: {account: "231.00"}`, `loan: {account: "711.00"}`}, "liability"},
		"R11_3 repayment with a reason":       {[]string{`loan: {account: "231.00"}`, `loan: {account: "711.00", reason: "because"}`}, "liability"},
		"R11_3 repayment by rule":             {rule(`{when: {transaction_type: other-transaction, amount_type: other-transaction, amount_description: Amazon Capital Services}, account: "711.00", reason: "because"}`), "liability"},
		"R11_3 every loan by rule":            {rule(`{when: {category: loan}, account: "711.00", reason: "because"}`), "liability"},
		"R11_3 interest without a reason":     {rule(`{when: {transaction_type: other-transaction, amount_type: other-transaction, amount_description: Lending interest}, category: loan, account: "711.00"}`), "reason"},
		"R13_2 star over taxes":               {rule(`{when: {transaction_type: "*", amount_type: "*", amount_description: "*"}, wildcard: true, category: tax}`), "star"},
		"R13_2 star over reserves":            {rule(`{when: {transaction_type: "*", amount_type: x, amount_description: "*"}, wildcard: true, category: reserve_current}`), "star"},
		"R13_2 star over loans":               {rule(`{when: {transaction_type: "*", amount_type: x, amount_description: "*"}, wildcard: true, category: loan}`), "star"},
		"R13_2 star over transfers":           {rule(`{when: {transaction_type: "*", amount_type: x, amount_description: "*"}, wildcard: true, category: charge}`), "star"},
		"R10_2 star over fees as sales":       {rule(`{when: {transaction_type: "*", amount_type: ItemFees, amount_description: "*", category: referral_fee}, wildcard: true, category: principal}`), "another class"},
		"R10_2 star over sales as other":      {rule(`{when: {transaction_type: "*", amount_type: x, amount_description: "*", category: principal}, wildcard: true, category: storage, reason: x}`), "another class"},
		"R11_4 failed transfer as liability":  {[]string{`failed_transfer: {account: "117.00"}`, `failed_transfer: {account: "211.00"}`}, "liability"},
		"R13_2 star without wildcard":         {rule(`{when: {transaction_type: "*", amount_type: x, amount_description: y}, category: storage}`), "wildcard: true"},
		"R13_2 star without category":         {rule(`{when: {transaction_type: "*", amount_type: x, amount_description: y}, wildcard: true, account: "612.00"}`), "category"},
		"R9_1 every line of a SKU as sales":   {rule(`{when: {sku: "B2B-*"}, category: principal, account: "401.00", project: "00000100.00"}`), "when: {category: principal"},
		"R10_2 every line of a shop as sales": {rule(`{when: {marketplace: Amazon.ca}, category: principal}`), "when: {category: principal"},
		"R13_1 every line of a month as fees": {rule(`{when: {fulfilment: AFN, from: 2025-08-01}, category: storage}`), "three words of a kind"},
		"R13_2 rule for every kind":           {rule(`{when: {marketplace: Amazon.ca}, account: "612.00"}`), "no account"},
		"R13_4 account not in the list":       {[]string{`storage: {account: "612.00"`, `storage: {account: "612.0"`}, "not in accounts"},
		"R13_4 project not in the list":       {[]string{`storage: {account: "612.00", project: "00000100.00"`, `storage: {account: "612.00", project: "00000100.01"`}, "not in projects"},
		"R13_4 control account":               {[]string{`"117.00": {type: asset,`, `"117.00": {type: asset, control: receivable,`}, "control account"},
		"R13_4 direct account, no project":    {[]string{`storage: {account: "612.00", project: "00000100.00"}`, `storage: {account: "612.00"}`}, "regular project"},
		"R13_4 indirect account with project": {[]string{`subscription: {account: "712.00"}`, `subscription: {account: "712.00", project: "00000100.00"}`}, "overhead project"},
		"R1_3 balance sheet without project":  {[]string{"closed_period: refuse ", "organisations: separate\nclosed_period: refuse "}, "separate balance sheets"},
		"lines on the clearing account":       {[]string{`micro_deposit: {account: "117.00"}`, `micro_deposit: {account: "115.00"}`}, "clearing account"},
		"lines on a bank account":             {[]string{`micro_deposit: {account: "117.00"}`, `micro_deposit: {account: "101.00"}`}, "bank reconciliation"},
		"the category other as a whole":       {[]string{`loan: {account: "231.00"}`, `other: {account: "231.00"}`}, "one by one"},
		"no place for debt":                   {[]string{`  payable_to_amazon: {account: "211.00"}`, ``}, "payable_to_amazon"},
		"another account for carried debt":    {rule(`{when: {category: payable_to_amazon, marketplace: Amazon.ca}, account: "117.00"}`), "one account"},
		"two rules for one line":              {rule("{when: {category: storage, sku: \"A*\"}, project: \"00000100.00\"}\n  - {when: {category: storage, sku: \"*B\"}, account: \"612.00\"}"), "same"},
		"a rule that never applies":           {rule(`{when: {category: storage, transaction_type: Order, amount_type: ItemPrice, amount_description: Principal}, account: "612.00"}`), "never applies"},
		"unknown kind without category":       {rule(`{when: {transaction_type: New, amount_type: New, amount_description: New}, account: "612.00"}`), "say with category"},
		"half a kind":                         {rule(`{when: {amount_description: Principal}, account: "401.00"}`), "three words"},
		"a rule that changes nothing":         {rule(`{when: {category: storage}}`), "changes nothing"},
		"an unknown placeholder":              {[]string{"Amazon {settlement} shipping labels", "Amazon {order} shipping labels"}, "{order}"},
		"a time zone that does not exist":     {[]string{"America/Los_Angeles", "America/Springfield"}, "America/Springfield"},
		"the machine's own time zone":         {[]string{"America/Los_Angeles", "Local"}, "Local"},
		"an alias":                            {[]string{"format: 1", "format: &one 1\nversion: *one", `version: "starter" `, "#"}, "plain text"},
		"a name twice":                        {[]string{"mode: journal ", "mode: journal\nmode: invoice "}, "already on line"},
		"two documents":                       {[]string{"format: 1", "format: 1\n---\nformat: 1"}, "YAML"},
		"not YAML":                            {[]string{"format: 1", "format: [1"}, "YAML"},
		"rates in a multi-currency company":   {[]string{kinds, "exchange: {account: \"801.00\"}\nrates:\n  - {currency: CAD, rate: \"0.7\", date: 2025-08-01, until: 2025-08-31, source: x}\n" + kinds}, "multi-currency"},
	} {
		t.Run(name, func(t *testing.T) {
			if c.want == "same" {
				c.want = "equally specific"
			}
			r, err := ledgermap.LoadRules("rules.yaml", edited(t, c.pairs...))
			if err == nil || r != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the answer does not speak of %q:\n%v", c.want, err)
			}
		})
	}
}

func TestR10_4_AStatedReasonAllowsAnUnusualAccount(t *testing.T) {
	rules(t, `reimbursement: {account: "801.00"}`,
		`reimbursement: {account: "401.00", project: "00000100.00", reason: "lost goods are sold to Amazon; auditors' memo of 2025-01-10"}`)
	rules(t, "rules:\n", `rules:
  - when: {transaction_type: other-transaction, amount_type: other-transaction, amount_description: Lending interest}
    category: loan
    account: "801.00"
    reason: interest, not repayment
`)
}

func TestALineMayMoveWithinItsClassWithoutAReason(t *testing.T) {
	rules(t, "rules:\n", "rules:\n  - {when: {category: referral_fee, marketplace: Amazon.ca}, category: programme_fee, account: \"711.00\"}\n")
}

func TestAPlanByTheStartersChartSaysSo(t *testing.T) {
	for line, want := range map[string]string{"chart: demo": "demo", "# chart": ""} {
		if p := plan(t, rules(t, "chart: demo", line), typical().source(t), ledgermap.Input{}); p.Chart != want {
			t.Errorf("with %s the plan's chart is %q", line, p.Chart)
		}
	}
}

func TestRulesHashIsThatOfTheFile(t *testing.T) {
	if a, b := rules(t), rules(t); a.Hash() != b.Hash() || len(a.Hash()) != 64 {
		t.Errorf("hashes %s and %s", a.Hash(), b.Hash())
	}
	if rules(t).Hash() == rules(t, "receipt: paid ", "receipt: deposit-date ").Hash() {
		t.Error("another policy has the same hash")
	}
}

func TestR13_3_RulesAreVersionedHashedAndDatedAndThePlanNamesThem(t *testing.T) {
	r := rules(t, `version: "starter"`, `version: "2025-08"`, "rules:\n", `rules:
  - {when: {category: principal, from: 2025-08-01}, account: "402.00"}
`)
	if r.Version() != "2025-08" {
		t.Errorf("version %q", r.Version())
	}
	p := plan(t, r, august(
		row{kind: sold, amount: "1.00", posted: noon("2025-07-31")}, row{kind: sold, amount: "2.00", posted: noon("2025-08-01")},
	).source(t), ledgermap.Input{})
	if p.Hashes.Rules != r.Hash() {
		t.Errorf("the plan names rules %s, made by %s", p.Hashes.Rules, r.Hash())
	}
	if before, after := p.Documents[0].Lines()[0].Account, p.Documents[1].Lines()[0].Account; before != "401.00" || after != "402.00" {
		t.Errorf("the rule of August is on %s in July and on %s in August", before, after)
	}
}

func TestR13_TheMostSpecificRuleWins(t *testing.T) {
	r := rules(t, `"401.00": {type: revenue`, `"401.10": {type: revenue}
  "401.20": {type: revenue}
  "401.30": {type: revenue}
  "401.40": {type: revenue}
  "401.50": {type: revenue}
  "401.60": {type: revenue}
  "401.70": {type: revenue}
  "401.00": {type: revenue`, "rules:\n", `rules:
  - {when: {category: principal, marketplace: Amazon.ca}, account: "401.10"}
  - {when: {category: principal, sku: "USED-*"}, account: "401.20"}
  - {when: {category: principal, sku: "USED-42"}, account: "401.30"}
  - {when: {category: principal, sku: "NEW-*-NEW"}, account: "401.30"}
  - {when: {category: principal, marketplace: none}, account: "401.60"}
  - {when: {category: principal, fulfilment: AFN}, account: "401.70"}
  - {when: {category: principal, marketplace: Amazon.ca, fulfilment: MFN}, account: "401.40"}
  - {when: {category: principal, from: 2025-08-01, until: 2025-08-31, marketplace: Amazon.ca, fulfilment: MFN}, account: "401.50"}
`)
	for name, c := range map[string]struct {
		row  row
		want string
	}{
		"category alone":                      {row{market: "Amazon.com"}, "401.00"},
		"no marketplace":                      {row{}, "401.60"},
		"marketplace":                         {row{market: "Amazon.ca"}, "401.10"},
		"marketplace in other case":           {row{market: "amazon.CA"}, "401.10"},
		"SKU pattern before marketplace":      {row{market: "Amazon.ca", sku: "USED-7"}, "401.20"},
		"whole SKU before pattern":            {row{market: "Amazon.ca", sku: "USED-42"}, "401.30"},
		"a SKU is meant to its end":           {row{market: "Amazon.com", sku: "USED-421"}, "401.20"},
		"no letter counts for both ends":      {row{market: "Amazon.com", sku: "NEW-NEW"}, "401.00"},
		"channel":                             {row{market: "Amazon.com", fulfilment: "AFN"}, "401.70"},
		"marketplace before channel":          {row{market: "Amazon.ca", fulfilment: "AFN"}, "401.10"},
		"marketplace and channel":             {row{market: "Amazon.ca", fulfilment: "MFN", posted: "2025-07-31 12:00:00"}, "401.40"},
		"dates before none":                   {row{market: "Amazon.ca", fulfilment: "MFN"}, "401.50"},
		"dates are in the ledger's time zone": {row{market: "Amazon.ca", fulfilment: "MFN", posted: "2025-08-01 06:59:59"}, "401.40"},
	} {
		t.Run(name, func(t *testing.T) {
			c.row.kind, c.row.amount = "Order/ItemPrice/Principal", "10.00"
			if c.row.posted == "" {
				c.row.posted = "2025-08-01 12:00:00"
			}
			p := plan(t, r, august(c.row).source(t), ledgermap.Input{})
			if got := p.Documents[0].Lines()[0].Account; got != c.want {
				t.Errorf("on account %s, want %s", got, c.want)
			}
		})
	}
}

// A rule for a SKU or a marketplace moves what is known and says nothing of what is not.
func TestR13_1_ARuleForEveryLineOfASKUMapsNoUnknownKind(t *testing.T) {
	r := rules(t, "projects:\n", "projects:\n  \"00000101.00\": {type: regular}\n",
		"\nrules:\n", "\nrules:\n  - {when: {sku: \"B2B-*\"}, project: \"00000101.00\"}\n  - {when: {marketplace: Amazon.ca}, description: \"Canada {settlement}\"}\n")
	s := august(
		row{kind: sold, amount: "10.00", posted: noon("2025-08-02"), sku: "B2B-1"}, row{kind: "Order/ItemPrice/Tax", amount: "1.00", posted: noon("2025-08-02"), sku: "B2B-1"},
	)
	if got := shape(plan(t, r, s.source(t), ledgermap.Input{})); !strings.Contains(got, "401.00/00000101.00 -10.00") || !strings.Contains(got, "221.00 -1.00") {
		t.Errorf("planned\n%s", got)
	}
	for _, odd := range []row{{kind: "Order/ItemPrice/Gold", sku: "B2B-1"}, {kind: "Order/ItemPrice/Gold", market: "Amazon.ca"}} {
		odd.amount, odd.posted = "3.00", noon("2025-08-02")
		s := s
		s.rows = append(s.rows[:2:2], odd)
		if refused := refusal(t, r, s.source(t), ledgermap.Input{}); refused.Code != ledgermap.RefusedUnmapped || len(refused.Kinds) != 1 {
			t.Errorf("%+v: %v", odd, refused)
		}
	}
}

// TestTheStartersSuggestionsWork takes the comment marks from the rules that the starter suggests.
func TestTheStartersSuggestionsWork(t *testing.T) {
	r := rules(t,
		"#  - {when: {marketplace: Amazon.ca}", "  - {when: {marketplace: Amazon.ca}", "#  - {when: {category: principal, sku", "  - {when: {category: principal, sku",
		"#  - when: {transaction_type", "  - when: {transaction_type", "#    category: programme_fee", "    category: programme_fee",
		"projects:\n", "projects:\n  \"00000101.00\": {type: regular}\n", "accounts:\n", "accounts:\n  \"403.00\": {type: revenue}\n",
	)
	p := plan(t, r, august(
		row{kind: sold, amount: "10.00", posted: noon("2025-08-02"), market: "Amazon.ca"},
		row{kind: sold, amount: "7.00", posted: noon("2025-08-02"), market: "Amazon.com", sku: "USED-1"},
		row{kind: "Order/ItemPrice/Tax", amount: "1.00", posted: noon("2025-08-02"), market: "Amazon.ca"},
		row{kind: "other-transaction/other-transaction/Fee for something new", amount: "-2.00", posted: noon("2025-08-02"), market: "Amazon.ca"},
	).source(t), ledgermap.Input{})
	want := `1 A journal 202508 2025-08-02 
  401.00/00000101.00 -10.00 principal
  403.00/00000100.00 -7.00 principal
  221.00 -1.00 tax
  711.00 2.00 programme_fee
  115.00 16.00 clearing
`
	if got := shape(p); !strings.HasPrefix(got, want) {
		t.Errorf("planned\n%s\nwant\n%s", got, want)
	}
}

// TestR11_2_NoRuleMovesTheDebtAwayFromItsCarry: the report's Payable to Amazon row must meet the carry of the
// settlement before, on account and project.
func TestR11_2_NoRuleMovesTheDebtAwayFromItsCarry(t *testing.T) {
	r := rules(t, `payable_to_amazon: {account: "211.00"}`, `payable_to_amazon: {account: "211.00", project: "00000100.00"}`,
		"projects:\n", "projects:\n  \"00000101.00\": {type: regular}\n", "\nrules:\n", "\nrules:\n  - {when: {marketplace: none}, project: \"00000101.00\"}\n")
	p := plan(t, r, august(row{kind: payable, amount: "-5.00", posted: noon("2025-08-02")}).source(t), ledgermap.Input{})
	for _, d := range p.Documents {
		for _, l := range d.Lines() {
			if l.Account == owed && l.WBS1 != "00000100.00" {
				t.Errorf("document %d has the debt on project %q", d.Ordinal(), l.WBS1)
			}
		}
	}
}
