package spapi

import (
	"fmt"
	"strings"
)

// Region is one of Amazon's three separate systems, or its sandbox. A seller's authorisation is valid in one.
type Region string

// The regions, and their sandboxes, which answer fixed examples at five requests a second for all operations together.
const (
	NorthAmerica        Region = "na"
	Europe              Region = "eu"
	FarEast             Region = "fe"
	NorthAmericaSandbox Region = "na-sandbox"
	EuropeSandbox       Region = "eu-sandbox"
	FarEastSandbox      Region = "fe-sandbox"
)

// ParseRegion reads "na", "eu", "fe" or one of them with "-sandbox", in any case.
func ParseRegion(text string) (Region, error) {
	r := Region(strings.ToLower(strings.TrimSpace(text)))
	if r.Endpoint() == "" {
		return "", fmt.Errorf("spapi: region %q is not known: use na, eu, fe, or one of them with -sandbox", text)
	}
	return r, nil
}

// Endpoint returns the address of the region's API, or "" for a word that is not a region.
func (r Region) Endpoint() string {
	name, sandbox := strings.CutSuffix(string(r), "-sandbox")
	switch name {
	case "na", "eu", "fe":
		if sandbox {
			return "https://sandbox.sellingpartnerapi-" + name + ".amazon.com"
		}
		return "https://sellingpartnerapi-" + name + ".amazon.com"
	}
	return ""
}

// IsSandbox reports whether the region is a sandbox.
func (r Region) IsSandbox() bool { return strings.HasSuffix(string(r), "-sandbox") }

// MarketplaceInfo is what is known of a marketplace without asking. The currency is the usual one;
// [Sellers.MarketplaceParticipations] has the answer for a seller.
type MarketplaceInfo struct {
	ID       string
	Country  string // ISO 3166-1 alpha-2
	Region   Region
	Currency string // ISO 4217
}

// LookupMarketplace returns what is known of the marketplace with this id.
func LookupMarketplace(id string) (MarketplaceInfo, bool) {
	for _, m := range Marketplaces() {
		if m.ID == id {
			return m, true
		}
	}
	return MarketplaceInfo{}, false
}

// Marketplaces returns the marketplaces of all regions, in a new slice.
func Marketplaces() []MarketplaceInfo {
	return []MarketplaceInfo{
		{"ATVPDKIKX0DER", "US", NorthAmerica, "USD"},
		{"A2EUQ1WTGCTBG2", "CA", NorthAmerica, "CAD"},
		{"A1AM78C64UM0Y8", "MX", NorthAmerica, "MXN"},
		{"A2Q3Y263D00KWC", "BR", NorthAmerica, "BRL"},
		{"A28R8C7NBKEWEA", "IE", Europe, "EUR"},
		{"A1RKKUPIHCS9HS", "ES", Europe, "EUR"},
		{"A1F83G8C2ARO7P", "GB", Europe, "GBP"},
		{"A13V1IB3VIYZZH", "FR", Europe, "EUR"},
		{"AMEN7PMS3EDWL", "BE", Europe, "EUR"},
		{"A1805IZSGTT6HS", "NL", Europe, "EUR"},
		{"A1PA6795UKMFR9", "DE", Europe, "EUR"},
		{"APJ6JRA9NG5V4", "IT", Europe, "EUR"},
		{"A2NODRKZP88ZB9", "SE", Europe, "SEK"},
		{"AE08WJ6YKNBMC", "ZA", Europe, "ZAR"},
		{"A1C3SOZRARQ6R3", "PL", Europe, "PLN"},
		{"ARBP9OOSHTCHU", "EG", Europe, "EGP"},
		{"A33AVAJ2PDY3EV", "TR", Europe, "TRY"},
		{"A17E79C6D8DWNP", "SA", Europe, "SAR"},
		{"A2VIGQ35RCS4UG", "AE", Europe, "AED"},
		{"A21TJRUUN4KGV", "IN", Europe, "INR"},
		{"A19VAU5U5O7RUS", "SG", FarEast, "SGD"},
		{"A39IBJ37TRP1C6", "AU", FarEast, "AUD"},
		{"A1VC38T7YXB528", "JP", FarEast, "JPY"},
	}
}
