package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
)

// frame is what every page has around its own.
type frame struct {
	Title, At         string // At is the entry of the menu that is marked
	Menu              []entry
	User, FormKey     string
	Style, Icon, Zone string
	Notice            string
	Page              any
}

type entry struct{ Path, Label string }

var menu = []entry{{"/payouts", "Payouts"}, {"/findings", "Findings"}, {"/approvals", "Approvals"}, {"/sellers", "Sellers"}, {"/jobs", "Jobs"}}

// titles are the pages, by the name of their template.
var titles = map[string]string{
	"payouts": "Payouts", "payout": "Payout", "findings": "Findings", "approvals": "Approvals", "sellers": "Sellers", "jobs": "Jobs",
	"login": "Log in", "problem": "A problem",
}

type (
	loginPage   struct{ Name, Next, Problem string }
	problemPage struct{ Text string }
	payoutsPage struct {
		Filter         Filter
		States         []string
		Sellers        []Seller
		Payouts        []Payout
		Newer, Older   string // links; empty for none
		First, Through int
	}
	jobsPage struct {
		State  string
		Counts []Count
		Jobs   []Job
	}
	approvalsPage struct {
		Approvals []Approval
		LoggedIn  bool
	}
)

// pageSize is how many payouts one page shows.
const pageSize = 50

func (s *Site) payouts(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	page := payoutsPage{States: States, Filter: Filter{State: q.Get("state"), Seller: q.Get("seller"), Text: strings.TrimSpace(q.Get("q")), Most: pageSize}}
	page.Filter.Skip, _ = strconv.Atoi(q.Get("skip")) // what is no number is the first page
	page.Filter.Skip = max(page.Filter.Skip, 0)
	var more bool
	var err error
	if page.Payouts, more, err = s.options.Source.Payouts(r.Context(), page.Filter); err == nil {
		page.Sellers, err = s.options.Source.Sellers(r.Context())
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	page.First, page.Through = page.Filter.Skip+1, page.Filter.Skip+len(page.Payouts)
	at := func(skip int) string {
		to := url.Values{"state": {page.Filter.State}, "seller": {page.Filter.Seller}, "q": {page.Filter.Text}, "skip": {strconv.Itoa(skip)}}
		return "/payouts?" + to.Encode()
	}
	if page.Filter.Skip > 0 {
		page.Newer = at(max(page.Filter.Skip-pageSize, 0))
	}
	if more {
		page.Older = at(page.Filter.Skip + pageSize)
	}
	s.show(w, r, http.StatusOK, "payouts", page)
}

func (s *Site) payout(w http.ResponseWriter, r *http.Request) {
	p, err := s.options.Source.Payout(r.Context(), r.PathValue("seller"), r.PathValue("settlement"))
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "payout", p)
}

func (s *Site) report(w http.ResponseWriter, r *http.Request) {
	var html bytes.Buffer
	if err := s.options.Source.Report(r.Context(), r.PathValue("seller"), r.PathValue("settlement"), &html); err != nil {
		if refused, ok := errors.AsType[*RefusedError](err); ok {
			s.problem(w, r, http.StatusConflict, sentence(refused.Reason))
			return
		}
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Security-Policy", reportPolicy)
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(html.Bytes()) // nobody is there to be told
}

func (s *Site) findings(w http.ResponseWriter, r *http.Request) {
	found, err := s.options.Source.Findings(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "findings", found)
}

func (s *Site) sellers(w http.ResponseWriter, r *http.Request) {
	all, err := s.options.Source.Sellers(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "sellers", all)
}

func (s *Site) jobs(w http.ResponseWriter, r *http.Request) {
	page := jobsPage{State: r.URL.Query().Get("state")}
	var err error
	if page.Jobs, page.Counts, err = s.options.Source.Jobs(r.Context(), page.State); err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "jobs", page)
}

