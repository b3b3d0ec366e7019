// Package config reads payoutsync.yaml: which sellers there are, where their Amazon account and their Vantagepoint
// company live, and how often to look. Whatever changes a document is not here but in the rules.
package config

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// Config is payoutsync.yaml.
type Config struct {
	// Home is the folder of the archive, the log and the key file. A relative path starts at the file's folder.
	Home string `yaml:"home"`
	// Database is "sqlite" or a postgres:// URL. Its pool_max_conns is how many connections a process opens at most, 24 where it
	// says nothing; fewer than 4 are 4. Its sslmode is verify-full beyond this machine where it says nothing.
	Database string `yaml:"database"`
	// Rules is the controller's rules file. A relative path starts at the file's folder.
	Rules string `yaml:"rules"`
	// Approval is none, manual or two-person.
	Approval string `yaml:"approval"`
	// Key seals the vault: env:NAME, file:PATH, aws-kms://ARN, or empty for a key file in the home. A relative path starts at
	// the file's folder.
	Key     string   `yaml:"key,omitempty"`
	Serve   Serve    `yaml:"serve,omitempty"`
	Sellers []Seller `yaml:"sellers"`
}

// Serve says how `payoutsync serve` works. All of it may be left out.
type Serve struct {
	// Listen is where the pages are, as host:port. Beyond this machine they want TLS and users.
	Listen string `yaml:"listen"`
	TLS    TLS    `yaml:"tls,omitempty"`
	// Workers is how many sellers this process works for at a time.
	Workers int `yaml:"workers"`
}

// TLS names PEM files. Relative paths start at the configuration's folder.
type TLS struct {
	Certificate string `yaml:"certificate"`
	Key         string `yaml:"key"`
}

// Seller is one Amazon seller account and the Vantagepoint company that keeps its books.
type Seller struct {
	Name         string       `yaml:"name"`
	Schedule     Duration     `yaml:"schedule"`
	Amazon       Amazon       `yaml:"amazon"`
	Vantagepoint Vantagepoint `yaml:"vantagepoint"`
}

// Amazon says where a seller's reports are.
type Amazon struct {
	Region       string   `yaml:"region"`    // na, eu or fe
	SellerID     string   `yaml:"seller_id"` // no two sellers may have the same
	Marketplaces []string `yaml:"marketplaces,flow"`
	// Endpoint and LWAEndpoint replace the region's hosts (sandbox, proxy, tests): scheme, host and port only.
	Endpoint    string `yaml:"endpoint,omitempty"`
	LWAEndpoint string `yaml:"lwa_endpoint,omitempty"`
}

// Vantagepoint says where a seller's books are.
type Vantagepoint struct {
	BaseURL  string `yaml:"base_url"` // the whole URL, ending in /api
	Database string `yaml:"database"`
	Company  string `yaml:"company"`
	Style    string `yaml:"style"` // files or no-files, as the tenant's setting "Use Files to Group Transactions" says
	Post     bool   `yaml:"post"`  // post what was created; false leaves draft batches
	// Banks is the Vantagepoint bank code per settlement currency. Without one for a currency there is no bank leg.
	Banks map[string]string `yaml:"banks,flow"`
}

// Duration is a time.Duration in Go's text form, such as 6h or 90m.
type Duration time.Duration

// UnmarshalYAML reads a duration such as 6h.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	v, err := time.ParseDuration(node.Value)
	if err != nil || v <= 0 {
		return fmt.Errorf("schedule %q is no positive duration; write for example 6h or 90m", node.Value)
	}
	*d = Duration(v)
	return nil
}

// MarshalYAML writes a duration as it is read.
func (d Duration) MarshalYAML() (any, error) { return time.Duration(d).String(), nil }

// Error is everything that is wrong with one configuration file.
type Error struct {
	File   string
	Faults []string // each begins with "line N" where a line is known
}

func (e *Error) Error() string {
	lines := make([]string, len(e.Faults))
	for i, fault := range e.Faults {
		if rest, ok := strings.CutPrefix(fault, "line "); ok {
			lines[i] = e.File + ":" + rest
		} else {
			lines[i] = e.File + ": " + fault
		}
	}
	return strings.Join(lines, "\n")
}

