package vantagepointtest

import "cmp"

// docType is one kind of transaction: its words and its tables.
type docType struct {
	prefix string // "je"
	trans  string // "JE"
	label  string // "Journal Entries", as PostTransFile's messages say
	record string // the column that numbers records: RefNo, Invoice, CheckNo, MasterPKey

	control, master, detail, tax *table // tax is nil where there is none
}

// docTypes builds the tables of the tenant: lengths and user-defined fields hang on its options.
func docTypes(o Options) map[string]*docType {
	batchMax := 30
	if o.NoFiles {
		batchMax = 32 // without files the server names batches itself, by 32 hex digits
	}
	batch := txt("Batch", batchMax).named("File Name").asKey().must()
	ref := func(name string) field {
		return txt(name, o.RefnoLength).named("Reference Number").asKey().must().pad()
	}
	account := txt("Account", cmp.Or(o.Formats.Account.Length, 13))
	header := []field{batch, txt("Description", 40), yn("Recurring"), day("EndDate").named("File End Date").must()}
	session := []field{
		yn("Selected"), yn("Posted"), txt("Creator", 32), num("Period"), txt("Company", 14),
	}
	exchange := []field{
		txt("CurrencyExchangeOverrideMethod", 1), day("CurrencyExchangeOverrideDate"), rate("CurrencyExchangeOverrideRate"),
	}
	approval := []field{
		txt("Status", 1), txt("StatusDescription", 0).made(), txt("AuthorizedByName", 0).made(), txt("AuthorizedBy", 20),
		txt("RejectReason", 0), txt("ModUser", 32), txt("ModUserEmployee", 20), day("ModDate"), txt("Diary", 10), num("DiaryNo"),
	}
	levels := []field{lvl("WBS1"), lvl("WBS2"), lvl("WBS3")}
	pkey := []field{txt("PKey", 32).asKey(), num("Seq")}
	ledger := []field{
		account.must(), txt("AccountName", 0).made(), txt("AccountCurrencyCode", 0).made(), yn("GlobalAccount").made(), num("AccountType").made(),
	}

	je := &docType{prefix: "je", trans: "JE", label: "Journal Entries", record: "RefNo"}
	je.control = newTable(o, "jeControl", header, []field{
		txt("DefaultCurrencyCode", 3).code(), amt("Total"), amt("CreditsTotal"),
		amt("SumDebitsTotal").made(), amt("SumCreditsTotal").made(), amt("DiffDebitsTotal").made(), amt("DiffCreditsTotal").made(),
		yn("AllowTaxEntries"),
	}, session, []field{
		yn("RecurSchedule"), yn("RecurClearAmounts"), day("RecurStartDate"), txt("RecurFrequency", 10), txt("RecurType", 10),
		num("RecurTimes"), day("RecurExpirationDate"), yn("RecurAutoPost"), txt("RecurProcessQueue", 0), num("RecurTimesUsed"),
		day("RecurLastPostDate"), yn("Reverse"), day("ReverseDate"), yn("ReverseAutoPost"), txt("ReverseProcessQueue", 0),
		yn("RecurAlert"), yn("ReverseAlert"), txt("ProcessID", 0),
	})
	je.master = newTable(o, "jeMaster", []field{
		batch, ref("RefNo"), day("TransDate").must(), txt("Description", 80), txt("Type", 1), yn("UpdateBilled"), yn("Posted"), num("Seq"),
		txt("CurrencyCode", 3).code(),
	}, exchange, approval, []field{yn("AllowAssetEntries")})
	je.detail = newTable(o, "jeDetail", []field{batch, ref("RefNo")}, pkey, []field{
		txt("EquipmentID", 32), txt("EquipmentDesc", 0).made(), txt("Description", 80),
		lvl("WBS1"), txt("WBS1Name", 0).made(), txt("ClientName", 0).made(), yn("WBS2Level").made(), txt("ChargeType", 0).made(),
		lvl("WBS2"), txt("WBS2Name", 0).made(), yn("WBS3Level").made(), lvl("WBS3"), txt("WBS3Name", 0).made(),
		txt("FunctionalCurrencyCode", 0).made(), txt("Org", 0).made(),
	}, ledger, []field{
		amt("DebitAmount"), amt("CreditAmount"), amt("TotalTaxDebit").made(), amt("TotalTaxCredit").made(), txt("TaxType", 0).made(),
		rate("CurrencyExchangeOverrideRate"), yn("SuppressBill"), txt("LinkCompany", 14),
		amt("DebitAmountFunctionalCurrency"), amt("CreditAmountFunctionalCurrency"),
		amt("DebitAmountProjectCurrency"), amt("CreditAmountProjectCurrency"),
	})
	je.tax = newTable(o, "jeDetailTax", []field{batch, ref("RefNo")}, []field{
		txt("PKey", 32).asKey(), txt("TaxCode", 10).asKey().code().must(), num("Seq"),
		amt("TaxCreditAmount"), amt("TaxDebitAmount"), txt("CompoundOnTaxCode", 10).code(),
	})

	in := &docType{prefix: "in", trans: "IN", label: "Invoices", record: "Invoice"}
	in.control = newTable(o, "inControl", header, []field{
		txt("DefaultTaxCode", 10).code(), amt("Total"), amt("SumTotal").made(), amt("DiffTotal").made(),
		amt("RetTotal"), amt("SumRetTotal").made(), amt("DiffRetTotal").made(),
	}, session)
	in.master = newTable(o, "inMaster", []field{
		batch, ref("Invoice"), lvl("WBS1").asKey(), lvl("WBS2").asKey(), lvl("WBS3").asKey(),
		day("TransDate").must(), day("DueDate"), txt("TransComment", 80), yn("Posted"), num("Seq"),
	}, exchange, approval)
	in.detail = newTable(o, "inDetail", []field{batch, ref("Invoice")}, levels, pkey, []field{
		txt("InvoiceSection", 1), txt("TaxCode", 10).code(),
	}, ledger, []field{
		amt("Amount"), amt("RetAmount"), amt("TaxBasis"), yn("Retainer"),
		lvl("LinkWBS1"), lvl("LinkWBS2"), lvl("LinkWBS3"), txt("CreditMemoRefNo", o.RefnoLength),
	})

	// Receipts and disbursements: a bank code stands for the bank's account, and the ledger makes that line itself.
	money := []field{
		amt("Total"), amt("SumTotal").made(), amt("DiffTotal").made(),
		txt("DefaultBank", 10).code(), txt("DefaultBankDescription", 0).made(), txt("BankCurrencyCode", 0).made(),
	}
	posted := []field{num("PostPeriod").made(), num("PostSeq").made(), txt("SubmittedBy", 0).made(), day("SubmittedDate").made()}
	source := []field{
		txt("TaxCode", 10).code(), amt("TaxBasis"), rate("CurrencyExchangeOverrideRate"),
		txt("SourceCurrencyCode", 3).code(), txt("SourceBalance", 0), amt("SourceAmount"), txt("SourceExchangeInfo", 0), txt("LinkCompany", 14),
	}
	optional := append([]field{account}, ledger[1:]...)
	cr := &docType{prefix: "cr", trans: "CR", label: "Cash Receipts", record: "RefNo"}
	cr.control = newTable(o, "crControl", header, money, session, posted)
	cr.master = newTable(o, "crMaster", []field{
		batch, ref("RefNo"), day("TransDate").must(), txt("TransComment", 80), yn("Posted"), txt("BankCode", 10).code().must(), num("Seq"),
		txt("CurrencyCode", 3).code(),
	}, exchange, approval)
	cr.detail = newTable(o, "crDetail", []field{batch, ref("RefNo")}, pkey, []field{txt("Description", 80)}, levels,
		[]field{txt("Invoice", o.RefnoLength).pad()}, optional, []field{amt("Amount"), yn("Interest")}, source,
		[]field{yn("Retainer"), yn("PreInvoice")})

	cd := &docType{prefix: "cd", trans: "CD", label: "Cash Disbursements", record: "CheckNo"}
	cd.control = newTable(o, "cdControl", header, money, session, posted)
	cd.master = newTable(o, "cdMaster", []field{
		batch, ref("CheckNo"), day("TransDate").must(), txt("Payee", 80), txt("TransComment", 80), yn("Posted"),
		txt("BankCode", 10).code().must(), num("Seq"), txt("CurrencyCode", 3).code(),
	}, exchange, approval)
	cd.detail = newTable(o, "cdDetail", []field{batch, ref("CheckNo")}, pkey, []field{txt("Description", 80)}, levels,
		ledger, []field{amt("Amount"), amt("NetAmount"), yn("SuppressBill")}, source)

	ap := &docType{prefix: "ap", trans: "AP", label: "AP Vouchers", record: "MasterPKey"}
	ap.control = newTable(o, "apControl", header, money, session, posted)
	masterKey := txt("MasterPKey", 32).asKey().must()
	ap.master = newTable(o, "apMaster", []field{
		batch, masterKey, txt("Vendor", 20).code().must(), txt("Address", 20), txt("Invoice", o.RefnoLength), day("InvoiceDate"),
		txt("Voucher", o.RefnoLength), day("TransDate").must(), txt("LiabCode", 10).code(), txt("BankCode", 10).code(),
		txt("PayTerms", 10), day("PayDate"), yn("Posted"), num("Seq"), txt("CurrencyCode", 3).code(),
	}, exchange, approval)
	ap.detail = newTable(o, "apDetail", []field{batch, masterKey}, pkey, []field{txt("Description", 80)}, levels, ledger, []field{
		amt("Amount"), amt("NetAmount"), yn("SuppressBill"), txt("PONumber", 30), amt("PaymentAmount"), txt("TaxCode", 10).code(),
	})
	ap.tax = newTable(o, "apControlDefaultTaxCodes", []field{batch, txt("TaxCode", 10).asKey().code(), num("Seq")})

	types := map[string]*docType{}
	for _, d := range []*docType{je, in, cr, cd, ap} {
		types[d.prefix] = d
	}
	return types
}
