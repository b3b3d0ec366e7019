package vantagepointtest

import (
	"fmt"
	"time"
)

// DemoAccounts returns the chart of a tenant that names none of its own. It holds every account of the rules that are marked
// "chart: demo".
func DemoAccounts() []Account {
	accounts := []Account{
		{Number: "101.00", Name: "Cash, operating account", Type: Asset},
		{Number: "111.00", Name: "Accounts receivable", Type: Asset},
		{Number: "115.00", Name: "Amazon clearing", Type: Asset},
		{Number: "116.00", Name: "Amazon reserve", Type: Asset},
		{Number: "117.00", Name: "Failed transfers", Type: Asset},
		{Number: "201.00", Name: "Accounts payable", Type: Liability},
		{Number: "211.00", Name: "Payable to Amazon", Type: Liability},
		{Number: "221.00", Name: "Sales tax payable", Type: Liability},
		{Number: "231.00", Name: "Amazon loan", Type: Liability},
		{Number: "301.00", Name: "Retained earnings", Type: NetWorth},
		{Number: "302.00", Name: "Current-year profit", Type: NetWorth},
		{Number: "401.00", Name: "Product sales", Type: Revenue},
		{Number: "402.00", Name: "Shipping revenue", Type: Revenue},
		{Number: "409.00", Name: "Refunds", Type: Revenue},
		{Number: "511.00", Name: "Reimbursable expenses", Type: Reimbursable},
		{Number: "611.00", Name: "Direct selling fees", Type: Direct},
		{Number: "612.00", Name: "Direct fulfilment fees", Type: Direct},
		{Number: "701.00", Name: "Salaries", Type: Indirect},
		{Number: "711.00", Name: "Advertising", Type: Indirect},
		{Number: "712.00", Name: "Selling fees", Type: Indirect},
		{Number: "801.00", Name: "Other income", Type: Other},
	}
	for _, currency := range foreign() {
		accounts = append(accounts, Account{Number: "102." + currency, Name: "Cash, " + currency + " account", Type: Asset})
	}
	return accounts
}

// foreign are the currencies, beside the US dollar, in which Amazon pays out.
func foreign() []string {
	return []string{
		"AED", "AUD", "BRL", "CAD", "EGP", "EUR", "GBP", "INR", "JPY", "MXN", "PLN", "SAR", "SEK", "SGD", "TRY", "ZAR",
	}
}

// DemoProjects returns the projects of a tenant that names none of its own: one overhead project, one regular project
// without lower levels and one with three levels.
func DemoProjects() []Project {
	return []Project{
		{WBS1: "00000000.00", Name: "Overhead", Org: "A0.00", ChargeType: "H"},
		{WBS1: "00000100.00", Name: "Online shop", Org: "A0.00"},
		{WBS1: "00000200.00", Name: "Shop relaunch", Org: "A0.01"},
		{WBS1: "00000200.00", WBS2: "01", Name: "Design", Org: "A0.01"},
		{WBS1: "00000200.00", WBS2: "01", WBS3: "A", Name: "Concept", Org: "A0.01"},
	}
}

// DemoBanks returns the banks of a tenant that names none of its own: OPER in the company's currency, and one for each of
// the other currencies, under the currency's code.
func DemoBanks() []Bank {
	banks := []Bank{{Code: "OPER", Name: "Operating account", Account: "101.00"}}
	for _, currency := range foreign() {
		banks = append(banks, Bank{Code: currency, Name: currency + " account", Account: "102." + currency, Currency: currency})
	}
	return banks
}

// Months returns calendar months as periods, from January of the first year to December of the last.
func Months(firstYear, lastYear int) []Period {
	var periods []Period
	for year := firstYear; year <= lastYear; year++ {
		for month := time.January; month <= time.December; month++ {
			start := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
			periods = append(periods, Period{
				Number:    year*100 + int(month),
				Start:     start.Format(time.DateOnly),
				End:       start.AddDate(0, 1, -1).Format(time.DateOnly),
				YearStart: fmt.Sprintf("%04d-01-01", year),
				YearEnd:   fmt.Sprintf("%04d-12-31", year),
			})
		}
	}
	return periods
}
