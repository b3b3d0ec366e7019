package vantagepointtest

import "strings"

// kind is the type of a column.
type kind int

const (
	kindText   kind = iota
	kindLevel       // a project level: blank is one space
	kindFlag        // Y or N
	kindDate        // 2024-01-31T00:00:00.000, or ""
	kindAmount      // decimal(19,4)
	kindRate        // decimal(19,10), kept as it came
	kindCount       // integer
)

// field is one column of a transaction table.
type field struct {
	name, caption string
	kind          kind
	max           int // longest text; 0 for no limit
	key           bool
	required      bool
	computed      bool // made by the server at every read
	padded        bool // leading zeros to the full length
	upper         bool // a code: stored in upper case, cut to its length
	custom        bool
}

func txt(name string, limit int) field { return field{name: name, caption: spaced(name), max: limit} }

func lvl(name string) field { return field{name: name, caption: name, kind: kindLevel, max: 30} }

func yn(name string) field { return field{name: name, caption: spaced(name), kind: kindFlag} }

func day(name string) field { return field{name: name, caption: spaced(name), kind: kindDate} }

func amt(name string) field { return field{name: name, caption: spaced(name), kind: kindAmount} }

func rate(name string) field { return field{name: name, caption: spaced(name), kind: kindRate} }

func num(name string) field { return field{name: name, caption: spaced(name), kind: kindCount} }

func (f field) named(caption string) field { f.caption = caption; return f }
func (f field) asKey() field               { f.key = true; return f }
func (f field) must() field                { f.required = true; return f }
func (f field) made() field                { f.computed = true; return f }
func (f field) pad() field                 { f.padded = true; return f }
func (f field) code() field                { f.upper = true; return f }

// spaced turns a column's name into a caption: "TransDate" to "Trans Date".
func spaced(name string) string {
	var b strings.Builder
	for i, c := range name {
		if i > 0 && c >= 'A' && c <= 'Z' && name[i-1] >= 'a' && name[i-1] <= 'z' {
			b.WriteByte(' ')
		}
		b.WriteRune(c)
	}
	return b.String()
}

// table is one transaction table, its columns in the order of Deltek's samples.
type table struct {
	name   string
	fields []field
	index  map[string]int
}

func newTable(o Options, name string, groups ...[]field) *table {
	t := &table{name: name, index: map[string]int{}}
	for _, g := range groups {
		t.fields = append(t.fields, g...)
	}
	for _, c := range o.CustomFields[name] {
		f := txt(c.Name, c.MaxLength)
		f.custom = true
		if c.Caption != "" {
			f.caption = c.Caption
		}
		t.fields = append(t.fields, f)
	}
	for i, f := range t.fields {
		t.index[f.name] = i
	}
	return t
}

func (t *table) field(name string) *field {
	if i, ok := t.index[name]; ok {
		return &t.fields[i]
	}
	return nil
}

// keys are the table's key columns, joined as metadata shows them.
func (t *table) keys() string {
	var names []string
	for _, f := range t.fields {
		if f.key {
			names = append(names, f.name)
		}
	}
	return strings.Join(names, ",")
}

// row is one stored record: canonical text by column. Computed columns are absent.
type row map[string]string

// amount reads an amount that is known to be well formed, because it passed the door.
func (r row) amount(name string) dec {
	d, _ := parseDec(r[name])
	return d
}

// obj shapes a row for an answer; extra holds the computed columns.
func (t *table) obj(r row, extra map[string]any) obj {
	o := make(obj, 0, len(t.fields))
	for i := range t.fields {
		f := &t.fields[i]
		if f.computed {
			v, ok := extra[f.name]
			if !ok {
				v = f.zero()
			}
			o = append(o, member{f.name, v})
			continue
		}
		o = append(o, member{f.name, f.value(r[f.name])})
	}
	return o
}

func (f *field) value(text string) any {
	switch f.kind {
	case kindAmount:
		d, _ := parseDec(text)
		return d
	case kindRate:
		return number(text)
	case kindCount:
		n := 0
		for _, c := range text { // canonical digits only
			n = n*10 + int(c-'0')
		}
		return n
	default:
		return text
	}
}

func (f *field) zero() any {
	switch f.kind {
	case kindAmount:
		return dec(0)
	case kindCount:
		return 0
	default:
		return ""
	}
}

// initial is what a column holds when the body does not name it.
func (f *field) initial() string {
	switch f.kind {
	case kindAmount, kindCount, kindRate:
		return "0"
	case kindFlag:
		return "N"
	case kindLevel:
		return " "
	default:
		return ""
	}
}
