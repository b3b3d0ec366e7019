package vantagepointtest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"
)

const dateTime = "2006-01-02T15:04:05.000"

// nullReference is what the server says when a related record is missing that it took for granted.
func nullReference() *problem {
	return &problem{http.StatusInternalServerError, "Object reference not set to an instance of an object"}
}

// body decodes a JSON object, with numbers as they were written.
func body(r *request) (map[string]any, *problem) {
	var v any
	if p := decode(r, &v); p != nil {
		return nil, p
	}
	// Arrays of one are how the API answers; whether it takes them is not known, so they are refused.
	object, ok := v.(map[string]any)
	if !ok {
		return nil, badRequest("The request body must be one JSON object.")
	}
	return object, nil
}

func decode(r *request, v any) *problem {
	media, _, _ := strings.Cut(r.header.Get("Content-Type"), ";")
	if !strings.EqualFold(strings.TrimSpace(media), "application/json") {
		return &problem{http.StatusUnsupportedMediaType, "The request entity's media type '" + media + "' is not supported for this resource."}
	}
	d := json.NewDecoder(bytes.NewReader(r.body))
	d.UseNumber()
	if err := d.Decode(v); err != nil {
		return badRequest("The request is invalid: the body is not JSON.")
	}
	if _, err := d.Token(); err != io.EOF {
		return badRequest("The request is invalid: there is something behind the JSON body.")
	}
	return nil
}

// children takes the rows of a nested table out of a body.
func children(object map[string]any, name string) ([]map[string]any, *problem) {
	v, ok := object[name]
	delete(object, name)
	if !ok || v == nil {
		return nil, nil
	}
	list, ok := v.([]any)
	if !ok {
		return nil, badRequest("The member " + name + " must be an array.")
	}
	rows := make([]map[string]any, len(list))
	for i, item := range list {
		if rows[i], ok = item.(map[string]any); !ok {
			return nil, badRequest("The members of " + name + " must be objects.")
		}
	}
	return rows, nil
}

// input reads one row. A new row gets the defaults of the columns that are not named; a changed row (old not nil) keeps
// them, because PUT acts like PATCH. Required columns are checked over the whole row either way.
func (t *Tenant) input(tb *table, object map[string]any, old row) (row, *problem) {
	r := row{}
	for i := range tb.fields {
		f := &tb.fields[i]
		if f.computed {
			continue
		}
		v, sent := object[f.name]
		switch {
		case sent:
			text, p := t.column(tb, f, v)
			if p != nil {
				return nil, p
			}
			r[f.name] = text
		case old != nil:
			r[f.name] = old[f.name]
		case f.key && (f.name != "PKey" || t.opt.Quirks.RequirePKey):
			return nil, badRequest("Column:" + f.name + " does not exist")
		default:
			r[f.name] = f.initial()
		}
	}
	for name := range object {
		unknown := tb.field(name) == nil
		if unknown && (strings.HasPrefix(name, "Cust") || t.opt.Quirks.RefuseUnknownFields) {
			return nil, badRequest("Field " + name + " does not exist")
		}
	}
	var missing []string
	for i := range tb.fields {
		if f := &tb.fields[i]; f.required && strings.TrimSpace(r[f.name]) == "" {
			missing = append(missing, fmt.Sprintf("Please provide a %s for table %s", f.caption, tb.name))
		}
	}
	if missing != nil {
		return nil, badRequest(strings.Join(missing, "<BR/>"))
	}
	return r, nil
}

// column brings one value into the form in which it is stored.
func (t *Tenant) column(tb *table, f *field, v any) (string, *problem) {
	if v == nil {
		if f.key || f.required || f.kind != kindText {
			return "", badRequest("Cannot insert NULL into " + f.name + " column")
		}
		return "", nil
	}
	n, isNumber := v.(json.Number)
	text, isText := v.(string)
	wrong := badRequest(fmt.Sprintf("Error converting value for column %s of table %s.", f.name, tb.name))
	switch f.kind {
	case kindAmount, kindRate, kindCount:
		if !isNumber {
			return "", wrong
		}
		return storedNumber(f, n.String(), wrong)
	case kindDate:
		if !isText {
			return "", wrong
		}
		return storedDate(text, wrong)
	case kindFlag:
		if text != "Y" && text != "N" && (text != "" || !isText) {
			return "", badRequest(fmt.Sprintf("%q is invalid. The correct format is Y or N", fmt.Sprint(v)))
		}
		return text, nil
	default:
	}
	if isNumber {
		text = n.String()
	} else if !isText {
		return "", wrong
	}
	return t.storedText(tb, f, text)
}

