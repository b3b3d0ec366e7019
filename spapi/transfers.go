package spapi

import (
	"context"
	"iter"
	"net/http"
	"time"
)

// Transfers is the Transfers API, version 2024-06-01: what Amazon pays out, and where to. A seller or application that is
// not entitled to it gets [ErrDenied].
type Transfers struct{ client *Client }

// PayoutsQuery selects payouts. All fields are optional.
type PayoutsQuery struct {
	MarketplaceIDs []string
	CreatedAfter   time.Time
	CreatedBefore  time.Time
	PayoutID       string
	AccountType    string // for example "Standard Orders"
}

// Payouts yields payouts with their state at the bank, newest first within each account. That a payout is missing says
// nothing: how far back Amazon answers is not documented.
//
// SP-API: listPayouts, GET /finances/transfers/2024-06-01/payouts, 0.5 a second, burst 10.
func (s *Transfers) Payouts(ctx context.Context, q PayoutsQuery) iter.Seq2[Payout, error] {
	const op = "transfers.listPayouts"
	return pages(op, func(p Payout) string { return p.ID }, func(token string) (page[Payout], error) {
		v := query{}
		list(v, "marketplaceIds", q.MarketplaceIDs)
		v.at("createdAfter", q.CreatedAfter)
		v.at("createdBefore", q.CreatedBefore)
		v.text("payoutId", q.PayoutID)
		v.text("accountType", q.AccountType)
		v.text("nextToken", token)
		answer, err := get[struct {
			Payouts   []Payout `json:"payouts"`
			NextToken string   `json:"nextToken"`
		}](ctx, s.client, op, v, "finances", "transfers", "2024-06-01", "payouts")
		return page[Payout]{answer.Payouts, answer.NextToken}, err
	})
}

// ExpectedPayoutsQuery selects expected payouts. All fields are optional.
type ExpectedPayoutsQuery struct {
	MarketplaceIDs []string
	AccountType    string
}

// ExpectedPayouts yields what Amazon intends to pay next.
//
// SP-API: listExpectedPayouts, GET /finances/transfers/2024-06-01/payouts/expected, 0.5 a second, burst 10.
func (s *Transfers) ExpectedPayouts(ctx context.Context, q ExpectedPayoutsQuery) iter.Seq2[ExpectedPayout, error] {
	const op = "transfers.listExpectedPayouts"
	return pages(op, nil, func(token string) (page[ExpectedPayout], error) {
		v := query{}
		list(v, "marketplaceIds", q.MarketplaceIDs)
		v.text("accountType", q.AccountType)
		v.text("nextToken", token)
		answer, err := get[struct {
			ExpectedPayouts []ExpectedPayout `json:"expectedPayouts"`
			NextToken       string           `json:"nextToken"`
		}](ctx, s.client, op, v, "finances", "transfers", "2024-06-01", "payouts", "expected")
		return page[ExpectedPayout]{answer.ExpectedPayouts, answer.NextToken}, err
	})
}

// PaymentMethods returns the bank accounts and cards of a marketplace; of all types, if none is named.
//
// SP-API: getPaymentMethods, GET /finances/transfers/2024-06-01/paymentMethods, 0.5 a second, burst 30.
func (s *Transfers) PaymentMethods(ctx context.Context, marketplaceID string, types ...PaymentMethodType) ([]PaymentMethod, error) {
	const op = "transfers.getPaymentMethods"
	if marketplaceID == "" {
		return nil, invalid(op, "a marketplace is required")
	}
	v := query{}
	v.text("marketplaceId", marketplaceID)
	list(v, "paymentMethodTypes", types)
	answer, err := get[struct {
		PaymentMethods []PaymentMethod `json:"paymentMethods"`
	}](ctx, s.client, op, v, "finances", "transfers", "2024-06-01", "paymentMethods")
	return answer.PaymentMethods, err
}

// MoveMoneyToBank MOVES MONEY: it makes Amazon pay out the whole available balance of an account now, and returns the id
// of the event group that this closes. Allowed once a day per marketplace and account type, in DE, FR, IT, ES, SE, NL, PL
// and BE. It is sent once: after [ErrUnanswered] look at Payouts before calling it again.
//
// SP-API: initiatePayout, POST /finances/transfers/2024-06-01/payouts, 0.017 a second, burst 2.
func (s *Transfers) MoveMoneyToBank(ctx context.Context, marketplaceID, accountType string) (eventGroupID string, err error) {
	const op = "transfers.initiatePayout"
	if marketplaceID == "" || accountType == "" {
		return "", invalid(op, "marketplace and account type are required")
	}
	body := struct {
		MarketplaceID string `json:"marketplaceId"`
		AccountType   string `json:"accountType"`
	}{marketplaceID, accountType}
	answer, err := send[struct {
		Reference string `json:"payoutReferenceId"`
	}](ctx, s.client, op, http.MethodPost, body, "finances", "transfers", "2024-06-01", "payouts")
	return answer.Reference, err
}

// PayoutStatus is how far a payout is.
type PayoutStatus string

