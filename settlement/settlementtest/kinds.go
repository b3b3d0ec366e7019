package settlementtest

import (
	_ "embed"
	"strings"
)

// Kind is one combination of words that was seen on settlement rows.
type Kind struct {
	TransactionType, AmountType, AmountDescription string
	Sign                                           int // +1 or -1 as usual; 0 where both are usual
}

//go:embed kinds.tsv
var kindsTSV string

// Vocabulary lists the combinations of words that real reports are known to hold, in a fixed order.
func Vocabulary() []Kind {
	lines := strings.Split(strings.TrimSpace(kindsTSV), "\n")[1:]
	list := make([]Kind, 0, len(lines))
	for _, line := range lines {
		f := strings.Split(line, "\t")
		list = append(list, Kind{f[0], f[1], f[2], map[string]int{"+": 1, "-": -1}[f[3]]})
	}
	return list
}
