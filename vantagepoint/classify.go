package vantagepoint

import (
	"bytes"
	"encoding/json"
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// Pattern gives the answers that match Text a class. Text is a regular expression of package regexp, matched without
// regard to case anywhere in the server's text; groups named table, field and value say which column is at fault.
type Pattern struct {
	Text  string
	Class Class
	Hint  string
}

// Patterns returns the texts that Vantagepoint is known to answer, the first match wins. They are English: for a
// tenant with another language put its own in [Config.Patterns], which are tried before these.
func Patterns() []Pattern {
	return []Pattern{
		{`your login has been disabled|invalid_grant|invalid_client|unauthorized_client|unsupported_grant_type`, ClassCredentials, hintLogin},
		{`String or binary data would be truncated(?: in table '(?P<table>[^']*)', column '(?P<field>[^']*)'\.? Truncated value: '(?P<value>[^']*)')?`, ClassTruncated, "shorten the text: its column is too small for it"},
		{`already exists and cannot be added`, ClassDuplicate, ""},
		{`\b(?:Firm Number|Vendor Number|Tax Code) ?.{0,60} ?already exists`, ClassDuplicate, "codes are upper-cased and cut when they are stored: read the record before creating another"},
		{`Record not found|The requested records could not be found`, ClassNotFound, ""},
		{`Field (?P<field>\S+) does not exist`, ClassValidation, "the tenant does not know this column: leave it out, or check its name in the metadata"},
		{`Column:\s*(?P<field>\S+) does not exist`, ClassValidation, "a column is missing from the request: send it as \"\" in Extra"},
		{`Please provide an? (?P<field>.+?) for table (?P<table>\w+)`, ClassValidation, "a required value is missing"},
		{`(?P<field>Organization) is required`, ClassValidation, "a required value is missing"},
		{`Cannot insert NULL into (?:the )?'?(?P<field>\w+)'? column`, ClassValidation, "a required value is missing"},
		{`"(?P<value>[^"]*)" is invalid\. The correct format is`, ClassValidation, "write the key as Settings.KeyFormats says"},
		{`(?P<field>Country Code) (?P<value>\S+) does not exist`, ClassValidation, "the value is not in its code table"},
		{`Object reference not set to an instance of an object`, ClassServer, "nearly always a related column is missing or names a record that does not exist"},
		{`Authorization has been denied|token (?:is|has) (?:invalid|expired)`, ClassCredentials, ""},
	}
}

const hintBase = "is the base address the one that ends in /api?"

const hintLogin = "check user name, password, database and client id, that the user may log in, and that the API authorization allows the password grant"

type matcher struct {
	Pattern
	re *regexp.Regexp
}

func compilePatterns(patterns []Pattern) ([]matcher, error) {
	matchers := make([]matcher, len(patterns))
	for i, p := range patterns {
		re, err := regexp.Compile("(?is)" + p.Text)
		if err != nil {
			return nil, err
		}
		matchers[i] = matcher{p, re}
	}
	return matchers, nil
}

// classify turns an answer into the parts of an Error that depend on its text.
func classify(matchers []matcher, status int, body []byte) *Error {
	text := serverText(body)
	e := &Error{Status: status, Class: classOfStatus(status), Messages: splitMessages(text)}
	for _, m := range matchers {
		groups := m.re.FindStringSubmatch(text)
		if groups == nil {
			continue
		}
		// A status that speaks for itself is not overruled by a text that a page may hold by chance.
		if status == http.StatusUnauthorized || status == http.StatusForbidden || status == http.StatusTooManyRequests {
			break
		}
		e.Class, e.Hint = m.Class, m.Hint
		f := FieldError{}
		for i, name := range m.re.SubexpNames() {
			switch name {
			case "table":
				f.Table = groups[i][strings.LastIndexByte(groups[i], '.')+1:] // 'base.dbo.jeDetail'
			case "field":
				f.Field = groups[i]
			}
		}
		if f != (FieldError{}) {
			f.Reason = "see the server's text"
			e.Fields = []FieldError{f}
		}
		break
	}
	if e.Hint == "" && status == http.StatusForbidden {
		e.Hint = "give the user's role access to this in Settings > Security > Roles, for transactions per company"
	}
	return e
}

func classOfStatus(status int) Class {
	switch {
	case status == http.StatusUnauthorized:
		return ClassCredentials
	case status == http.StatusForbidden:
		return ClassDenied
	case status == http.StatusNotFound:
		return ClassNotFound
	case status == http.StatusTooManyRequests:
		return ClassThrottled
	case status == http.StatusRequestTimeout, status >= 500:
		return ClassServer
	case status == 0, status/100 == 2, status/100 == 3:
		return ClassTransport
	}
	return ClassValidation
}

var (
	breaks  = regexp.MustCompile(`(?i)<br\s*/?>|[\r\n]+|\[CRLF\]`)
	scripts = regexp.MustCompile(`(?is)<(script|style|head)\b.*?</(script|style|head)>`)
	title   = regexp.MustCompile(`(?is)<title>(.*?)</title>`)
	tags    = regexp.MustCompile(`(?s)<[^>]*>`)
	blanks  = regexp.MustCompile(`\s+`)
	// Messages are joined by ". "; that a capital must follow keeps "approx. 3" together.
	sentences = regexp.MustCompile(`\.\s+(\p{Lu})`)
)

// serverText finds the words in an error body: {"message","detail"}, a JSON string, OAuth's pair, an HTML page, or
// plain text.
func serverText(body []byte) string {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	if len(body) == 0 {
		return ""
	}
	var text string
	if json.Unmarshal(body, &text) == nil {
		return text
	}
	var object map[string]any
	if json.Unmarshal(body, &object) == nil {
		var parts []string
		for _, name := range []string{"error", "error_description", "message", "Message", "detail", "Detail", "ExceptionMessage"} {
			if s, ok := object[name].(string); ok && s != "" && !slices.Contains(parts, s) {
				parts = append(parts, s)
			}
		}
		if len(parts) > 0 {
			return strings.Join(parts, "\n")
		}
		return string(body)
	}
	if looksLikeHTML(body) {
		page := string(body)
		heading := ""
		if m := title.FindStringSubmatch(page); m != nil {
			heading = m[1] + "\n"
		}
		page = tags.ReplaceAllString(scripts.ReplaceAllString(page, ""), " ")
		return html.UnescapeString(heading + blanks.ReplaceAllString(page, " "))
	}
	return string(body)
}

func looksLikeHTML(body []byte) bool {
	start := bytes.ToLower(body[:min(len(body), 512)])
	return bytes.HasPrefix(start, []byte("<!doctype html")) || bytes.Contains(start, []byte("<html")) || bytes.Contains(start, []byte("<body"))
}

// splitMessages undoes the server's joining and repeating.
func splitMessages(text string) []string {
	const longest, most = 500, 10
	var messages []string
	for _, line := range breaks.Split(text, -1) {
		for sentence := range strings.SplitSeq(sentences.ReplaceAllString(line, "\x00$1"), "\x00") {
			sentence = strings.TrimRight(strings.TrimSpace(blanks.ReplaceAllString(sentence, " ")), ".")
			if sentence == "" || slices.Contains(messages, sentence) || len(messages) == most {
				continue
			}
			if len(sentence) > longest {
				sentence = strings.ToValidUTF8(sentence[:longest], "") + "…"
			}
			messages = append(messages, sentence)
		}
	}
	return messages
}
