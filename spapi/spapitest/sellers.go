package spapitest

import (
	"slices"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

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
	for _, id := range s.MarketplaceIDs {
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

func getAccount(c *call) (any, error) {
	s := c.seller()
	address := map[string]string{"addressLine1": "1 Example Street", "city": "Example City", "countryCode": settlementtest.MarketplaceOf(s.MarketplaceIDs[0]).Country}
	return map[string]any{"payload": map[string]any{
		"marketplaceParticipationList": c.participations(), "businessType": "PRIVATE_LIMITED", "sellingPlan": "PROFESSIONAL",
		"business":       map[string]any{"name": s.Name, "registeredBusinessAddress": address},
		"primaryContact": map[string]any{"name": "Jo Example", "address": address},
	}}, nil
}

// createRestrictedDataToken gives a token that opens exactly the named resources, for an hour.
func createRestrictedDataToken(c *call) (any, error) {
	var body struct {
		TargetApplication   string `json:"targetApplication"`
		RestrictedResources []struct {
			Method       string   `json:"method"`
			Path         string   `json:"path"`
			DataElements []string `json:"dataElements"`
		} `json:"restrictedResources"`
	}
	if err := c.decode(&body); err != nil {
		return nil, err
	}
	if n := len(body.RestrictedResources); n == 0 || n > 50 {
		return nil, invalid("restrictedResources must have 1 to 50 members.", "restrictedResources")
	}
	g := grant{clientID: c.client, account: c.account, expires: c.now.Add(time.Hour), restricted: []string{}}
	for _, r := range body.RestrictedResources {
		if r.Path == "" || !slices.Contains([]string{"GET", "PUT", "POST", "DELETE"}, r.Method) {
			return nil, invalid("A restricted resource needs a method and a path.", r.Method+" "+r.Path)
		}
		g.restricted = append(g.restricted, r.Method+" "+r.Path)
	}
	return map[string]any{"restrictedDataToken": c.amazon.issue("Atz.sprdt|", g), "expiresIn": 3600}, nil
}