// Load reads and checks a configuration file. Unknown keys are errors. Relative paths in it start at its folder.
func Load(name string) (*Config, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, Unreadable(name, err, "`payoutsync init` writes a commented one")
	}
	if len(bytes.TrimSpace(data)) == 0 {
		return nil, &Error{File: name, Faults: []string{"it is empty; `payoutsync init --force` writes a commented one"}}
	}
	cfg := &Config{Home: "payoutsync-data", Database: "sqlite", Rules: "rules.yaml", Approval: "none", Serve: Serve{Listen: "127.0.0.1:8470", Workers: 8}}
	if err := yaml.Load(data, cfg, yaml.WithKnownFields()); err != nil {
		return nil, &Error{File: name, Faults: faults(err)}
	}
	cfg.defaults()
	if found := cfg.check(); len(found) > 0 {
		return nil, &Error{File: name, Faults: placedIn(data, found)}
	}
	dir := filepath.Dir(name)
	for _, path := range []*string{&cfg.Home, &cfg.Rules, &cfg.Serve.TLS.Certificate, &cfg.Serve.TLS.Key} {
		if *path != "" && !filepath.IsAbs(*path) {
			*path = filepath.Join(dir, *path)
		}
	}
	if key, ok := strings.CutPrefix(cfg.Key, "file:"); ok && key != "" && !filepath.IsAbs(key) {
		cfg.Key = "file:" + filepath.Join(dir, key)
	}
	return cfg, nil
}

// Seller returns the seller of that name.
func (c *Config) Seller(name string) (Seller, error) {
	for _, s := range c.Sellers {
		if s.Name == name {
			return s, nil
		}
	}
	return Seller{}, fmt.Errorf("no seller is called %q; the configuration names %s", name, strings.Join(c.Names(), ", "))
}

// Names returns the sellers' names in the file's order.
func (c *Config) Names() []string {
	names := make([]string, len(c.Sellers))
	for i, s := range c.Sellers {
		names[i] = s.Name
	}
	return names
}

func (c *Config) defaults() {
	for i := range c.Sellers {
		s := &c.Sellers[i]
		if s.Schedule == 0 {
			s.Schedule = Duration(6 * time.Hour)
		}
		if s.Vantagepoint.Style == "" {
			s.Vantagepoint.Style = "files"
		}
	}
}

