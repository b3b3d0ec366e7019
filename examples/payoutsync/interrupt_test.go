package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// A file that takes long to read does not hold whoever interrupts the program.
func TestASignalEndsTheReadingOfAFile(t *testing.T) {
	report := settlementtest.Seller{Seed: 1, Count: 1, Rows: 20_000, Until: time.Now()}.Settlements()[0].V2()
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	lines := bytes.SplitAfterN(report, []byte("\n"), 3) // the header, the summary and the rest
	_, err := w.Write(slices.Concat(lines[0], lines[1], bytes.Repeat(lines[2], 20)))
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "long.gz")
	if err := os.WriteFile(name, zipped.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	rules := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(rules, ledgermap.Starter(), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	interrupt()
	for _, command := range [][]string{{"inspect", name, name}, {"plan", name, name}, {"rules", "diff", rules, rules, name}} {
		var out, errs bytes.Buffer
		if code := run(ctx, command, strings.NewReader(""), &out, &errs); code != exitRemote || out.Len() > 0 || strings.Count(errs.String(), "interrupted") != 1 {
			t.Errorf("%s: exit code %d, %s%s", command[0], code, &out, &errs)
		}
	}
}
