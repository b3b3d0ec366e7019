package ledgermap_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
)

// What a rules file can be wrong in besides what a controller would not sign: each mistake with words of its answer.
func TestMistakesInRulesAreNamed(t *testing.T) {
	const kinds, storage = "\nrules:\n", `storage: {account: "612.00", project: "00000100.00"}`
	rule := func(text string) []string { return []string{kinds, kinds + "  - " + text + "\n"} }
	rates := func(exchange string, list ...string) []string {
		return []string{"multi_currency: true", "multi_currency: false", kinds, "\n" + exchange + "rates:\n  - " + strings.Join(list, "\n  - ") + kinds}
	}
	rate := func(currency, value, from, until string) string {
		return `{currency: ` + currency + `, rate: "` + value + `", date: ` + from + `, until: ` + until + `, source: x}`
	}
	const exchange = "exchange: {account: \"801.00\"}\n"
	netting := func(groups string) []string { return []string{kinds, "\nnetting:\n" + groups + kinds} }
	invoice := func(text string) []string { return []string{"mode: journal ", text + "mode: invoice "} }
	projects := func(more string) []string { return []string{"projects:\n", "projects:\n" + more} }
	away := func(entry string) []string { // the entry with a project of another company
		return append(projects("  \"B\": {type: regular, company: B0}\n"), entry, entry+`, project: "B"`)
	}
	for name, c := range map[string]struct {
		pairs []string
		want  string
	}{
		"clearing of another company":            {append(projects("  \"B\": {type: regular, company: B0}\n"), `clearing: {account: "115.00"}`, `clearing: {account: "115.00", project: "B"}`), "B0"},
		"a due on the wrong side":                {append(projects("  \"B\": {type: regular, company: B0}\n"), kinds, "\ndue:\n  - {company: B0, here: {account: \"117.00\", project: B}, there: {account: \"211.00\", project: B}}\n"+kinds[1:]), "books of the clearing account"},
		"a project that accounts cannot take":    {append(projects("  \"OH\": {type: overhead}\n"), rule(`{when: {marketplace: Amazon.ca}, project: "OH"}`)...), "needs a regular project"},
		"a due on an expense account here":       {append(projects("  \"B\": {type: regular, company: B0}\n"), kinds, "\ndue:\n  - {company: B0, here: {account: \"712.00\"}, there: {account: \"211.00\", project: B}}\n"+kinds[1:]), "due here belongs on"},
		"a due on an expense account there":      {append(projects("  \"B\": {type: regular, company: B0}\n"), kinds, "\ndue:\n  - {company: B0, here: {account: \"117.00\"}, there: {account: \"801.00\", project: B}}\n"+kinds[1:]), "due there belongs on"},
		"a bank in other books":                  {away(`USD: {account: "101.00"`), "a bank has to be in the books"},
		"an exchange account in other books":     {append(projects("  \"B\": {type: regular, company: B0}\n"), rates("exchange: {account: \"801.00\", project: \"B\"}\n", rate("CAD", "0.7", "2025-08-01", "2025-08-31"))...), "exchange has to be in the books"},
		"an accrual account in other books":      {append([]string{`# accrual: {account: "118.00"}`, `accrual: {account: "117.00"}`}, away(`accrual: {account: "117.00"`)...), "accrual has to be in the books"},
		"a carried debt in other books":          {away(`payable_to_amazon: {account: "211.00"`), "payable_to_amazon has to be in the books"},
		"a failed transfer in other books":       {away(`failed_transfer: {account: "117.00"`), "failed_transfer has to be in the books"},
		"an account for tax that is not treated": {[]string{"fee_tax: {treatment: not-set}", `fee_tax: {treatment: not-set, account: "221.00"}`}, "so it has no account"},
		"a category without an account":          {[]string{storage, `storage: {project: "00000100.00"}`}, "storage has no account"},
		"a phase without a project":              {[]string{`loan: {account: "231.00"}`, `loan: {account: "231.00", phase: "01"}`}, "needs a project"},
		"a task without a project":               {[]string{`loan: {account: "231.00"}`, `loan: {account: "231.00", task: "01"}`}, "needs a project"},
		"all of other by a rule":                 {rule(`{when: {category: other}, account: "801.00"}`), "one by one"},
		"a rule without any account":             {rule(`{when: {category: fee_tax}, project: "00000100.00"}`), "neither this rule nor"},
		"a fee becomes a reimbursement":          {rule(`{when: {category: referral_fee}, category: reimbursement}`), "say why"},
		"sales become a fee":                     {rule(`{when: {category: principal}, category: storage}`), "say why"},
		"a rate of the own currency":             {rates(exchange, rate("USD", "1.0", "2025-08-01", "2025-08-31")), "own currency"},
		"a rate that ends before it begins":      {rates(exchange, rate("CAD", "0.7", "2025-08-31", "2025-08-01")), "until is before date"},
		"rates without an exchange account":      {rates("", rate("CAD", "0.7", "2025-08-01", "2025-08-31")), "exchange account"},
		"two rates for one day":                  {rates(exchange, rate("CAD", "0.7", "2025-08-01", "2025-08-31"), rate("CAD", "0.8", "2025-08-31", "2025-09-30")), "same days"},
		"a rate that is no number":               {rates(exchange, rate("CAD", "seven", "2025-08-01", "2025-08-31")), "seven"},
		"a rate of zero":                         {rates(exchange, rate("CAD", "0.00", "2025-08-01", "2025-08-31")), "0.00"},
		"invoices without a receivable":          {invoice(""), "receivable"},
		"a receivable without a project":         {append(invoice("invoice: {receivable: {account: \"111.00\"}}\n"), `  "115.00": {type: asset`, "  \"111.00\": {type: asset, control: receivable}\n  \"115.00\": {type: asset"), "marketplace project"},
		"netting of what has no account":         {netting("  - {name: n, categories: [storage, fee_tax]}\n"), "no account of its own"},
		"netting over two accounts":              {netting("  - {name: n, categories: [referral_fee, storage]}\n"), "netting n: storage and referral_fee have different accounts"},
		"netting in two groups":                  {netting("  - {name: n, categories: [storage, inbound]}\n  - {name: m, categories: [storage, removal]}\n"), "already in n"},
		"netting of one category":                {netting("  - {name: n, categories: [storage]}\n"), "two or more"},
		"an unknown category":                    {[]string{"  storage:", "  storrage:"}, `"storrage" is no category`},
		"a rule into an unknown category":        {rule(`{when: {category: storage}, category: storrage}`), `"storrage" is no category`},
		"a rule for an unknown category":         {rule(`{when: {category: storrage}, account: "612.00"}`), `"storrage" is no category`},
		"two stars in one word":                  {rule(`{when: {category: storage, sku: "A*B*"}, account: "612.00"}`), "more than one star"},
		"wildcard without a star":                {rule(`{when: {category: storage}, wildcard: true, account: "612.00"}`), "no star"},
		"an empty word of a kind":                {rule(`{when: {transaction_type: "", amount_type: x, amount_description: y}, category: storage}`), "empty"},
		"a rule that ends before it begins":      {rule(`{when: {category: storage, from: 2025-08-02, until: 2025-08-01}, account: "612.00"}`), "until is before from"},
		"a rule for nothing":                     {rule(`{account: "612.00"}`), "needs when"},
		"a day that does not exist":              {rule(`{when: {category: storage, from: 2025-02-30}, account: "612.00"}`), "2025-02-30"},
		"a bank of no currency":                  {[]string{"  USD: {account: \"101.00\"}", "  DOLLAR: {account: \"101.00\"}"}, "DOLLAR"},
		"an account code with a blank":           {[]string{`"117.00": {type: asset`, `"11 7.00": {type: asset`}, "11 7.00"},
		"a project code with a blank at its end": {projects("  \"1 \": {type: regular}\n"), `"1 "`},
		"an empty value":                         {[]string{"mode: journal ", "mode:\n#"}, "mode"},
		"dues in invoice mode": {append(append(invoice("invoice: {receivable: {account: \"111.00\", project: \"00000100.00\"}}\ndue:\n  - {company: B0, here: {account: \"117.00\"}, there: {account: \"211.00\", project: B}}\n"),
			`  "115.00": {type: asset`, "  \"111.00\": {type: asset, control: receivable}\n  \"115.00\": {type: asset"), projects("  \"B\": {type: regular, company: B0}\n")...), "one company"},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := ledgermap.LoadRules("rules.yaml", edited(t, c.pairs...))
			if err == nil || r != nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("the answer does not speak of %q:\n%v", c.want, err)
			}
		})
	}
	mebibyte := append(edited(t), bytes.Repeat([]byte("#"), 1<<20-len(edited(t)))...)
	if _, err := ledgermap.LoadRules("rules.yaml", mebibyte); err != nil {
		t.Errorf("a file of one mebibyte: %v", err)
	}
	if _, err := ledgermap.LoadRules("rules.yaml", append(mebibyte, '#')); err == nil || !strings.Contains(err.Error(), "rules.yaml") {
		t.Errorf("a file of a byte more: %v", err)
	}
}

