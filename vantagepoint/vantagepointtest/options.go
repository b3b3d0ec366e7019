package vantagepointtest

import "time"

// Credentials of the tenant that [New] makes when Options names no users and no clients. The client's secret holds
// characters that a form must encode, because real ones do.
const (
	DemoUser         = "api.user"
	DemoPassword     = "demo+password/2&=%"
	DemoClientID     = "demo/client+id="
	DemoClientSecret = "demo&secret%2B/+="
)

// Options describes a tenant. The zero value is a working one: database DEMO, one company that keeps its books in USD,
// calendar months as periods, a small chart of accounts, one regular and one overhead project, one bank, files mode.
type Options struct {
	// Database is the database name that a log-in must repeat. Default "DEMO".
	Database string
	// Path is where the API answers, ending in "/api"; its sibling ending in "/vision" answers the unpublished calls.
	// Default "/" + lower-case Database + "/api".
	Path string
	// Users and Clients may log in. Defaults: the Demo constants of this package.
	Users   []User
	Clients []Client

	// Company is the code of the company that is active after a log-in; "" is right for a tenant with one company.
	Company string
	// Currency is that company's functional currency, three letters. Default "USD".
	Currency string
	// Companies are further companies of the same enterprise.
	Companies []Company
	// MultiCurrency lets documents name another currency than the company's. Without it the tenant writes its own
	// currency over whatever a document names, without a word.
	MultiCurrency bool

	// Periods are the fiscal periods. Default: the calendar months of 2015 to 2035.
	Periods []Period
	// Accounts is the chart. Default: [DemoAccounts].
	Accounts []Account
	// AutoPosting names the accounts that the ledger itself writes to.
	AutoPosting AutoPosting
	// Projects at all levels. Default: [DemoProjects].
	Projects []Project
	// OverheadProject is charged where an indirect account comes without a project; "" leaves the project empty.
	OverheadProject string
	// Banks are bank codes and the accounts behind them. Default: those of [DemoBanks] whose accounts are in the chart.
	Banks []Bank
	// TaxCodes may be named by tax rows and detail rows.
	TaxCodes []TaxCode

	// Firms, Contacts, Employees and Organizations fill the hubs.
	Firms         []Firm
	Contacts      []Contact
	Employees     []Employee
	Organizations []Organization
	// UserHubs are user-defined hubs (UDIC/{name}); a record is found by its column UDIC_UID.
	UserHubs map[string][]map[string]string
	// CodeTables answer codeTable/{table}.
	CodeTables map[string][]Code
	// Procedures answer Utilities/InvokeCustom/{name}: an XML document, or an error that becomes a 500.
	Procedures map[string]func(parameters map[string]string) (string, error)
	// CustomFields are user-defined fields by table, for example "jeDetail"; their names begin with "Cust".
	CustomFields map[string][]CustomField

	// Formats are the key formats; see [Formats].
	Formats Formats
	// RefnoLength is the length of RefNo, Invoice and CheckNo; shorter ones get leading zeros. Default 12.
	RefnoLength int
	// NoFiles switches "Use Files to Group Transactions" off: {xx}Master/{Batch}|{RefNo} is the write call, {xx}Control is refused.
	NoFiles bool
	// OrgBalanceSheets says that organizations keep their own balance sheets: balance-sheet lines need a project to post.
	OrgBalanceSheets bool
	// Approvals lists the transaction types ("JE") whose records must have Status "A" before they post.
	Approvals []string
	// IgnoreControlTotals lets batches post whose Diff columns are not 0.
	IgnoreControlTotals bool

	// Quirks settles what is not known of real tenants, or differs between them.
	Quirks Quirks
	// Faults says what goes wrong, and when. The zero value: nothing.
	Faults Faults
	// LateBy is how long an answer waits under [FaultLate]. Default 5 s.
	LateBy time.Duration

	// Dir is a folder to keep the books in; every booking is on disk before its answer goes out. "" keeps them in memory.
	Dir string
	// Now is the tenant's clock; its time zone is UTC. Default time.Now.
	Now func() time.Time
}

