package spapitest

// Fault is the name of one thing that goes wrong.
type Fault string

// Faults that any operation can show.
const (
	Throttled         Fault = "throttled"         // 429 QuotaExceeded although the bucket is not empty
	InternalError     Fault = "internal_error"    // 500 InternalFailure
	Unavailable       Fault = "unavailable"       // 503 with a page of HTML
	BadGateway        Fault = "bad_gateway"       // 502 with an empty body
	EmptyAnswer       Fault = "empty_answer"      // 200 with an empty body
	HTMLAnswer        Fault = "html_answer"       // 200 with a page of HTML
	Cut               Fault = "cut"               // the connection ends before the answer
	CutAnswer         Fault = "cut_answer"        // the connection ends in the middle of the answer
	ExpiredToken      Fault = "expired_token"     // 403: the access token has expired, before its hour is over
	Denied            Fault = "denied"            // 403 without details: the role is missing
	ExpiredSecret     Fault = "expired_secret"    // 403: the client secret's 180 days are over
	NoErrorCode       Fault = "no_error_code"     // 400 whose error has message null and nothing more
	InvalidArguments  Fault = "invalid_arguments" // 400 InvalidInput for a request that is right, once
	LoginUnavailable  Fault = "login_unavailable" // Login with Amazon answers 503 temporarily_unavailable
	UnknownMembers    Fault = "unknown_members"   // the answer holds members that the model does not have
	QuotaForForbidden Fault = "quota_for_refusal" // createReport of a settlement type answers 429 instead of 400
	SlowAnswer        Fault = "slow_answer"       // the answer takes 200 seconds
)

// Faults of listings.
const (
	RepeatedToken     Fault = "repeated_token"     // the next page token is the one that was sent
	EmptyContinuation Fault = "empty_continuation" // a page token is answered by 200, no items and no token
	EmptyPage         Fault = "empty_page"         // a page without items, and more to come (documented, no fault of Amazon's)
	StaleToken        Fault = "stale_token"        // 400: the page token's minutes are over
	VagueInvalidInput Fault = "vague_invalid"      // 400 "$errorResponse.Message" for a good page token
	MissingFirstPage  Fault = "missing_first_page" // the listing starts with its second page
	DuplicatedItems   Fault = "duplicated_items"   // a page repeats the last item of the one before
	NullTotal         Fault = "null_total"         // OriginalTotal is null on a closed group
	OtherTotal        Fault = "other_total"        // OriginalTotal is another one on a later page
)

// Faults of documents.
const (
	ExpiredURL   Fault = "expired_url"   // getReportDocument gives a URL whose five minutes are over
	Truncated    Fault = "truncated"     // the download ends in the middle
	GzipEnds     Fault = "gzip_ends"     // the download is whole by its length, but the gzip stream in it is not
	NotGzip      Fault = "not_gzip"      // compressionAlgorithm says GZIP, the body is plain text
	HTMLDocument Fault = "html_document" // the bucket answers 200 with a page of HTML
	SlowDown     Fault = "slow_down"     // the bucket answers 503 SlowDown in XML
)

// FaultInfo describes one fault of the catalogue.
type FaultInfo struct {
	Fault   Fault
	Means   string
	Source  string   // where it was reported
	Applies []string // operations that can show it; nil: all
	// Recoverable says that a good client gets the right answer within the same call or iteration, by waiting, asking
	// again or asking for a new token or URL. The others must end in an error that says what happened.
	Recoverable bool
}

