package settlement

import "iter"

// Extra holds the columns of a row that have no field in [Line]: whatever
// Amazon adds to the report. It costs nothing until it is asked.
type Extra struct {
	row   string // the row, without its line end
	names []extraColumn
}

// extraColumn is a column that the reader has no use for.
type extraColumn struct {
	name  string
	index int // from 0
}

// All yields name and raw value of each such column, in the order of the file,
// blank values included. Columns without a name are yielded too.
func (x Extra) All() iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for _, c := range x.names {
			if !yield(c.name, cell(x.row, c.index)) {
				return
			}
		}
	}
}

// Get returns the value of the first such column with that name.
func (x Extra) Get(name string) (string, bool) {
	for _, c := range x.names {
		if c.name == name {
			return cell(x.row, c.index), true
		}
	}
	return "", false
}

// Equal compares names and values, in the form that go-cmp looks for.
func (x Extra) Equal(o Extra) bool {
	if len(x.names) != len(o.names) {
		return false
	}
	for i, c := range x.names {
		if c.name != o.names[i].name || cell(x.row, c.index) != cell(o.row, o.names[i].index) {
			return false
		}
	}
	return true
}

// cell returns field i of a tab-separated row, "" beyond its end.
func cell(row string, i int) string {
	for start := 0; ; i-- {
		end := start
		for end < len(row) && row[end] != '\t' {
			end++
		}
		switch {
		case i == 0:
			return row[start:end]
		case end == len(row):
			return ""
		}
		start = end + 1
	}
}