// What an entry needs is asked for whichever part of it is missing.
func TestWhatIsMissingInAnEntryIsNamed(t *testing.T) {
	const kinds = "\nrules:\n"
	for name, c := range map[string]struct {
		old, form string   // old becomes form, in which the entry stands
		parts     []string // of the entry; without any one of them it is refused
		want      string
	}{
		"rates":            {kinds, "\nexchange: {account: \"801.00\"}\nrates:\n  - ENTRY" + kinds, []string{"currency: CAD", `rate: "0.7"`, "date: 2025-08-01", "until: 2025-08-31", "source: x"}, "needs currency, rate, date, until and source"},
		"due":              {kinds, "\ndue:\n  - ENTRY" + kinds, []string{"company: B0", `here: {account: "117.00"}`, `there: {account: "211.00"}`}, "due needs a company"},
		"netting":          {kinds, "\nnetting:\n  - ENTRY" + kinds, []string{"name: n", "categories: [storage, inbound]"}, "netting needs"},
		"projects":         {"projects:\n", "projects:\n  \"B\": ENTRY\n", []string{"type: regular"}, "project B has no type"},
		"accounts":         {"accounts:\n", "accounts:\n  \"9\": ENTRY\n", []string{"type: asset"}, "account 9 has no type"},
		"banks":            {"banks:\n", "banks:\n  BGN: ENTRY\n", []string{`account: "101.00"`}, "the bank for BGN has no account"},
		"charges of banks": {"banks:\n", "banks:\n  BGN: {account: \"101.00\", charge: ENTRY}\n", []string{`account: "101.00"`}, "charge of a bank has no account"},
	} {
		load := func(parts []string) error {
			_, err := ledgermap.LoadRules("rules.yaml", edited(t, "multi_currency: true", "multi_currency: false", c.old, strings.Replace(c.form, "ENTRY", "{"+strings.Join(parts, ", ")+"}", 1)))
			return err
		}
		if err := load(c.parts); err != nil {
			t.Errorf("%s: whole, and refused: %v", name, err)
		}
		for i := range c.parts {
			if err := load(slices.Delete(slices.Clone(c.parts), i, i+1)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s without %s: %v", name, c.parts[i], err)
			}
		}
	}
	_, err := ledgermap.LoadRules("rules.yaml", []byte("version: x\n"))
	for _, section := range []string{"format", "company", "time_zone", "clearing", "accounts", "categories"} {
		if err == nil || !strings.Contains(err.Error(), section+" is missing") {
			t.Errorf("without %s: %v", section, err)
		}
	}
}