// Catalogue lists the faults. Source names an issue as repository#number ("models" is amzn/selling-partner-api-models,
// "docs" amzn/selling-partner-api-docs) or Amazon's own documentation.
func Catalogue() []FaultInfo {
	listings := []string{
		"getReports", "listTransactions", "listBalances", "listSummary", "listPayouts", "listExpectedPayouts", "listFinancialEventGroups",
		"listFinancialEvents", "listFinancialEventsByGroupId", "listFinancialEventsByOrderId", "searchOrders", "searchCatalogItems", "getInventorySummaries",
	}
	groups := []string{"listFinancialEventGroups"}
	document, download := []string{"getReportDocument"}, []string{"download"}
	return []FaultInfo{
		{Throttled, "429 QuotaExceeded to a caller that keeps the pace; no Retry-After", "models#5015", nil, true},
		{InternalError, "500 InternalFailure, gone when asked again", "models#2684", nil, true},
		{Unavailable, "503 with an HTML page from the front end", "models#4667", nil, true},
		{BadGateway, "502 without a body; a gateway's error can lack the JSON form", "models#4850", nil, true},
		{EmptyAnswer, "200 with nothing in it, for a day in one region", "models#4850", nil, false},
		{HTMLAnswer, "200 with HTML instead of JSON, as a proxy or a sign-in page gives", "models#4667", nil, false},
		{Cut, "connection reset before the answer", "models#2660, models#491", nil, true},
		{CutAnswer, "connection ends within the answer", "models#491, jlevers/selling-partner-api#645", nil, true},
		{ExpiredToken, "403, not 401, for an expired access token; seen after 20 of the 60 minutes", "models#4122, models#2335", nil, true},
		{Denied, "403 with empty details: the application lacks the role", "models#826", nil, false},
		{ExpiredSecret, "403 with details \"The LWA secret token you provided has expired.\"", "models#4489", nil, false},
		{NoErrorCode, "400 whose only error has message null", "models#2478", nil, false},
		{InvalidArguments, "400 InvalidInput to a right request; a second later the same request is answered", "models#366", nil, false},
		{LoginUnavailable, "the token endpoint fails for a while", "models#2335", []string{"token"}, true},
		{UnknownMembers, "the answer does not match the published schema", "models#4966, models PR#4650", nil, true},
		{QuotaForForbidden, "createReport of a settlement report answers 429 and never anything else", "docs#1033", []string{"createReport"}, false},
		{SlowAnswer, "an answer takes 200 seconds, longer than a page token lives", "jlevers/selling-partner-api#239", nil, true},
		{RepeatedToken, "listTransactions gives the same token again and again", "models#4224", listings, false},
		{EmptyContinuation, "a token that is not (or no longer) valid gives 200 and an empty payload: data is lost in silence", "models#1172, docs#547", listings, false},
		{EmptyPage, "an empty page can precede the last one", "finances_2024-06-19.json: \"this operation can return empty pages\"", listings, true},
		{StaleToken, "a page token lives minutes: \"Token is not valid, token duration is 3 minutes\"", "docs#981, docs#562", listings, false},
		{VagueInvalidInput, "400 with the message \"$errorResponse.Message\" for a good token, now and then", "models#2667", listings, false},
		{MissingFirstPage, "listing by group begins with the second page", "docs#2924", listings, false},
		{DuplicatedItems, "pages overlap", "models#4224", listings, false},
		{NullTotal, "OriginalTotal null on closed groups, for days", "models#2156, docs#3295, docs#3306", groups, false},
		{OtherTotal, "OriginalTotal differs on a NextToken page", "models#4535", groups, false},
		{ExpiredURL, "the document's URL lives five minutes", "reports_2021-06-30.json, ReportDocument.url", document, true},
		{Truncated, "the download ends early, the connection with it", "saleweaver/python-amazon-sp-api#879", download, true},
		{GzipEnds, "\"incomplete or truncated stream\" although the download ended in order", "saleweaver/python-amazon-sp-api#879", download, true},
		{NotGzip, "compressionAlgorithm GZIP, plain text in the bucket, for days", "models#2648, docs#3200", download, true},
		{HTMLDocument, "a page of HTML where the report should be", "models#4667 (doDownReportFile)", download, false},
		{SlowDown, "the bucket asks to slow down", "models#4667 (doDownReportFile)", download, true},
	}
}
