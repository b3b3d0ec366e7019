package ledgermap

import (
	"encoding/json"
	"maps"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Schema is the JSON schema of the rules file, for editors that complete and check YAML. It knows the names, the
// words and their meaning; what fits together only [LoadRules] knows.
func Schema() []byte {
	type m = map[string]any
	text := func(about string) m { return m{"type": "string", "description": about} }
	words := func(about string, list ...string) m { return m{"enum": list, "description": about} }
	flag := func(about string) m { return m{"type": "boolean", "description": about} }
	object := func(about string, properties m, required ...string) m {
		o := m{"type": "object", "description": about, "properties": properties, "additionalProperties": false}
		if len(required) > 0 {
			o["required"] = required
		}
		return o
	}
	list := func(about string, items m) m { return m{"type": "array", "description": about, "items": items} }
	table := func(about, names string, values m) m {
		return m{"type": "object", "description": about, "propertyNames": m{"pattern": names}, "additionalProperties": values}
	}
	// Quotes are demanded although our own reader does without: another parser makes 401.1 of 0401.10.
	account := m{"type": "string", "pattern": accountCode.String(), "description": "Account code in quotes, exactly as in the chart."}
	day := m{"type": "string", "pattern": `^\d{4}-\d{2}-\d{2}$`, "description": "A day like 2025-12-31, in the ledger's time zone."}
	currency := m{"type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 code."}

	entry := func(more m) m {
		properties := m{
			"account": account, "project": text("Project (WBS1)."), "phase": text("Phase (WBS2)."), "task": text("Task (WBS3)."),
			"description": text("Text of the ledger line; knows {settlement}, {seller}, {category}, {title}, {currency}, {period} and {group}."),
		}
		maps.Copy(properties, more)
		return properties
	}
	var names []string
	categories := m{}
	for _, info := range settlement.Categories() {
		names = append(names, string(info.Category))
		if info.Category == settlement.CategoryOther {
			continue
		}
		more := m{"reason": text("Why an account of an unusual type is right.")}
		if info.Category == settlement.CategoryFeeTax {
			more["treatment"] = words("Whether the tax office gives it back.", "not-set", "recoverable", "cost")
		}
		categories[string(info.Category)] = object(info.Meaning, entry(more))
	}
	var types []string
	for _, t := range accountTypes() {
		types = append(types, string(t))
	}
	category := m{"enum": names, "description": "What the line is."}
	kind := m{
		"transaction_type": text("As in the report; one star stands for any characters."), "amount_type": text("As in the report."),
		"amount_description": text("As in the report."),
	}
	when := m{
		"category": category, "marketplace": text("As Amazon.com; none for a blank one."), "sku": text("A SKU, or a pattern with one star."),
		"fulfilment": words("Fulfilment channel.", "AFN", "MFN"), "from": day, "until": day,
	}
	example := m{
		"marketplace": text("As Amazon.com."), "sku": text("SKU."), "fulfilment": words("Fulfilment channel.", "AFN", "MFN"), "posted": day,
		"account": account, "project": text("Project (WBS1)."),
	}
	for name, schema := range kind {
		when[name], example[name] = schema, schema
	}
	schema := object("How Amazon settlements are booked into Vantagepoint.", m{
		"format": m{"enum": []any{1, "1"}, "description": "Edition of this file's format."}, "version": text("Your label for this edition of the rules."),
		"chart": words("demo while the accounts are examples.", "demo", ""),
		"company": object("The company.", m{
			"code": text("Company code."), "currency": currency, "multi_currency": flag("Documents stay in the settlement's currency; the ledger translates."),
		}, "currency"),
		"time_zone": text("Zone in which posting times become dates, as America/New_York."),
		"mode":      words("Which documents.", string(ModeJournal), string(ModeInvoice)),
		"summarise": words("One ledger line per what.", "category", "order", "sku"),
		"receipt":   words("When the receipt may be booked.", "paid", "deposit-date"), "closed_period": words("What happens in a closed period.", "refuse", "next-open-period"),
		"organisations": words("Whether organisations keep balance sheets of their own.", "together", "separate"),
		"clearing":      object("What Amazon owes.", entry(nil), "account"), "exchange": object("Realised exchange differences.", entry(nil), "account"),
		"accrual": object("What Amazon has deferred.", entry(nil), "account"),
		"invoice": object("Invoice mode.", m{"receivable": object("Accounts receivable, and the marketplace project.", entry(nil), "account")}),
		"banks":   table("Bank account by settlement currency.", "^[A-Z]{3}$", object("A bank.", entry(m{"charge": object("Where debts are collected from.", entry(nil), "account")}), "account")),
		"rates": list("Exchange rates.", object("Units of the company's currency for one unit of the other.", m{
			"currency": currency, "rate": m{"type": "string", "pattern": ratePattern.String()}, "date": day, "until": day, "source": text("Who publishes it."),
		}, "currency", "rate", "date", "until", "source")),
		"accounts": table("Accounts that the rules may post to.", accountCode.String(), object("An account.", m{
			"name": text("Name."), "type": words("Account type.", types...), "control": words("Account that journals must not touch.", "receivable", "payable", "current_year", ""),
		}, "type")),
		"projects": table("Projects that the rules may post to.", "^.{1,30}$", object("A project.", m{
			"name": text("Name."), "type": words("Project type.", "regular", "overhead"), "company": text("Company code."), "organisation": text("Organisation."),
		}, "type")),
		"due": list("Accounts between companies or organisations.", object("Both sides.", m{
			"company": text("The other company."), "organisation": text("The other organisation."),
			"here": object("In the books of the clearing account.", entry(nil), "account"), "there": object("In the other books.", entry(nil), "account"),
		}, "here", "there")),
		"categories": object("Where each category of line goes.", categories),
		"netting": list("Categories netted in one line.", object("A group.", m{
			"name": text("Its name."), "categories": list("Its categories.", category),
		}, "name", "categories")),
		"rules": list("Rules for some lines; the most specific wins.", object("A rule.", entry(m{
			"when": object("Which lines.", when), "category": category, "wildcard": flag("The kind has a star."), "reason": text("Why an unusual account is right."),
		}), "when")),
		"examples": list("Lines and where you expect them.", object("An example.", example)),
	}, "format", "company", "time_zone", "clearing", "accounts", "categories")
	schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	schema["title"] = "Rules of amazon-vantagepoint"
	data, err := json.MarshalIndent(schema, "", "  ")
	if err != nil {
		return nil // it is made of texts and lists alone
	}
	return append(data, '\n')
}
