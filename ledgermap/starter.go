package ledgermap

import (
	_ "embed"
	"slices"
)

//go:embed starter.yaml
var starter []byte

// Starter is a commented rules file with every category explained, to be made one's own. Its accounts are those of
// the demo tenant, and it is marked `chart: demo`: sync refuses it for any other tenant until the mark is removed.
func Starter() []byte { return slices.Clone(starter) }