func storedNumber(f *field, text string, wrong *problem) (string, *problem) {
	d, err := parseDec(text)
	if err != nil {
		if errors.Is(err, errTooBig) {
			return "", badRequest(errTooBig.Error())
		}
		return "", wrong
	}
	switch f.kind {
	case kindRate:
		return text, nil
	case kindCount:
		if d < 0 || d%10_000 != 0 || d > 2_147_483_647_0000 {
			return "", wrong
		}
	default:
	}
	return d.text(0), nil
}

// storedDate takes a date with or without a time of day, and never with a zone: the tenant has none.
func storedDate(text string, wrong *problem) (string, *problem) {
	if text == "" {
		return "", nil
	}
	for _, layout := range []string{dateTime, "2006-01-02T15:04:05", time.DateOnly} {
		if d, err := time.Parse(layout, text); err == nil {
			return d.Format(dateTime), nil
		}
	}
	return "", wrong
}

func (t *Tenant) storedText(tb *table, f *field, text string) (string, *problem) {
	if f.upper {
		// Codes are changed without a word.
		text = strings.ToUpper(strings.TrimSpace(text))
		if r := []rune(text); f.max > 0 && len(r) > f.max {
			text = string(r[:f.max])
		}
		return text, nil
	}
	if f.name == "Batch" && t.opt.Quirks.UpperBatch {
		text = strings.ToUpper(text)
	}
	if f.max > 0 && utf8.RuneCountInString(text) > f.max {
		return "", badRequest(fmt.Sprintf("String or binary data would be truncated in table '%s', column '%s'. Truncated value: '%s'",
			tb.name, f.name, string([]rune(text)[:f.max])))
	}
	if f.padded && text != "" {
		text = pad(text, f.max)
	}
	if f.kind == kindLevel || f.name == "Account" {
		return t.keyText(f, text)
	}
	return text, nil
}

// keyText brings account and project keys into the tenant's format.
func (t *Tenant) keyText(f *field, text string) (string, *problem) {
	sent := text
	text = strings.TrimSpace(text)
	if text == "" {
		switch form := t.opt.Quirks.BlankProject; {
		case f.name == "WBS1" && form == BlankSpace && sent == "":
			return "", nullReference()
		case f.name == "WBS1" && form == BlankEmpty && sent != "":
			return "", badRequest("Project " + sent + " does not exist")
		}
		return f.initial(), nil
	}
	format := map[string]KeyFormat{
		"Account": t.opt.Formats.Account, "WBS1": t.opt.Formats.WBS1, "WBS2": t.opt.Formats.WBS2, "WBS3": t.opt.Formats.WBS3,
	}[f.name]
	return format.apply(text)
}

// apply pads a key where the format says so, and refuses one that does not fit it.
func (k KeyFormat) apply(text string) (string, *problem) {
	if k.Length == 0 || text == "" {
		return text, nil
	}
	if k.LeadZeros {
		text = pad(text, k.Length)
	}
	mask := k.mask()
	fits := len(text) == len(mask)
	for i := 0; fits && i < len(text); i++ {
		fits = (mask[i] == '#') == (k.Delimiter == "" || text[i] != k.Delimiter[0])
	}
	if !fits {
		return "", badRequest(fmt.Sprintf("%q is invalid. The correct format is %s", text, mask))
	}
	return text, nil
}

func (k KeyFormat) mask() string {
	mask := bytes.Repeat([]byte{'#'}, k.Length)
	if k.Delimiter != "" && k.Position > 0 && k.Position <= k.Length {
		mask[k.Position-1] = k.Delimiter[0]
	}
	return string(mask)
}

func pad(text string, length int) string {
	if n := length - utf8.RuneCountInString(text); n > 0 {
		return strings.Repeat("0", n) + text
	}
	return text
}
