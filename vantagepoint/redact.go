package vantagepoint

import (
	"cmp"
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

const hidden = "[hidden]"

// hide removes secrets from a text, in every spelling that a server could give them: as they are, form-encoded,
// path-encoded, inside JSON or HTML. A text that still holds one after its escapes are undone is withheld whole.
// Secrets shorter than four bytes are not looked for: they would blacken half of every text.
func hide(text string, known []Secret) string {
	var secrets []string
	for _, s := range known {
		if secret := s.Reveal(); len(secret) >= 4 {
			secrets = append(secrets, secret)
		}
	}
	slices.SortFunc(secrets, func(a, b string) int { return cmp.Compare(len(b), len(a)) }) // one may hold another
	for _, secret := range secrets {
		quoted, _ := json.Marshal(secret) // a string cannot fail
		for _, spelling := range []string{secret, url.QueryEscape(secret), url.PathEscape(secret), string(quoted[1 : len(quoted)-1]), html.EscapeString(secret)} {
			text = strings.ReplaceAll(text, spelling, hidden)
		}
	}
	plain, form := unescape(text), unescape(strings.ReplaceAll(text, "+", " ")) // a form writes a blank as +
	for _, secret := range secrets {
		if strings.Contains(plain, secret) || strings.Contains(form, secret) {
			return "(withheld: it repeats a credential)"
		}
	}
	return text
}

var (
	jsonEscapes    = regexp.MustCompile(`\\(?:u[0-9a-fA-F]{4}|["\\/])`)
	percentEscapes = regexp.MustCompile(`%[0-9a-fA-F]{2}`)
)

// unescape undoes JSON's, HTML's and percent escapes, whatever of them is there.
func unescape(text string) string {
	text = jsonEscapes.ReplaceAllStringFunc(text, func(escape string) string {
		if escape[1] != 'u' {
			return escape[1:]
		}
		n, _ := strconv.ParseUint(escape[2:], 16, 32) // the pattern has checked it
		return string(rune(n))
	})
	text = percentEscapes.ReplaceAllStringFunc(text, func(escape string) string {
		n, _ := strconv.ParseUint(escape[1:], 16, 8)
		return string([]byte{byte(n)})
	})
	return html.UnescapeString(text)
}

// cut keeps the beginning of a body for an error.
func cut(body string) string {
	const longest = 2 << 10
	if len(body) <= longest {
		return body
	}
	return strings.ToValidUTF8(body[:longest], "") + "…"
}
