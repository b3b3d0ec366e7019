package settlement

import (
	_ "embed"
	"strings"
	"sync"
)

// vocabularyTable lists the kinds that are known, see the head of the file.
//
//go:embed vocabulary.tsv
var vocabularyTable string

// kinds is the vocabulary: exact kinds first, then patterns in their order.
type kindBook struct {
	exact    map[Kind]Category // by normal
	patterns []kindPattern
}

type kindPattern struct {
	words    [3]wordPattern
	free     bool // any description will do
	category Category
}

// wordPattern matches a normal word: exactly, or what begins, ends, or is
// between two stars.
type wordPattern struct {
	text        string
	front, back bool // a star there
}

// vocabulary returns the built-in vocabulary, read once.
var vocabulary = sync.OnceValue(func() *kindBook { return readVocabulary(vocabularyTable) })

// readVocabulary reads the table: category, transaction-type, amount-type,
// amount-description. A test proves that every row of the built-in one is well
// formed and reachable.
func readVocabulary(table string) *kindBook {
	book := &kindBook{exact: map[Kind]Category{}}
	for row := range strings.Lines(table) {
		row = strings.TrimRight(row, "\r\n")
		if row == "" || row[0] == '#' {
			continue
		}
		columns := strings.Split(row, "\t")
		for len(columns) < 4 {
			columns = append(columns, "")
		}
		category := Category(columns[0])
		if !strings.Contains(row, "*") {
			book.exact[normal(Kind{columns[1], columns[2], columns[3]})] = category
			continue
		}
		p := kindPattern{category: category}
		for i, word := range columns[1:4] {
			text, front := strings.CutPrefix(word, "*")
			text, back := strings.CutSuffix(text, "*")
			p.words[i] = wordPattern{FoldWord(text), front, back || front && text == ""}
		}
		p.free = p.words[2].text == "" && p.words[2].front
		book.patterns = append(book.patterns, p)
	}
	return book
}

// Category returns what a kind means, false for a kind that the built-in
// vocabulary does not know: it is then for people to decide. Spelling variants
// in case, blanks, hyphens and underscores are the same kind.
//
// Lines carry the answer already ([Line].Category); this looks it up.
func (k Kind) Category() (Category, bool) {
	book, n := vocabulary(), normal(k)
	if c, ok := book.exact[n]; ok {
		return c, true
	}
	for i := range book.patterns {
		p := &book.patterns[i]
		if p.free && taxWord(n.AmountDescription) {
			continue
		}
		if p.words[0].match(n.TransactionType) && p.words[1].match(n.AmountType) && p.words[2].match(n.AmountDescription) {
			return p.category, true
		}
	}
	return "", false
}

// taxWord reports whether a normal word speaks of tax: no pattern for any
// description may take that for a fee.
func taxWord(s string) bool {
	for _, end := range [...]string{"tax", "vat", "cgst", "sgst", "igst"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return strings.HasPrefix(s, "taxon")
}

func (w wordPattern) match(s string) bool {
	switch {
	case w.front && w.back:
		return strings.Contains(s, w.text)
	case w.front:
		return strings.HasSuffix(s, w.text)
	case w.back:
		return strings.HasPrefix(s, w.text)
	}
	return s == w.text
}

// normal returns a kind as the vocabulary compares it.
func normal(k Kind) Kind {
	return Kind{FoldWord(k.TransactionType), FoldWord(k.AmountType), FoldWord(k.AmountDescription)}
}

// FoldWord returns a word of a kind without what spelling variants differ in:
// case, blanks, tabs, hyphens and underscores. Words that fold alike are the
// same word, to the vocabulary and to whoever maps kinds. Other bytes stay as
// they are, text or not.
func FoldWord(s string) string {
	if !strings.ContainsFunc(s, func(r rune) bool { return strings.ContainsRune(" -_\t", r) || 'A' <= r && r <= 'Z' }) {
		return s
	}
	folded := make([]byte, 0, len(s))
	for i := range len(s) {
		switch b := s[i]; {
		case b == ' ', b == '-', b == '_', b == '\t':
		case 'A' <= b && b <= 'Z':
			folded = append(folded, b+'a'-'A')
		default:
			folded = append(folded, b)
		}
	}
	return string(folded)
}

// maxKinds limits how many kinds of one report are remembered. Real reports
// have a few dozen; coupon texts may make it hundreds.
const maxKinds = 1 << 14

// maxWord is how many bytes a word of a kind or a marketplace's name may have:
// they are remembered while the rest of the report passes by.
const maxWord = 1 << 10

// kindTable finds the Kind of a row without making its words anew.
type kindTable struct {
	recent [recentKinds]*kindEntry
	all    map[kindKey]*kindEntry
}

// kindKey is what stands in a row.
type kindKey struct {
	words Kind
	v1    bool
}

type kindEntry struct {
	key      kindKey
	kind     Kind
	category Category
}

// recentKinds is the size of a table of the kinds that came lately, by slot.
const recentKinds = 256

// slot spreads kinds over such a table. It is cheaper than a hash of the words.
func slot(transactionType, amountType, description string) uint {
	s := uint(len(description))*31 + uint(len(amountType))*7 + uint(len(transactionType))
	if n := len(description); n > 0 {
		s += uint(description[0])*13 + uint(description[n-1])*5 + uint(description[n/2])*3
	}
	return s % recentKinds
}

// get returns the entry of three words as they stand in the file, nil if one of
// them is too long.
func (t *kindTable) get(transactionType, amountType, description string, v1 bool) *kindEntry {
	slot := slot(transactionType, amountType, description)
	key := kindKey{Kind{transactionType, amountType, description}, v1}
	if e := t.recent[slot]; e != nil && e.key == key {
		return e
	}
	e := t.all[key]
	if e == nil {
		if max(len(transactionType), len(amountType), len(description)) > maxWord {
			return nil
		}
		if t.all == nil || len(t.all) >= maxKinds {
			t.all = map[kindKey]*kindEntry{}
		}
		key.words = Kind{strings.Clone(transactionType), strings.Clone(amountType), strings.Clone(description)}
		e = &kindEntry{key: key, kind: key.words}
		if v1 {
			e.kind = v1Kind(transactionType, amountType, description)
			e.kind = Kind{strings.Clone(e.kind.TransactionType), strings.Clone(e.kind.AmountType), strings.Clone(e.kind.AmountDescription)}
		}
		e.category, _ = e.kind.Category()
		t.all[key] = e
	}
	t.recent[slot] = e
	return e
}
