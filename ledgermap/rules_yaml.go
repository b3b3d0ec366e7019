package ledgermap

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// RuleError is one mistake in a rules file, with its place. [LoadRules] answers all mistakes of a file at once,
// joined; [errors.As] finds the first.
type RuleError struct {
	File         string
	Line, Column int    // from 1
	Excerpt      string // the line of the file
	Message      string // what is wrong and what to write instead
}

// Error is file:line:column, the message, and the line with a mark under the place.
func (e *RuleError) Error() string {
	number := strconv.Itoa(e.Line)
	mark := strings.Repeat(" ", max(0, e.Column-1))
	return fmt.Sprintf("%s:%d:%d: %s\n    %s | %s\n    %s | %s^", e.File, e.Line, e.Column, e.Message,
		number, e.Excerpt, strings.Repeat(" ", len(number)), mark)
}

// maxRulesBytes bounds a rules file; a thousand rules are a tenth of it.
const maxRulesBytes = 1 << 20

// reader walks the nodes of a rules file. It takes every scalar as the text that stands there, so that an account
// 0401.10 keeps its zeros, with quotes or without; it refuses aliases and merge keys, and collects all mistakes.
type reader struct {
	file  string
	lines []string
	errs  []*RuleError
}

// parse returns the one document of the file, or nil with the mistake noted.
func (r *reader) parse(data []byte) *yaml.Node {
	r.lines = strings.Split(strings.ReplaceAll(string(data), "\r\n", "\n"), "\n")
	switch {
	case len(data) > maxRulesBytes:
		r.at(1, 1, "the file has %d bytes; rules have at most %d", len(data), maxRulesBytes)
		return nil
	case !utf8.Valid(data):
		r.at(1, 1, "the file is not UTF-8; save it as UTF-8")
		return nil
	}
	var document yaml.Node
	if err := yaml.Load(data, &document); err != nil {
		mark, message := yaml.Mark{}, err.Error()
		if fault, ok := errors.AsType[*yaml.LoadError](err); ok {
			mark, message = fault.Mark, fault.Message
			if strings.HasPrefix(fault.ContextMsg, "while parsing") { // where the list begins that has no end
				mark, message = fault.ContextMark, fault.ContextMsg+": "+message
			}
		}
		line := min(max(mark.Line, 1), len(r.lines)) // the parser may be behind the end
		r.at(line, max(mark.Column, 1), "this is not YAML: %s", strings.ReplaceAll(message, "\n", " "))
		return nil
	}
	node := &document
	if node.Kind == yaml.DocumentNode && len(node.Content) == 1 {
		node = node.Content[0]
	}
	return node
}

func (r *reader) at(line, column int, format string, args ...any) {
	excerpt := ""
	if line >= 1 && line <= len(r.lines) {
		excerpt = r.lines[line-1]
	}
	r.errs = append(r.errs, &RuleError{
		File: r.file, Line: line, Column: column, Excerpt: excerpt, Message: fmt.Sprintf(format, args...),
	})
}

// fail notes a mistake at a node; without one, at the top of the file.
func (r *reader) fail(n *yaml.Node, format string, args ...any) {
	if n == nil {
		r.at(1, 1, format, args...)
		return
	}
	r.at(n.Line, n.Column, format, args...)
}

// err joins all mistakes in the order of the file.
func (r *reader) err() error {
	slices.SortStableFunc(r.errs, func(a, b *RuleError) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	all := make([]error, len(r.errs))
	for i, e := range r.errs {
		all[i] = e
	}
	return errors.Join(all...)
}

// table calls each for the members of a mapping, in the order of the file.
func (r *reader) table(n *yaml.Node, what string, each func(key, value *yaml.Node)) {
	if n.Kind != yaml.MappingNode {
		r.fail(n, "%s is a table of names and values", what)
		return
	}
	seen := make(map[string]int, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode {
			r.fail(key, "a name in %s is plain text", what)
			continue
		}
		if line, twice := seen[key.Value]; twice {
			r.fail(key, "%q is already on line %d", key.Value, line)
			continue
		}
		seen[key.Value] = key.Line
		each(key, value)
	}
}

// fields reads a mapping with a fixed set of names; any other name is a mistake.
func (r *reader) fields(n *yaml.Node, what string, known map[string]func(*yaml.Node)) {
	r.table(n, what, func(key, value *yaml.Node) {
		read, ok := known[key.Value]
		if !ok {
			names := make([]string, 0, len(known))
			for name := range known {
				names = append(names, name)
			}
			slices.Sort(names)
			r.fail(key, "%s knows no %q; it knows %s", what, key.Value, strings.Join(names, ", "))
			return
		}
		read(value)
	})
}

func (r *reader) list(n *yaml.Node, what string, each func(*yaml.Node)) {
	if n.Kind != yaml.SequenceNode {
		r.fail(n, "%s is a list: one entry a line, each after a dash", what)
		return
	}
	for _, item := range n.Content {
		each(item)
	}
}

// text is a scalar exactly as written; null is "".
func (r *reader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		r.fail(n, "a plain text belongs here")
		return ""
	}
	if n.Tag == "!!null" {
		return ""
	}
	return n.Value
}

// filled is a text that is not empty.
func (r *reader) filled(n *yaml.Node, what string) string {
	before := len(r.errs)
	t := r.text(n)
	if t == "" && len(r.errs) == before {
		r.fail(n, "%s is empty", what)
	}
	return t
}

// word is one of a fixed set of words.
func (r *reader) word(n *yaml.Node, words ...string) string {
	t := r.text(n)
	if !slices.Contains(words, t) {
		r.fail(n, "%q is not one of %s", t, strings.Join(words, ", "))
		return words[0]
	}
	return t
}

func (r *reader) flag(n *yaml.Node) bool { return r.word(n, "false", "true") == "true" }

func (r *reader) date(n *yaml.Node) Date {
	d, err := ParseDate(r.text(n))
	if err != nil {
		r.fail(n, "%q is not a date like 2025-12-31", n.Value)
	}
	return d
}