// Quirks are the switches for facts that are only inferred, unknown, or different from tenant to tenant.
// The zero value is what the published samples show, or else the reading that is harder on a client.
type Quirks struct {
	// Numbers is the form of numbers in answers.
	Numbers NumberForm
	// Envelope names a member that wraps every list ("rows", "Body", "data"); "" answers bare arrays.
	Envelope string
	// Errors is the form of error bodies outside the token endpoint.
	Errors ErrorForm
	// NotFound is how a read that finds nothing answers.
	NotFound NotFoundForm
	// AcceptDuplicates stores a second batch under a name that exists, instead of refusing it.
	AcceptDuplicates bool
	// UniquePerType lets one batch name serve several transaction types.
	UniquePerType bool
	// DuplicateStatus is the status of "already exists". Default 400.
	DuplicateStatus int
	// UpperBatch stores batch names in upper case.
	UpperBatch bool
	// RefuseUnknownFields answers "Field <x> does not exist" to every unknown field, not only to unknown Cust… fields.
	RefuseUnknownFields bool
	// RequirePKey answers "Column:PKey does not exist" to a detail row without PKey, instead of making one.
	RequirePKey bool
	// RequireHeader refuses a control row without Period, Company or Creator, instead of taking them from the session.
	RequireHeader bool
	// BlankProject is the form in which a line without a project must be sent.
	BlankProject BlankForm
	// StrictEntry applies the rules of posting (balance, account and project) when a batch is stored, too.
	StrictEntry bool
	// PurgePosted makes a posted batch vanish from Control, Master, Detail and Landing; only PSALedger still shows it.
	PurgePosted bool
	// ValidPostAnswer puts the missing comma into the answer of PostTransFile.
	ValidPostAnswer bool
	// PostFailureStatus answers a failed posting with this status and an error body, instead of 200 and retList 0.
	PostFailureStatus int
	// NoDelete refuses DELETE {xx}Control/{Batch}.
	NoDelete bool
	// IgnorePaging answers every list whole, whatever page was asked for.
	IgnorePaging bool
	// DefaultPageSize cuts lists that come without a page size; 0 answers all rows.
	DefaultPageSize int
	// MaxPageSize cuts pages that are asked to be longer; 0 for no limit.
	MaxPageSize int
	// NoFilterHash ignores filterHash on …Landing and …Detail, as versions before 5.0 do.
	NoFilterHash bool
	// WordOperators understands eq, ne, gt, lt, ge, le instead of the symbols.
	WordOperators bool
	// RefuseUnknownFilter answers 500 to a filterHash on a column that does not exist, instead of ignoring it.
	RefuseUnknownFilter bool
	// NoAccounts answers 404 to Accounts, which Deltek never published.
	NoAccounts bool
	// RefreshOnce makes a refresh token good for one use; NoRefresh refuses them all.
	RefreshOnce, NoRefresh bool
	// HTML401 gives a 401 an HTML body instead of none.
	HTML401 bool
	// TokenLife is how long an access token lives. Default 30 minutes.
	TokenLife time.Duration
	// LockAfter disables a user after so many wrong passwords in a row; 0: never.
	LockAfter int
}

// NumberForm is how numbers are written in answers.
type NumberForm int

// Number forms seen in answers of real tenants.
const (
	NumbersShort NumberForm = iota // 100, 100.25
	NumbersPoint                   // 100.0, 100.25 for amounts; 4 for counts
	NumbersText                    // "100.00", "100.25", "4"
)

// ErrorForm is how errors are written.
type ErrorForm int

// Error forms read by working connectors.
const (
	ErrorsJSON ErrorForm = iota // {"message":"…","detail":"…"}
	ErrorsText                  // plain text, the message twice, joined by <BR/>
	ErrorsHTML                  // an HTML page
)

// BlankForm is how a line says that it has no project. Which form real tenants take is not known.
type BlankForm int

// Forms of no project in WBS1. The lower levels are always one space in the samples; both forms are taken there.
const (
	BlankEither BlankForm = iota
	BlankSpace            // " "; "" is answered as a null reference
	BlankEmpty            // ""; " " is answered as a project that does not exist
)

// NotFoundForm is how a read that finds nothing answers.
type NotFoundForm int

