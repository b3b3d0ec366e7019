package vantagepoint

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Procedures calls stored procedures of the tenant's database. In the database their names begin with
// DeltekStoredProc, which is left out here.
type Procedures struct{ client *Client }

// Invoke runs a procedure with named parameters and returns its result, an XML document. What a procedure changes is
// unknown, so it is run once and never again: a lost answer is ErrUnanswered.
//
// Vantagepoint: POST Utilities/InvokeCustom/{name}; the answer is XML inside a JSON string.
func (p *Procedures) Invoke(ctx context.Context, name string, parameters map[string]any) (string, error) {
	op := "procedures." + name
	if parameters == nil {
		parameters = map[string]any{}
	}
	answer, err := p.client.send(ctx, rest.Call{Op: op, Method: http.MethodPost, Path: []string{"Utilities", "InvokeCustom", name}, Body: parameters})
	if err != nil {
		return "", err
	}
	var document string
	if err := json.Unmarshal(answer.Body, &document); err != nil {
		return "", p.client.unreadable(op, http.MethodPost, answer, err)
	}
	return document, nil
}

var xmlEncoding = regexp.MustCompile(`(?i)^(\s*<\?xml[^>]*?)\s+encoding=("[^"]*"|'[^']*')`)

// InvokeInto runs a procedure and decodes its result into out with package encoding/xml. It makes the call of
// [Procedures.Invoke].
func (p *Procedures) InvokeInto(ctx context.Context, name string, parameters map[string]any, out any) error {
	document, err := p.Invoke(ctx, name, parameters)
	if err != nil {
		return err
	}
	// .NET declares utf-16, but inside a JSON string the text is what it is.
	decoder := xml.NewDecoder(strings.NewReader(xmlEncoding.ReplaceAllString(document, "$1")))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	if err := decoder.Decode(out); err != nil {
		return &Error{Op: "procedures." + name, Class: ClassTransport, Messages: []string{"the procedure ran, but its result is not the XML that was expected"}, err: p.client.session.hideIn(err)}
	}
	return nil
}