var sellerName = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]*$`)

// mistake is something wrong with a value. In its path, keys are texts and places in lists numbers.
type mistake struct {
	path []any
	text string
}

// check returns what is wrong with values.
func (c *Config) check() (found []mistake) {
	fault := func(path []any, format string, args ...any) {
		found = append(found, mistake{path, fmt.Sprintf(format, args...)})
	}
	if c.Database != "sqlite" && !strings.HasPrefix(c.Database, "postgres://") && !strings.HasPrefix(c.Database, "postgresql://") {
		fault([]any{"database"}, "database must be sqlite or a postgres:// URL") // what stands there may hold a password
	}
	if !slices.Contains([]string{"none", "manual", "two-person"}, c.Approval) {
		fault([]any{"approval"}, "approval is %q; it must be none, manual or two-person", c.Approval)
	}
	if c.Serve.Workers < 1 || c.Serve.Workers > 1000 {
		fault([]any{"serve", "workers"}, "serve.workers is %d; it must be from 1 to 1000", c.Serve.Workers)
	}
	if len(c.Sellers) == 0 {
		fault([]any{"sellers"}, "no seller is configured; add one under sellers")
	}
	names, accounts := map[string]bool{}, map[string]string{}
	for i, s := range c.Sellers {
		fault := func(path []any, format string, args ...any) {
			fault(append([]any{"sellers", i}, path...), "seller %d (%s): "+format, append([]any{i + 1, s.Name}, args...)...)
		}
		if !sellerName.MatchString(s.Name) {
			fault([]any{"name"}, "a name is lower-case letters, digits, dots, dashes and underscores, for example acme-us")
		}
		if names[s.Name] {
			fault([]any{"name"}, "the name is used twice")
		}
		names[s.Name] = true
		s.check(fault)
		// Archive, payouts and audit log go by the account, and who works for whom by the name.
		if first, twice := accounts[s.Amazon.SellerID]; twice && s.Amazon.SellerID != "" {
			fault([]any{"amazon", "seller_id"}, "amazon.seller_id %s is the account of %s already, and one seller takes the settlements of all its marketplaces: leave one of the two out", s.Amazon.SellerID, first)
		} else {
			accounts[s.Amazon.SellerID] = s.Name
		}
	}
	return found
}

// check finds what is wrong with a seller for itself.
func (s Seller) check(fault func(path []any, format string, args ...any)) {
	if !slices.Contains([]string{"na", "eu", "fe"}, s.Amazon.Region) {
		fault([]any{"amazon", "region"}, "amazon.region is %q; it must be na, eu or fe", s.Amazon.Region)
	}
	if s.Amazon.SellerID == "" {
		fault([]any{"amazon", "seller_id"}, "amazon.seller_id is missing; Seller Central shows it as the Merchant Token")
	}
	if s.Vantagepoint.Database == "" {
		fault([]any{"vantagepoint", "database"}, "vantagepoint.database is missing; the screen Utilities » Integrations » API Authorization shows it")
	}
	if !slices.Contains([]string{"files", "no-files"}, s.Vantagepoint.Style) {
		fault([]any{"vantagepoint", "style"}, "vantagepoint.style is %q; it must be files or no-files, as the tenant's setting Use Files to Group Transactions says", s.Vantagepoint.Style)
	}
	for currency := range s.Vantagepoint.Banks {
		if _, err := settlement.ParseCurrency(currency); err != nil {
			fault([]any{"vantagepoint", "banks", currency}, "vantagepoint.banks: %q is no currency; write its ISO 4217 code in capital letters, for example USD", currency)
		}
	}
	for _, a := range []struct{ of, key, value string }{
		{"amazon", "endpoint", s.Amazon.Endpoint}, {"amazon", "lwa_endpoint", s.Amazon.LWAEndpoint}, {"vantagepoint", "base_url", s.Vantagepoint.BaseURL},
	} {
		if a.value == "" && a.key != "base_url" {
			continue
		}
		if why := urlFault(a.value); why != "" {
			fault([]any{a.of, a.key}, "%s.%s %s", a.of, a.key, why)
		}
	}
}

// placedIn returns faults in the order of the file, each with its place there.
func placedIn(data []byte, found []mistake) []string {
	var root yaml.Node
	if err := yaml.Load(data, &root); err != nil {
		return faults(err)
	}
	type placed struct {
		line int
		text string
	}
	all := make([]placed, len(found))
	for i, f := range found {
		line, column := place(&root, f.path)
		all[i] = placed{line, fmt.Sprintf("line %d:%d: %s", line, column, f.text)}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Or(cmp.Compare(a.line, b.line), strings.Compare(a.text, b.text)) })
	texts := make([]string, len(all))
	for i, p := range all {
		texts[i] = p.text
	}
	return texts
}

// place is where a value stands, or the innermost that holds it and is there.
func place(node *yaml.Node, path []any) (line, column int) {
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		return place(node.Content[0], path)
	}
	if len(path) > 0 {
		switch at := path[0].(type) {
		case int:
			if node.Kind == yaml.SequenceNode && at < len(node.Content) {
				return place(node.Content[at], path[1:])
			}
		case string:
			for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == at {
					return place(node.Content[i+1], path[1:])
				}
			}
		}
	}
	return node.Line, node.Column
}

// urlFault says what is wrong with an address. Plain HTTP is for loopback only: everywhere else it would show the
// credentials to the network.
func urlFault(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "":
		return fmt.Sprintf("is %q, which is no URL; write the whole address, for example https://acme.deltekfirst.com/acme/api", text)
	case u.Scheme == "https":
		return ""
	case u.Scheme == "http" && slices.Contains([]string{"127.0.0.1", "localhost", "::1"}, u.Hostname()):
		return ""
	}
	return fmt.Sprintf("is %q; it must begin with https://, or credentials would travel in clear", u.Redacted())
}

// How the YAML library speaks of a key that nothing knows and of a value of another kind; it names Go types, which help nobody.
var (
	unknownField = regexp.MustCompile(`^field (\S+) not found in type \S+$`)
	otherKind    = regexp.MustCompile("^cannot construct !!\\S+( `.*`)? into (\\S+)$")
)

func faults(err error) []string {
	if all, ok := errors.AsType[*yaml.LoadErrors](err); ok {
		lines := make([]string, len(all.Errors))
		for i, e := range all.Errors {
			lines[i] = placed(e)
		}
		return lines
	}
	if one, ok := errors.AsType[*yaml.LoadError](err); ok {
		return []string{placed(one)}
	}
	return []string{err.Error()}
}

// placed is one fault with its place, in words.
func placed(e *yaml.LoadError) string {
	mark, message := e.Mark, unknownField.ReplaceAllString(e.Message, `unknown key "$1"`)
	if strings.HasPrefix(e.ContextMsg, "while parsing") { // where the list begins that has no end
		mark, message = e.ContextMark, e.ContextMsg+": "+message
	}
	if m := otherKind.FindStringSubmatch(message); m != nil {
		kind, known := map[string]string{"int": "a whole number", "bool": "true or false", "string": "a text"}[m[2]]
		switch {
		case known:
		case strings.HasPrefix(m[2], "[]"):
			kind = "a list"
		default:
			kind = "keys with values"
		}
		subject := cmp.Or(strings.TrimSpace(strings.ReplaceAll(m[1], "`", `"`)), "something else")
		message = subject + " stands where " + kind + " belongs"
	}
	return fmt.Sprintf("line %d:%d: %s", mark.Line, mark.Column, message)
}

// Unreadable says why a file that the configuration needs cannot be read. absent is what to do where it is not there.
func Unreadable(name string, err error, absent string) *Error {
	why := err.Error()
	if pe, ok := errors.AsType[*os.PathError](err); ok {
		why = pe.Err.Error()
	}
	if errors.Is(err, fs.ErrNotExist) {
		why += "; " + absent
	}
	return &Error{File: name, Faults: []string{why}}
}
