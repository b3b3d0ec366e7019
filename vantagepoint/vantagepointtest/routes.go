package vantagepointtest

import (
	"net/http"
	"net/url"
	"strings"
)

// route is one operation.
type route struct {
	op    string // "GET DataEntry/jeControl/{Batch}"
	open  bool   // answers without a token
	serve func(*request) answer
}

// pattern is a route and the path that leads to it.
type pattern struct {
	route
	method   string
	vision   bool // under the unpublished root
	segments []string
}

// routes lists every operation of the tenant.
func (t *Tenant) routes() []pattern {
	var list []pattern
	add := func(method, path string, serve func(*request) answer) *pattern {
		list = append(list, pattern{
			route: route{op: method + " " + path, serve: serve}, method: method, segments: strings.Split(path, "/"),
		})
		return &list[len(list)-1]
	}
	add("POST", "token", t.token).open = true

	for _, prefix := range []string{"je", "in", "cr", "cd", "ap"} {
		doc := t.types[prefix]
		control, master, detail := "DataEntry/"+doc.control.name, "DataEntry/"+doc.master.name, "DataEntry/"+doc.detail.name
		add("POST", control, t.createControl(doc))
		add("GET", control+"/{Batch}", t.control(doc))
		add("PUT", control+"/{Batch}", t.updateControl(doc))
		add("DELETE", control+"/{Batch}", t.deleteControl(doc))
		add("GET", master+"/{Batch}", t.master(doc))
		add("POST", master+"/{Batch}", t.createMaster(doc))
		add("PUT", master+"/{Batch}", t.updateMaster(doc))
		add("GET", detail+"/{Batch}", t.detail(doc))
		add("GET", "DataEntry/"+prefix+"Landing", t.landing(doc))
	}
	add("GET", "DataEntry/allLanding", t.landing(nil))
	add("PUT", "DataEntry/PostTransFile", t.postTransFile)
	add("GET", "PSALedger/{Type}", t.psaLedger)

	add("GET", "Settings/Period", t.periods)
	add("GET", "Settings/ActivePeriod", t.activePeriod)
	add("PUT", "Settings/ActivePeriod/{Period}", t.activePeriod)
	add("GET", "Settings/Company", t.companies)
	add("GET", "Settings/ActiveCompany", t.activeCompany)
	add("PUT", "Settings/ActiveCompany/{Company}", t.activeCompany)
	add("GET", "AccountingCompanyConfig/CFGAutoPosting", t.autoPosting)
	add("GET", "KeyCvt/CFGFormat", t.keyFormats)
	add("GET", "KeyCvt/CFGFormatOrg", t.orgFormats)
	add("GET", "Settings/General", t.general)
	add("GET", "Settings/SystemLabels", t.systemLabels)
	add("GET", "codeTable/{Table}", t.codeTable)
	add("GET", "metadata/codeTable/{Table}", t.codeTable)
	add("GET", "metadata/{Entry}", t.metadata)
	add("POST", "Utilities/InvokeCustom/{Name}", t.invokeCustom)
	add("GET", "GLSummary", t.glSummary)

	add("GET", "Accounts", t.accounts)
	for _, h := range []string{"firm", "contact", "employee", "project", "organization"} {
		add("GET", h, t.hubList(h))
		add("GET", h+"/{Key}", t.hubRecord(h))
	}
	for _, h := range []string{"firm", "project"} {
		add("POST", h, t.hubWrite(h, true))
		add("PUT", h+"/{Key}", t.hubWrite(h, false))
	}
	for _, child := range []string{"address", "contact", "project"} {
		add("GET", "firm/{Key}/"+child, t.hubChildren(child))
	}
	add("GET", "project/hierarchy/{Key}", t.hierarchy)
	add("GET", "UDIC/{Name}", t.userHub)
	add("GET", "UDIC/{Name}/{Key}", t.userHub)

	// The unpublished root that the browser application and some connectors use.
	published := len(list)
	add("GET", "Accounts", t.accounts)
	add("POST", "Accounts", t.hubWrite("account", true))
	add("PUT", "Accounts", t.hubWrite("account", false))
	add("GET", "TaxCode", t.hubList("taxcode"))
	add("POST", "TaxCode", t.hubWrite("taxcode", true))
	for i := published; i < len(list); i++ {
		p := &list[i]
		p.vision, p.op = true, p.method+" vision/"+strings.Join(p.segments, "/")
	}
	return list
}

// route finds the operation of a call. Segments count in any case, and a slash at the end does not.
func (t *Tenant) route(r *request) (route, map[string]string) {
	root, vision := t.opt.Path, strings.TrimSuffix(t.opt.Path, "/api")+"/vision"
	path, inAPI := cutRoot(r.path, root)
	if !inAPI {
		var inVision bool
		if path, inVision = cutRoot(r.path, vision); !inVision {
			path = ""
		}
	}
	var segments []string
	for s := range strings.SplitSeq(strings.Trim(path, "/"), "/") {
		plain, err := url.PathUnescape(s)
		if err != nil {
			plain = s
		}
		segments = append(segments, plain)
	}
	known := false
	for _, p := range t.patterns {
		params, ok := p.match(segments)
		if !ok || p.vision == inAPI {
			continue
		}
		if p.method == r.method {
			return p.route, params
		}
		known = true
	}
	return route{op: r.method + " (unknown)", serve: func(*request) answer {
		if known {
			return t.fail(&problem{http.StatusMethodNotAllowed, "The requested resource does not support http method '" + r.method + "'."})
		}
		return unknownPath(t)
	}}, nil
}

func unknownPath(t *Tenant) answer {
	return t.fail(&problem{http.StatusNotFound, "No HTTP resource was found that matches the request URI."})
}

func cutRoot(path, root string) (string, bool) {
	if len(path) < len(root) || !strings.EqualFold(path[:len(root)], root) {
		return "", false
	}
	rest := path[len(root):]
	return rest, rest == "" || rest[0] == '/'
}

// match takes the parameters out of a path, under their lower-case names.
func (p *pattern) match(segments []string) (map[string]string, bool) {
	if len(segments) != len(p.segments) {
		return nil, false
	}
	params := map[string]string{}
	for i, want := range p.segments {
		if name, ok := strings.CutPrefix(want, "{"); ok {
			params[strings.ToLower(strings.TrimSuffix(name, "}"))] = segments[i]
		} else if !strings.EqualFold(want, segments[i]) {
			return nil, false
		}
	}
	return params, true
}
