//go:build unix

package page_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/browsertest"
)

func TestThePagesInABrowser(t *testing.T) {
	pages := samples(t)
	dir := t.TempDir()
	for name, html := range pages {
		if err := os.WriteFile(filepath.Join(dir, name+".html"), []byte(html), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	b := browsertest.Open(t)
	for _, v := range []struct {
		name string
		browsertest.View
	}{
		{"desktop-light", browsertest.View{Width: 1280, Height: 800, NoScript: true}},
		{"desktop-dark", browsertest.View{Width: 1280, Height: 800, Dark: true, NoScript: true}},
		{"phone-light", browsertest.View{Width: 375, Height: 740, NoScript: true}},
		{"phone-dark", browsertest.View{Width: 375, Height: 740, Dark: true, NoScript: true}},
	} {
		t.Run(v.name, func(t *testing.T) {
			p := b.Page(t, v.View)
			for name := range pages {
				p.Visit("file://" + filepath.Join(dir, name+".html"))
				p.Screenshot(v.name + "-" + name)
				// What is folded is looked at as well.
				p.Eval(`document.querySelectorAll('details').forEach(d => d.open = true)`, nil)
				for _, text := range p.Faint() {
					t.Errorf("%s: too faint: %s", name, text)
				}
				for _, text := range p.Unlabelled() {
					t.Errorf("%s: %s", name, text)
				}
				if p.Overflows() {
					t.Errorf("%s is wider than the window", name)
				}
				p.Screenshot(v.name + "-" + name + "-unfolded")
			}
			for _, problem := range p.Problems() {
				t.Errorf("Chromium says: %s", problem)
			}
		})
	}
}

func TestTheOrdersBehindALineAreReachedWithTheKeyboard(t *testing.T) {
	file := filepath.Join(t.TempDir(), "payout.html")
	if err := os.WriteFile(file, []byte(samples(t)["payout"]), 0o600); err != nil {
		t.Fatal(err)
	}
	p := browsertest.Open(t).Page(t, browsertest.View{Width: 1280, Height: 800, NoScript: true})
	p.Visit("file://" + file)
	for range 10 {
		p.Press("Tab")
		var at string
		if p.Eval(`document.activeElement.tagName`, &at); at == "SUMMARY" {
			break
		}
	}
	p.Press("Enter")
	var open bool
	if p.Eval(`document.querySelector('details').open`, &open); !open {
		t.Error("the first line's orders cannot be opened without a mouse")
	}
}
