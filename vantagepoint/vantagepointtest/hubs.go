package vantagepointtest

import (
	"slices"
	"strings"
)

// hubs holds the records that are not transactions and can be written.
type hubs struct {
	firms []Firm
}

// hubChange is one written firm.
type hubChange struct {
	Firm Firm `json:"firm"`
}

func newHubs(o Options) hubs { return hubs{firms: slices.Clone(o.Firms)} }

func (h *hubs) apply(c hubChange) {
	if i := slices.IndexFunc(h.firms, func(f Firm) bool { return same(f.ClientID, c.Firm.ClientID) }); i >= 0 {
		h.firms[i] = c.Firm
		return
	}
	h.firms = append(h.firms, c.Firm)
}

// vendor finds a firm by its vendor number.
func (h *hubs) vendor(number string) *Firm {
	i := slices.IndexFunc(h.firms, func(f Firm) bool { return f.Vendor != "" && strings.EqualFold(f.Vendor, number) })
	if i < 0 {
		return nil
	}
	return &h.firms[i]
}