func (s *Site) approvals(w http.ResponseWriter, r *http.Request) {
	waiting, err := s.options.Source.Approvals(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.show(w, r, http.StatusOK, "approvals", approvalsPage{Approvals: waiting, LoggedIn: s.options.Door != nil})
}

func (s *Site) approve(w http.ResponseWriter, r *http.Request) {
	one := sessionOf(r)
	if one.user == "" || !login.RightFormKey(one.token, r.PostFormValue("key")) {
		s.problem(w, r, http.StatusForbidden, "This form does not belong to your session. Load the page again and repeat it.")
		return
	}
	seller, settlement, plan := r.PostFormValue("seller"), r.PostFormValue("settlement"), r.PostFormValue("plan")
	err := s.options.Source.Approve(r.Context(), seller, settlement, plan, one.user)
	if refused, ok := errors.AsType[*RefusedError](err); ok {
		s.problem(w, r, http.StatusConflict, sentence(refused.Reason))
		return
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.options.Logger.InfoContext(r.Context(), "a plan was released", "user", one.user, "settlement", seller+"/"+settlement, "plan", plan)
	http.Redirect(w, r, "/approvals?done="+url.QueryEscape(settlement), http.StatusSeeOther)
}

// fail shows what happened without what only the log should tell.
func (s *Site) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, ErrNotFound) {
		s.problem(w, r, http.StatusNotFound, "There is nothing at this address.")
		return
	}
	if r.Context().Err() == nil {
		s.options.Logger.ErrorContext(r.Context(), "a page could not be made", "path", r.URL.Path, "error", err)
	}
	s.problem(w, r, http.StatusServiceUnavailable, "The page could not be made now. The log says why; most often the database is away for a moment.")
}

func (s *Site) problem(w http.ResponseWriter, r *http.Request, status int, text string) {
	s.show(w, r, status, "problem", problemPage{text})
}

// show renders a page. It is rendered whole before anything is sent, so that an error never follows half a page.
func (s *Site) show(w http.ResponseWriter, r *http.Request, status int, name string, page any) {
	one := sessionOf(r)
	f := frame{
		Title: titles[name], Menu: menu, At: "/" + strings.SplitN(strings.TrimPrefix(r.URL.Path, "/"), "/", 2)[0],
		User: one.user, Style: s.style.path, Icon: s.icon.path, Zone: s.options.Zone.String(), Page: page,
	}
	if name == "login" || (s.options.Door != nil && one.user == "") {
		f.Menu = nil
	}
	if one.token != "" {
		f.FormKey = login.FormKey(one.token)
	}
	if p, ok := page.(Payout); ok {
		f.Title = "Settlement " + p.Settlement
	}
	if done := r.URL.Query().Get("done"); name == "approvals" && done != "" {
		f.Notice = "Your release of settlement " + done + " is in the audit trail."
	}
	var html bytes.Buffer
	if err := s.pages[name].ExecuteTemplate(&html, "frame", f); err != nil {
		s.options.Logger.ErrorContext(r.Context(), "a page could not be rendered", "path", r.URL.Path, "error", err)
		say(w, http.StatusInternalServerError, "the page could not be rendered; the log says why")
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(html.Bytes()) // nobody is there to be told
}

func (s *Site) parse() error {
	functions := template.FuncMap{
		"day":    func(t time.Time) string { return s.format(t, time.DateOnly) },
		"minute": func(t time.Time) string { return s.format(t, "2006-01-02 15:04") },
		"words":  func(text string) string { return strings.ReplaceAll(text, "_", " ") },
		"short":  func(hash string) string { return hash[:min(16, len(hash))] },
		"every":  every,
		"parts":  parts,
		"machine": func(t time.Time) string {
			return t.UTC().Format(time.RFC3339)
		},
	}
	s.pages = map[string]*template.Template{}
	for name := range titles {
		t, err := template.New("").Funcs(functions).ParseFS(pageFiles, "pages/frame.html", "pages/"+name+".html")
		if err != nil {
			return fmt.Errorf("web: page %s: %w", name, err)
		}
		s.pages[name] = t
	}
	return nil
}

func (s *Site) format(t time.Time, layout string) string {
	if t.IsZero() {
		return "–"
	}
	return t.In(s.options.Zone).Format(layout)
}

// every writes 6h0m0s as 6h and 1h30m0s as 1h30m.
func every(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// part is a stretch of a message: commands stand in backticks, as in a terminal.
type part struct {
	Text string
	Code bool
}

// parts cuts a message at its backticks; one whose last is never closed stays as it is.
func parts(text string) (all []part) {
	pieces := strings.Split(text, "`")
	if len(pieces)%2 == 0 {
		return []part{{Text: text}}
	}
	for i, piece := range pieces {
		all = append(all, part{piece, i%2 == 1})
	}
	return all
}

// sentence writes an error as a person reads it.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	text = string(unicode.ToUpper(first)) + text[size:]
	return strings.TrimSuffix(text, ".") + "."
}

// asset is an embedded file. Its path holds its hash, so that browsers may keep it for good.
type asset struct {
	path, kind string
	data       []byte
}

func newAsset(name, ext, kind string, data []byte) asset {
	sum := sha256.Sum256(data)
	return asset{path: path.Join("/", name+"-"+hex.EncodeToString(sum[:6])+ext), kind: kind, data: data}
}

// ServeHTTP implements [http.Handler].
func (a asset) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", a.kind)
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	_, _ = w.Write(a.data) // nobody is there to be told
}
