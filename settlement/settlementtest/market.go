package settlementtest

// Marketplace is one Amazon store as the Sellers API and the settlement report name it.
type Marketplace struct {
	ID       string // "ATVPDKIKX0DER"
	Country  string // ISO 3166, "US"; Amazon says UK as "GB" here
	Region   string // "na", "eu" or "fe"
	Currency string // ISO 4217
	Name     string // as in the column marketplace-name: "Amazon.com"
	Language string // "en_US"
	order    string // first three digits of an order id
}

// Marketplaces lists the stores that this package knows, one region after the other.
func Marketplaces() []Marketplace {
	return []Marketplace{
		{"ATVPDKIKX0DER", "US", "na", "USD", "Amazon.com", "en_US", "112"},
		{"A2EUQ1WTGCTBG2", "CA", "na", "CAD", "Amazon.ca", "en_CA", "702"},
		{"A1AM78C64UM0Y8", "MX", "na", "MXN", "Amazon.com.mx", "es_MX", "701"},
		{"A2Q3Y263D00KWC", "BR", "na", "BRL", "Amazon.com.br", "pt_BR", "700"},
		{"A28R8C7NBKEWEA", "IE", "eu", "EUR", "Amazon.ie", "en_IE", "306"},
		{"A1RKKUPIHCS9HS", "ES", "eu", "EUR", "Amazon.es", "es_ES", "404"},
		{"A1F83G8C2ARO7P", "GB", "eu", "GBP", "Amazon.co.uk", "en_GB", "203"},
		{"A13V1IB3VIYZZH", "FR", "eu", "EUR", "Amazon.fr", "fr_FR", "402"},
		{"AMEN7PMS3EDWL", "BE", "eu", "EUR", "Amazon.com.be", "fr_BE", "408"},
		{"A1805IZSGTT6HS", "NL", "eu", "EUR", "Amazon.nl", "nl_NL", "407"},
		{"A1PA6795UKMFR9", "DE", "eu", "EUR", "Amazon.de", "de_DE", "303"},
		{"APJ6JRA9NG5V4", "IT", "eu", "EUR", "Amazon.it", "it_IT", "405"},
		{"A2NODRKZP88ZB9", "SE", "eu", "SEK", "Amazon.se", "sv_SE", "409"},
		{"AE08WJ6YKNBMC", "ZA", "eu", "ZAR", "Amazon.co.za", "en_ZA", "411"},
		{"A1C3SOZRARQ6R3", "PL", "eu", "PLN", "Amazon.pl", "pl_PL", "410"},
		{"ARBP9OOSHTCHU", "EG", "eu", "EGP", "Amazon.eg", "ar_EG", "412"},
		{"A33AVAJ2PDY3EV", "TR", "eu", "TRY", "Amazon.com.tr", "tr_TR", "403"},
		{"A17E79C6D8DWNP", "SA", "eu", "SAR", "Amazon.sa", "ar_SA", "413"},
		{"A2VIGQ35RCS4UG", "AE", "eu", "AED", "Amazon.ae", "en_AE", "406"},
		{"A21TJRUUN4KGV", "IN", "eu", "INR", "Amazon.in", "en_IN", "414"},
		{"A19VAU5U5O7RUS", "SG", "fe", "SGD", "Amazon.sg", "en_SG", "252"},
		{"A39IBJ37TRP1C6", "AU", "fe", "AUD", "Amazon.com.au", "en_AU", "249"},
		{"A1VC38T7YXB528", "JP", "fe", "JPY", "Amazon.co.jp", "ja_JP", "503"},
	}
}

// MarketplaceOf returns the store with this id. An id that is not in the table gives a store in North America that
// carries the id as its name, so that a described seller never fails.
func MarketplaceOf(id string) Marketplace {
	for _, m := range Marketplaces() {
		if m.ID == id {
			return m
		}
	}
	return Marketplace{ID: id, Country: "US", Region: "na", Currency: "USD", Name: id, Language: "en_US", order: "114"}
}

// RegionMarketplaces returns the ids of a region's stores that one merchant account spans: North America's three big
// ones, or Europe's old five. getReports names several of them on one report, whatever the settlement's own store.
func RegionMarketplaces(region string) []string {
	switch region {
	case "eu":
		return []string{"A1PA6795UKMFR9", "A13V1IB3VIYZZH", "APJ6JRA9NG5V4", "A1RKKUPIHCS9HS", "A1F83G8C2ARO7P"}
	case "fe":
		return []string{"A1VC38T7YXB528"}
	default:
		return []string{"ATVPDKIKX0DER", "A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8"}
	}
}