// Ways to say that there is nothing.
const (
	NotFound404   NotFoundForm = iota // 404, "The requested records could not be found."
	NotFound400                       // 400, the same text
	NotFoundEmpty                     // 200, []
)

// User is somebody who may log in.
type User struct {
	Name, Password string
	// Employee is the key of the user's employee record.
	Employee string
	// Companies the user may work in; empty: all.
	Companies []string
	// Culture is the user's language, for example "en-US"; a log-in with another one gets labels "Text not translated".
	Culture string
	// Integrated users log in with Integrated=Y, others without.
	Integrated bool
	// Disabled users are told so.
	Disabled bool
	// ClosedPeriods lets the user post into closed periods, as over-privileged roles do.
	ClosedPeriods bool
	// Deny lists operations, named as in [Tenant.Calls], that the user's role answers with 403.
	Deny []string
}

// Client is one API authorization.
type Client struct {
	ID, Secret string
	// NoPasswordGrant leaves the box "Allow Password Grant Type" empty.
	NoPasswordGrant bool
}

// Company is one company of the enterprise.
type Company struct {
	Code, Name string
	Currency   string // functional currency, three letters
}

// Period is a fiscal period. Start and End are dates, YYYY-MM-DD, both inclusive.
type Period struct {
	Number     int // YYYYPP; PP may exceed 12
	Start, End string
	YearStart  string // first day of the fiscal year; "" is derived from the period numbers
	YearEnd    string
	Closed     bool // in every company
}

// AccountType is Vantagepoint's number for the type of an account.
type AccountType int

// Account types as connectors map them; 6 and 8 are inferred.
const (
	Asset                  AccountType = 1
	Liability              AccountType = 2
	NetWorth               AccountType = 3
	Revenue                AccountType = 4
	Reimbursable           AccountType = 5
	ReimbursableConsultant AccountType = 6
	Direct                 AccountType = 7
	DirectConsultant       AccountType = 8
	Indirect               AccountType = 9
	Other                  AccountType = 10
)

// Account is one GL account.
type Account struct {
	Number, Name string
	Type         AccountType
	Inactive     bool
}

// AutoPosting names the accounts that the ledger writes by itself and that journal entries must leave alone.
// Defaults: the demo chart's, where those accounts exist in Accounts.
type AutoPosting struct {
	Receivable string // debited by invoices
	Payable    string // credited by vouchers
	Profit     string // current-year profit
}

// Project is one level of a project. WBS2 and WBS3 are "" above that level.
type Project struct {
	WBS1, WBS2, WBS3 string
	Name, Org        string
	ChargeType       string // "R" regular (default), "H" overhead, "P" promotional
	Status           string // "A" active (default), "I" inactive, "D" dormant
	Firm             string // ClientID of the firm that is billed
}

// Bank is a bank code and the account behind it.
type Bank struct {
	Code, Name, Account string
	Currency            string // "" is the company's
	Company             string // "" serves every company
}

// TaxCode is a tax and the account that it is posted to.
type TaxCode struct{ Code, Account string }

// Firm is a client, a vendor, or both.
type Firm struct {
	ClientID, Name string
	Number         string // firm number
	Vendor         string // vendor number, upper case, at most 10 letters
	Country        string
	Addresses      []Address
}

// Address is one address of a firm.
type Address struct{ Code, City, Country string }

// Contact is a person at a firm.
type Contact struct{ ContactID, ClientID, FirstName, LastName, EMail string }

// Employee is one employee of one company.
type Employee struct{ Employee, Company, FirstName, LastName, Org, Status string }

// Organization is one organization code and its name.
type Organization struct{ Org, Name string }

// Code is one row of a code table.
type Code struct{ Code, Description string }

// CustomField is a user-defined field of a transaction table.
type CustomField struct {
	Name, Caption string
	MaxLength     int // 0: no limit
}

// KeyFormat is how one kind of key must look. A zero Length means that any key will do.
type KeyFormat struct {
	Length    int // with the delimiter
	LeadZeros bool
	Delimiter string
	Position  int // of the delimiter, from 1; 0 for none
}

// Formats are the tenant's key formats.
type Formats struct{ Account, WBS1, WBS2, WBS3, Employee, Client, Vendor KeyFormat }
