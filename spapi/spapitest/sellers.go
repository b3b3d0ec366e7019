package spapitest

import "github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"

type participation struct {
	Marketplace struct {
		ID       string `json:"id"`
		Name     string `json:"name"`
		Country  string `json:"countryCode"`
		Currency string `json:"defaultCurrencyCode"`
		Language string `json:"defaultLanguageCode"`
		Domain   string `json:"domainName"`
	} `json:"marketplace"`
	Participation struct {
		IsParticipating      bool `json:"isParticipating"`
		HasSuspendedListings bool `json:"hasSuspendedListings"`
	} `json:"participation"`
	StoreName string `json:"storeName"`
}

func getMarketplaceParticipations(c *call) (any, error) {
	return map[string]any{"payload": c.participations()}, nil
}

func (c *call) participations() []participation {
	s := c.seller()
	list := []participation{}
	for _, id := range s.Marketplaces {
		m := settlementtest.MarketplaceOf(id)
		var p participation
		p.Marketplace.ID, p.Marketplace.Name, p.Marketplace.Country = m.ID, m.Name, m.Country
		p.Marketplace.Currency, p.Marketplace.Language, p.Marketplace.Domain = m.Currency, m.Language, "www."+domain(m.Name)
		p.Participation.IsParticipating = true
		p.StoreName = s.Name
		list = append(list, p)
	}
	return list
}
