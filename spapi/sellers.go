package spapi

import "context"

// Sellers is the Sellers API, version 1.
type Sellers struct{ client *Client }

// MarketplaceParticipations returns the marketplaces in which the seller is registered, with their currencies.
// It is also the cheapest way to see whether credentials work.
//
// SP-API: getMarketplaceParticipations, GET /sellers/v1/marketplaceParticipations, 0.016 a second (one a minute), burst 15.
func (s *Sellers) MarketplaceParticipations(ctx context.Context) ([]MarketplaceParticipation, error) {
	answer, err := get[payload[[]MarketplaceParticipation]](ctx, s.client, "sellers.getMarketplaceParticipations", nil, "sellers", "v1", "marketplaceParticipations")
	return answer.Payload, err
}

// Account returns who the seller is.
//
// SP-API: getAccount, GET /sellers/v1/account, 0.016 a second (one a minute), burst 15.
func (s *Sellers) Account(ctx context.Context) (Account, error) {
	answer, err := get[payload[Account]](ctx, s.client, "sellers.getAccount", nil, "sellers", "v1", "account")
	return answer.Payload, err
}

// MarketplaceParticipation is a marketplace and the seller's part in it.
type MarketplaceParticipation struct {
	Marketplace   Marketplace   `json:"marketplace"`
	Participation Participation `json:"participation"`
	StoreName     string        `json:"storeName"`
}

// Marketplace is one of Amazon's shops.
type Marketplace struct {
	ID           string `json:"id"`
	Name         string `json:"name"`                // for example "Amazon.com"
	CountryCode  string `json:"countryCode"`         // ISO 3166-1 alpha-2
	Currency     string `json:"defaultCurrencyCode"` // ISO 4217
	LanguageCode string `json:"defaultLanguageCode"`
	DomainName   string `json:"domainName"`
}

// Participation is the seller's standing in a marketplace.
type Participation struct {
	IsParticipating      bool `json:"isParticipating"`
	HasSuspendedListings bool `json:"hasSuspendedListings"`
}

// BusinessType is the legal form of a seller.
type BusinessType string

// The legal forms. Words not listed here are kept as they came.
const (
	BusinessCharity              BusinessType = "CHARITY"
	BusinessCraftsman            BusinessType = "CRAFTSMAN"
	BusinessNaturalPersonCompany BusinessType = "NATURAL_PERSON_COMPANY"
	BusinessPublicListed         BusinessType = "PUBLIC_LISTED"
	BusinessPrivateLimited       BusinessType = "PRIVATE_LIMITED"
	BusinessSoleProprietorship   BusinessType = "SOLE_PROPRIETORSHIP"
	BusinessStateOwned           BusinessType = "STATE_OWNED"
	BusinessIndividual           BusinessType = "INDIVIDUAL"
)

// SellingPlan is what the seller pays Amazon for.
type SellingPlan string

// The selling plans. Words not listed here are kept as they came.
const (
	SellingPlanProfessional SellingPlan = "PROFESSIONAL"
	SellingPlanIndividual   SellingPlan = "INDIVIDUAL"
)

// Account is who the seller is.
type Account struct {
	BusinessType              BusinessType               `json:"businessType"`
	SellingPlan               SellingPlan                `json:"sellingPlan"`
	MarketplaceParticipations []MarketplaceParticipation `json:"marketplaceParticipationList"`
	Business                  Business                   `json:"business,omitzero"`
	PrimaryContact            AccountContact             `json:"primaryContact,omitzero"`
}

// Business is the seller as a company.
type Business struct {
	Name                           string         `json:"name"`
	RegisteredBusinessAddress      AccountAddress `json:"registeredBusinessAddress"`
	CompanyRegistrationNumber      string         `json:"companyRegistrationNumber,omitzero"`
	CompanyTaxIdentificationNumber string         `json:"companyTaxIdentificationNumber,omitzero"`
	NonLatinName                   string         `json:"nonLatinName,omitzero"`
}

// AccountContact is whom Amazon writes to.
type AccountContact struct {
	Name         string         `json:"name"`
	Address      AccountAddress `json:"address"`
	NonLatinName string         `json:"nonLatinName,omitzero"`
}

// AccountAddress is a postal address.
type AccountAddress struct {
	AddressLine1        string `json:"addressLine1"`
	AddressLine2        string `json:"addressLine2,omitzero"`
	City                string `json:"city,omitzero"`
	StateOrProvinceCode string `json:"stateOrProvinceCode,omitzero"`
	PostalCode          string `json:"postalCode,omitzero"`
	CountryCode         string `json:"countryCode"` // ISO 3166-1 alpha-2
}
