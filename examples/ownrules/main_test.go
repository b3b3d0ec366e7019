package main

import (
	"bytes"
	"fmt"
)

func Example() {
	if err := plan(bytes.NewReader(sample)); err != nil {
		fmt.Println(err)
	}
	// Output:
	// journal 2026-10-31 202610
	//   4100  MUGS.000       0.00    20.00
	//   2200                 0.00     1.65
	//   2200                 1.65     0.00
	//   6310  ONLINE.000     3.00     0.00
	//   7200                 1.29     0.00
	//   1190                15.71     0.00
	// journal 2026-11-02 202611
	//   4100  MUGS.000       0.00    25.00
	//   6310  ONLINE.000     3.77     0.00
	//   1190                21.23     0.00
	// receipt 2026-11-05 202611
	//   1010                36.94     0.00
	//   1190                 0.00    36.94
}
