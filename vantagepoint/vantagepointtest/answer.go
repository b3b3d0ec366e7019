package vantagepointtest

import (
	"net/http"
	"strings"
)

// problem is an error as the tenant tells it: a status and a text, no code anywhere.
type problem struct {
	status  int
	message string
}

// Error makes problem an error, so that it travels through ordinary Go code.
func (p *problem) Error() string { return p.message }

func badRequest(message string) *problem { return &problem{http.StatusBadRequest, message} }

const jsonType = "application/json; charset=utf-8"

// fail writes a problem in the form that the tenant is set to.
func (t *Tenant) fail(p *problem) answer {
	switch t.opt.Quirks.Errors {
	case ErrorsText:
		return answer{p.status, http.Header{"Content-Type": {"text/plain; charset=utf-8"}}, []byte(p.message + "<BR/>" + p.message)}
	case ErrorsHTML:
		return html(p.status, p.message)
	case ErrorsJSON:
	}
	return answer{p.status, http.Header{"Content-Type": {jsonType}}, obj{{"message", p.message}, {"detail", ""}}.appendJSON(nil, NumbersShort)}
}

func html(status int, text string) answer {
	page := "<!DOCTYPE html>\r\n<html><head><title>" + http.StatusText(status) + "</title></head>\r\n<body><h2>" + htmlEscape(text) + "</h2></body></html>\r\n"
	return answer{status, http.Header{"Content-Type": {"text/html; charset=us-ascii"}}, []byte(page)}
}

func htmlEscape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(s)
}

// rows answers a list after the query's own wishes: order, page, columns.
func (t *Tenant) rows(r *request, list []obj) answer {
	return answer{http.StatusOK, http.Header{"Content-Type": {jsonType}}, t.encode(selectFields(r.query, list))}
}

// created answers a POST.
func (t *Tenant) created(r *request, location string, list ...obj) answer {
	a := t.rows(r, list)
	a.status = http.StatusCreated
	a.header.Set("Location", location)
	return a
}

// notFound answers a read that found nothing.
func (t *Tenant) notFound(r *request) answer {
	const text = "The requested records could not be found."
	switch t.opt.Quirks.NotFound {
	case NotFound400:
		return t.fail(badRequest(text))
	case NotFoundEmpty:
		return t.rows(r, nil)
	default:
		return t.fail(&problem{http.StatusNotFound, text})
	}
}

// encode writes a list as JSON.
func (t *Tenant) encode(list []obj) []byte {
	b := []byte{'['}
	for i, o := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = o.appendJSON(b, t.opt.Quirks.Numbers)
	}
	b = append(b, ']')
	if name := t.opt.Quirks.Envelope; name != "" {
		b = append(append(appendString([]byte{'{'}, name), ':'), append(b, '}')...)
	}
	return b
}