func TestRulesTellWhatTheyAreFor(t *testing.T) {
	r := rules(t, `code: ""`, `code: "A0"`)
	bank, ok := r.Bank(currency(t, "CAD"))
	if r.Company() != "A0" || !r.MultiCurrency() || r.Location().String() != "America/Los_Angeles" || bank != "102.CAD" || !ok {
		t.Errorf("company %q, multi-currency %v, zone %s, bank %q", r.Company(), r.MultiCurrency(), r.Location(), bank)
	}
	if _, ok := r.Bank(currency(t, "KWD")); ok {
		t.Error("there is a bank for dinars")
	}
	for code := 1; code <= 10; code++ {
		if word := ledgermap.AccountTypeOf(code); word == "" || word.Code() != code {
			t.Errorf("type %d is %q, which is type %d", code, word, word.Code())
		}
	}
	if ledgermap.AccountTypeOf(0) != "" || ledgermap.AccountTypeOf(11) != "" || ledgermap.AccountType("cash").Code() != 0 {
		t.Error("numbers and words that are no type have one")
	}
	if p := rules(t, "projects:\n", "projects:\n  \"00000099.00\": {type: regular}\n").Projects(); len(p) != 2 || p[0].Code != "00000099.00" {
		t.Errorf("projects %v", p)
	}
}
