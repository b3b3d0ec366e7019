package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/browsertest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/web"
)

// paths are the pages that a browser looks at, by the name of the picture.
var paths = map[string]string{
	"payouts": "/payouts", "payout": "/payouts/acme-us/50034020329", "findings": "/findings", "approvals": "/approvals",
	"sellers": "/sellers", "jobs": "/jobs?state=", "nothing": "/nothing", "none": "/payouts?state=planned&q=9",
}

// enter logs in as a person would, with the keyboard alone.
func enter(t *testing.T, p *browsertest.Page, s site) {
	t.Helper()
	p.Visit(s.URL + "/approvals")
	for range 10 {
		p.Press("Tab")
		if focused(p) == "name" {
			break
		}
	}
	p.Press("ann")
	p.Press("Tab")
	p.Press(password)
	p.Press("Enter")
	p.WaitLoad()
}

func focused(p *browsertest.Page) string {
	var id string
	p.Eval(`document.activeElement.id || document.activeElement.textContent.trim()`, &id)
	return id
}

func TestPagesInABrowser(t *testing.T) {
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
			s := serve(t, full(), withUsers(t, "ann"))
			p := b.Page(t, v.View)
			look := func(name string) {
				t.Helper()
				p.Screenshot(v.name + "-" + name)
				for _, text := range p.Faint() {
					t.Errorf("%s: too faint: %s", name, text)
				}
				for _, text := range p.Unlabelled() {
					t.Errorf("%s: %s", name, text)
				}
				if p.Overflows() {
					t.Errorf("%s is wider than the window", name)
				}
			}
			p.Visit(s.URL + "/payouts")
			look("login")
			enter(t, p, s)
			for name, path := range paths {
				p.Visit(s.URL + path)
				look(name)
			}
			for _, problem := range p.Problems() {
				if !strings.Contains(problem, "/nothing") { // its status is 404
					t.Errorf("Chromium says: %s", problem)
				}
			}
		})
	}
}

func TestAPlanIsReleasedWithTheKeyboardAlone(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann"))
	p := browsertest.Open(t).Page(t, browsertest.View{Width: 1280, Height: 800, NoScript: true})
	enter(t, p, s)
	var ring []string
	for range 40 {
		p.Press("Tab")
		at := focused(p)
		ring = append(ring, at)
		var outline string
		p.Eval(`getComputedStyle(document.activeElement).outlineStyle + ' ' + getComputedStyle(document.activeElement).outlineWidth`, &outline)
		if outline != "solid 3px" {
			t.Errorf("the focus on %q is not seen: %s", at, outline)
		}
		if at == "Release as ann" {
			break
		}
	}
	if ring[0] != "Skip to the content" {
		t.Errorf("the first stop is %q", ring[0])
	}
	p.Press("Enter")
	p.WaitLoad()
	var notice string
	p.Eval(`document.querySelector('[role=status]').textContent`, &notice)
	if fmt.Sprint(s.source.released) != "[acme-us/50034020328 abcdef0123456789aa by ann]" || !strings.Contains(notice, "audit trail") {
		t.Errorf("released %v after %q; the page says %q", s.source.released, ring, notice)
	}
}

func TestTheSessionIsHiddenFromScripts(t *testing.T) {
	s := serve(t, full(), withUsers(t, "ann"))
	p := browsertest.Open(t).Page(t, browsertest.View{Width: 1280, Height: 800})
	enter(t, p, s)
	var cookies string
	p.Eval(`document.cookie`, &cookies)
	if cookies != "" {
		t.Errorf("a script reads %s", cookies)
	}
	p.Eval(`(() => { const s = document.createElement('script'); s.textContent = 'document.title = "taken"'; document.body.append(s); })()`, nil)
	var title string
	p.Eval(`document.title`, &title)
	if title == "taken" || len(p.Problems()) == 0 {
		t.Errorf("an inline script ran: %s", title)
	}
}

var _ web.Source = (*source)(nil)