// The states of a payout. Words not listed here are kept as they came.
const (
	PayoutStarted   PayoutStatus = "STARTED"
	PayoutInTransit PayoutStatus = "IN_TRANSIT" // sent to the bank
	PayoutPaid      PayoutStatus = "PAID"       // in the bank account
	PayoutFailed    PayoutStatus = "FAILED"     // see the status history for the reason
	PayoutCancelled PayoutStatus = "CANCELLED"
	PayoutNone      PayoutStatus = "NO_PAYOUT" // this settlement period pays nothing
)

// PayoutType says what set off a payout.
type PayoutType string

// What sets off payouts. Words not listed here are kept as they came.
const (
	PayoutScheduled PayoutType = "SCHEDULED"
	PayoutOnDemand  PayoutType = "ON_DEMAND" // by MoveMoneyToBank or by the seller
)

// PayoutMethod is where a payout goes.
type PayoutMethod string

// Where payouts go. Words not listed here are kept as they came.
const (
	PayoutToBankAccount PayoutMethod = "BANK_ACCOUNT"
	PayoutToDebitCard   PayoutMethod = "DEBIT_CARD"
)

// Payout is one transfer to the seller's bank, or the lack of one.
type Payout struct {
	ID            string               `json:"id"` // not promised to be the settlement's id: use RelatedIdentifiers
	Partner       PartnerMetadata      `json:"partnerMetadata"`
	Status        PayoutStatus         `json:"currentStatus"`
	StatusHistory []PayoutStatusChange `json:"statusHistory"`
	Type          PayoutType           `json:"type,omitzero"`
	Amount        Money                `json:"amount,omitzero"` // zero Money: none, for example with PayoutNone
	AccountTail   string               `json:"accountTail,omitzero"`
	Method        PayoutMethod         `json:"paymentMethod,omitzero"`
	Created       time.Time            `json:"creationDate,omitzero"`
	PaymentRail   string               `json:"paymentRail,omitzero"`
	TraceID       string               `json:"traceId,omitzero"` // joins the bank statement's line
	Period        PayoutPeriod         `json:"period,omitzero"`
	// RelatedIdentifiers hold the settlement: Value(SettlementID).
	RelatedIdentifiers RelatedIdentifiers `json:"relatedIdentifiers,omitzero"`
}

// PayoutStatusChange is one step of a payout.
type PayoutStatusChange struct {
	Status        PayoutStatus `json:"status"`
	Updated       time.Time    `json:"lastUpdatedDate"`
	FailureReason string       `json:"failureReason,omitzero"`
}

// PayoutPeriod is the time that a payout settles.
type PayoutPeriod struct {
	Start time.Time `json:"startDate,omitzero"`
	End   time.Time `json:"endDate,omitzero"`
}

// ExpectedPayoutStatus says what will become of the next payout.
type ExpectedPayoutStatus string

// What can become of the next payout. Words not listed here are kept as they came.
const (
	ExpectedScheduled ExpectedPayoutStatus = "SCHEDULED"
	ExpectedDisabled  ExpectedPayoutStatus = "DISABLED"           // payouts are switched off
	ExpectedAtRisk    ExpectedPayoutStatus = "AT_RISK"            // the deposit method is not valid
	ExpectedNone      ExpectedPayoutStatus = "NO_PAYOUT_EXPECTED" // the balance is negative
)

// ExpectedPayout is a payout to come.
type ExpectedPayout struct {
	Partner            PartnerMetadata      `json:"partnerMetadata"`
	Amount             Money                `json:"amount,omitzero"`
	Status             ExpectedPayoutStatus `json:"status"`
	Period             PayoutPeriod         `json:"period,omitzero"`
	Scheduled          time.Time            `json:"scheduledDate,omitzero"`
	AccountTail        string               `json:"accountTail,omitzero"`
	Method             PayoutMethod         `json:"paymentMethod,omitzero"`
	RelatedIdentifiers RelatedIdentifiers   `json:"relatedIdentifiers,omitzero"`
}

// PaymentMethodType is a kind of payment method.
type PaymentMethodType string

// The kinds of payment methods. Words not listed here are kept as they came.
const (
	PaymentBankAccount  PaymentMethodType = "BANK_ACCOUNT"
	PaymentCard         PaymentMethodType = "CARD"
	PaymentSellerWallet PaymentMethodType = "SELLER_WALLET"
)

// PaymentAssignment says what a payment method is used for.
type PaymentAssignment string

// PaymentDefaultDeposit receives the payouts.
const PaymentDefaultDeposit PaymentAssignment = "DEFAULT_DEPOSIT_METHOD"

// PaymentMethod is a bank account, card or wallet of the seller.
type PaymentMethod struct {
	ID                string            `json:"paymentMethodId,omitzero"`
	Type              PaymentMethodType `json:"paymentMethodType,omitzero"`
	AccountHolderName string            `json:"accountHolderName,omitzero"`
	Tail              string            `json:"tail,omitzero"` // its last digits
	Expiry            CardExpiry        `json:"expiryDate,omitzero"`
	CountryCode       string            `json:"countryCode,omitzero"` // ISO 3166-1 alpha-2
	Assignment        PaymentAssignment `json:"assignmentType,omitzero"`
}

// CardExpiry is the month in which a card ends.
type CardExpiry struct {
	Month string `json:"month,omitzero"`
	Year  string `json:"year,omitzero"`
}
