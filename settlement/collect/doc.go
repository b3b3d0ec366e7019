// Package collect brings settlements home: it finds the settlement reports that Amazon has published for a seller,
// downloads each once, keeps its bytes in an [Archive] before anybody looks at them, and gathers what Amazon's other
// interfaces say about the same payouts.
//
//	archive, err := collect.OpenArchive("archive")
//	collector, err := collect.New(collect.Config{Client: client, Archive: archive, Seller: "A1SELLER"})
//	for entry, err := range collector.Fetch(ctx) { … }       // what is new since the last round
//	settlements, err := archive.Settlements(ctx, "A1SELLER")  // everything there is, in the order of time
//
// Settlement reports cannot be ordered: Amazon publishes them, lists them for 90 days, and then forgets them. The same
// settlement is listed under several report ids and marketplaces, so what identifies it is the pair of seller and
// settlement id inside the document.
package collect
