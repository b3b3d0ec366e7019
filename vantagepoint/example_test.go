package vantagepoint_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint/vantagepointtest"
)

// demo is a tenant in memory, in place of https://acme.deltekfirst.com/acme/api.
func demo() vantagepoint.Config {
	tenant, err := vantagepointtest.New(vantagepointtest.Options{
		Company: "A0",
		Employees: []vantagepointtest.Employee{
			{Employee: "00001", FirstName: "Ada", LastName: "Byron"},
			{Employee: "00002", FirstName: "Emmy", LastName: "Noether"},
			{Employee: "00003", FirstName: "Grace", LastName: "Hopper"},
		},
	})
	if err != nil {
		panic(err) // the options above are right
	}
	return vantagepoint.Config{
		BaseURL: tenant.BaseURL(), Transport: tenant.Transport(), Database: "DEMO",
		Username: vantagepointtest.DemoUser, Password: vantagepoint.NewSecret(vantagepointtest.DemoPassword),
		ClientID: vantagepointtest.DemoClientID, ClientSecret: vantagepoint.NewSecret(vantagepointtest.DemoClientSecret),
	}
}

func ExampleClient_LogIn() {
	ctx, config := context.Background(), demo()
	client, err := vantagepoint.NewClient(config)
	if err != nil {
		log.Fatal(err)
	}
	if err := client.LogIn(ctx); err != nil {
		log.Fatal(err)
	}
	company, err := client.Settings.ActiveCompany(ctx)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("working in", company.Company, company.FunctionalCurrencyCode)

	config.Password = vantagepoint.NewSecret("wrong")
	client, err = vantagepoint.NewClient(config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(errors.Is(client.LogIn(ctx), vantagepoint.ErrCredentials))
	// Output:
	// working in A0 USD
	// true
}

func ExampleRecords_List() {
	client, err := vantagepoint.NewClient(demo())
	if err != nil {
		log.Fatal(err)
	}
	query := vantagepoint.Query{Order: "Employee", PageSize: 2} // two pages
	for employee, err := range client.Employees.List(context.Background(), query) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(employee.Employee, employee.LastName)
	}
	// Output:
	// 00001 Byron
	// 00002 Noether
	// 00003 Hopper
}

func ExampleTransactions_FindOrCreate() {
	client, err := vantagepoint.NewClient(demo())
	if err != nil {
		log.Fatal(err)
	}
	journal := vantagepoint.Journal{
		Control: vantagepoint.JournalControl{Batch: vantagepoint.BatchName("JE", "acme-us/12345/1"), Description: "Settlement 12345", Period: 202401},
		Masters: []vantagepoint.JournalMaster{{RefNo: "12345A", TransDate: vantagepoint.NewDate(2024, time.January, 16), Description: "Amazon 12345"}},
		Details: []vantagepoint.JournalDetail{
			{Account: "115.00", DebitAmount: vantagepoint.MustAmount("83.17"), Description: "Clearing"},
			{Account: "611.00", WBS1: "00000100.00", DebitAmount: vantagepoint.MustAmount("16.83"), Description: "Referral fees"},
			{Account: "401.00", WBS1: "00000100.00", CreditAmount: vantagepoint.MustAmount("100.00"), Description: "Sales"},
		},
	}
	for range 2 { // once, however often it is called
		stored, outcome, err := client.Journals.FindOrCreate(context.Background(), journal)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(outcome, stored.Control.Batch, stored.Masters[0].RefNo, stored.Control.SumDebitsTotal)
	}

	journal.Details[1].DebitAmount, journal.Details[0].DebitAmount = vantagepoint.MustAmount("17.83"), vantagepoint.MustAmount("82.17")
	_, _, err = client.Journals.FindOrCreate(context.Background(), journal)
	if e, ok := errors.AsType[*vantagepoint.Error](err); ok && errors.Is(err, vantagepoint.ErrConflict) {
		fmt.Println(e.Class, e.Differences[0])
	}
	// Output:
	// created JEPD2ORQHNVJUQWCU6642WRUMQXCBA 00000012345A 100
	// found JEPD2ORQHNVJUQWCU6642WRUMQXCBA 00000012345A 100
	// conflict line 1 amount: sent "82.17", stored "83.17"
}

func ExampleTransactions_Post() {
	ctx := context.Background()
	client, err := vantagepoint.NewClient(demo())
	if err != nil {
		log.Fatal(err)
	}
	receipt := vantagepoint.Receipt{
		Control: vantagepoint.ReceiptControl{Batch: "CR-12345", Description: "Payout 12345", Period: 202401, DefaultBank: "OPER"},
		Masters: []vantagepoint.ReceiptMaster{{RefNo: "240118A", TransDate: vantagepoint.NewDate(2024, time.January, 18)}},
		Details: []vantagepoint.ReceiptDetail{{Account: "115.00", Amount: vantagepoint.MustAmount("83.17")}},
	}
	if _, _, err := client.Receipts.FindOrCreate(ctx, receipt); err != nil {
		log.Fatal(err)
	}
	result, err := client.Receipts.Post(ctx, "CR-12345")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(result.State, result.Verified, result.Period, result.Text)

	period := vantagepoint.Query{Filter: vantagepoint.Filter{{Name: "Period", Value: "202401", Type: "int"}}}
	for row, err := range client.Ledger.Rows(ctx, "CR", period) {
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(row.Account, row.Amount, bool(row.AutoEntry))
	}
	// Output:
	// posted true 202401 Cash Receipts file CR-12345; 1 of 1 records posted; Posting sequence 194
	// 115.00 -83.17 false
	// 101.00 83.17 true
}

func ExampleClient_Do() {
	client, err := vantagepoint.NewClient(demo())
	if err != nil {
		log.Fatal(err)
	}
	var rows []map[string]any
	request := vantagepoint.Request{Path: []string{"AccountingCompanyConfig", "CFGAutoPosting"}}
	if err := client.Do(context.Background(), request, &rows); err != nil {
		log.Fatal(err)
	}
	fmt.Println(len(rows))
	// Output: 1
}
