package vantagepoint

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"
	"strings"
)

// A row type mirrors one table of Vantagepoint: an exported field for each documented column, named by its json tag,
// and Extra for all others (user-defined fields, columns of newer versions). What was read into Extra is written
// again. A vp tag adds:
//
//	computed  the server works it out: read, never written
//	default=x written when empty
//	optional  not written when zero, because not every version knows the column
//	blank     a blank on the wire is "" here: project levels
//
// The two functions below do what encoding/json cannot: numbers that arrive as text, blanks for null, arrays for
// single values, and an open set of columns without losing a digit.

// Extra holds the columns of a row that have no field of their own, by name. Values are what encoding/json makes of
// them, with json.Number for numbers, so that no digit is lost.
type Extra = map[string]any

type column struct {
	index    int
	name     string
	computed bool
	optional bool
	blank    bool
	standard string
}

func columnsOf(t reflect.Type) []column {
	columns := make([]column, 0, t.NumField())
	for i := range t.NumField() {
		field := t.Field(i)
		name := field.Tag.Get("json")
		if name == "" || name == "-" {
			continue
		}
		options := strings.Split(field.Tag.Get("vp"), ",")
		_, standard, _ := strings.Cut(field.Tag.Get("vp"), "default=")
		columns = append(columns, column{
			index: i, name: name,
			computed: slices.Contains(options, "computed"),
			optional: slices.Contains(options, "optional"),
			blank:    slices.Contains(options, "blank"),
			standard: standard,
		})
	}
	return columns
}

// rowType is what decoding needs to know of a row's type. It is made once for many rows.
type rowType struct {
	columns map[string]column
	extra   int // the field Extra
}

func rowTypeOf(t reflect.Type) rowType {
	rt := rowType{columns: map[string]column{}}
	for _, column := range columnsOf(t) {
		rt.columns[column.name] = column
	}
	field, _ := t.FieldByName("Extra") // every row type has one
	rt.extra = field.Index[0]
	return rt
}

// decodeRow fills the row that dst points to from a JSON object.
func decodeRow(data []byte, dst any) error {
	if !json.Valid(data) {
		return errors.New("vantagepoint: a row is not JSON")
	}
	row := reflect.ValueOf(dst).Elem()
	return rowTypeOf(row.Type()).decode(data, row)
}

// decode fills row from JSON that is known to be valid.
func (rt rowType) decode(data []byte, row reflect.Value) error {
	if data = bytes.TrimSpace(data); data[0] != '{' {
		return fmt.Errorf("vantagepoint: a row is not an object but %s", quote(string(data)))
	}
	row.SetZero()
	var extra Extra
	for name, raw := range members(data) {
		if column, ok := rt.columns[name]; ok {
			if err := decodeValue(raw, row.Field(column.index), column); err != nil {
				return fmt.Errorf("column %s: %w", name, err)
			}
			continue
		}
		value, err := decodeAny(raw)
		if err != nil {
			return fmt.Errorf("column %s: %w", name, err)
		}
		if extra == nil {
			extra = Extra{}
		}
		extra[name] = value
	}
	if extra != nil {
		row.Field(rt.extra).Set(reflect.ValueOf(extra))
	}
	return nil
}

// members iterates over the members of a JSON object that is known to be valid.
func members(object []byte) iter.Seq2[string, []byte] {
	return func(yield func(string, []byte) bool) {
		rest := bytes.TrimSpace(object)[1:]
		for {
			rest = bytes.TrimLeft(rest, " \t\r\n,")
			if rest[0] == '}' {
				return
			}
			n := valueEnd(rest)
			name, err := scalar(rest[:n])
			if err != nil {
				return // cannot be: the object is valid
			}
			rest = bytes.TrimLeft(rest[n:], " \t\r\n:")
			n = valueEnd(rest)
			if !yield(name, rest[:n]) {
				return
			}
			rest = rest[n:]
		}
	}
}

// valueEnd returns the length of the JSON value that data begins with.
func valueEnd(data []byte) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '"':
			for i++; data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // the end of what a number, true, false or null is in
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\r', '\n', ':':
			if depth == 0 {
				return i
			}
		}
	}
	return len(data)
}

func decodeValue(raw []byte, field reflect.Value, column column) error {
	switch field.Kind() {
	case reflect.String:
		text, err := scalar(raw)
		if column.blank {
			text = strings.TrimSpace(text)
		}
		field.SetString(text)
		return err
	case reflect.Int:
		if field.Type() == reflect.TypeFor[int]() {
			n, err := integer(raw)
			field.SetInt(int64(n))
			return err
		}
	}
	if target, ok := reflect.TypeAssert[json.Unmarshaler](field.Addr()); ok {
		return target.UnmarshalJSON(raw) // raw is valid: no need to look at it twice
	}
	return json.Unmarshal(raw, field.Addr().Interface())
}

func decodeAny(raw []byte) (value any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	err = decoder.Decode(&value)
	return value, err
}

// dialect is how a tenant wants its rows written.
type dialect struct {
	numbersAsText bool   // the old /ledger API
	noProject     string // what stands for no project at all (WBS1)
	noLevel       string // what stands for an unused lower level
}

var errExtraColumn = errors.New("is in Extra, but has a field of its own")

// encodeRow writes the row as a JSON object: its columns in the order of the fields, then those of constant that
// Extra does not name, then Extra. Constant holds documented columns that this package has no use for; Vantagepoint
// answers "Column:x does not exist" when some of them are missing.
func (d dialect) encodeRow(row any, constant Extra) (json.RawMessage, error) {
	value := reflect.Indirect(reflect.ValueOf(row))
	extra, _ := reflect.TypeAssert[Extra](value.FieldByName("Extra"))
	var out bytes.Buffer
	out.WriteByte('{')
	put := func(name string, value any) error {
		text, err := json.Marshal(value)
		if err != nil {
			return fmt.Errorf("column %s: %w", name, err)
		}
		if out.Len() > 1 {
			out.WriteByte(',')
		}
		label, _ := json.Marshal(name) // a string cannot fail
		out.Write(label)
		out.WriteByte(':')
		out.Write(text)
		return nil
	}
	for _, column := range columnsOf(value.Type()) {
		if _, twice := extra[column.name]; twice {
			return nil, fmt.Errorf("column %s %w", column.name, errExtraColumn)
		}
		if column.computed || column.optional && value.Field(column.index).IsZero() {
			continue
		}
		if err := put(column.name, d.wire(value.Field(column.index), column)); err != nil {
			return nil, err
		}
	}
	all := with(constant, extra)
	for _, name := range sortedKeys(all) {
		value := all[name]
		if d.numbersAsText {
			switch value.(type) {
			case json.Number, int:
				value = fmt.Sprint(value)
			}
		}
		if err := put(name, value); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

func (d dialect) wire(field reflect.Value, column column) any {
	value := field.Interface()
	if column.standard != "" && field.String() == "" {
		return column.standard
	}
	if column.blank && field.String() == "" {
		if column.name == "WBS1" {
			return d.noProject
		}
		return d.noLevel
	}
	if d.numbersAsText {
		switch value.(type) {
		case Amount, Period, int:
			return fmt.Sprint(value)
		}
	}
	return value
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return keys
}

// marshalRow is the MarshalJSON of every row type: what a tenant with the default settings would be sent.
func marshalRow(row any) ([]byte, error) {
	return dialect{noProject: " ", noLevel: " "}.encodeRow(row, nil)
}

// splitRows finds the rows of an answer. Vantagepoint answers a bare array, of one for a single record. A single bare
// object and wrapping objects (rows, Body, body, array, data) are tolerated, as other connectors saw them; an object
// that only holds a message is a refusal with the wrong status.
func splitRows(data []byte) ([]json.RawMessage, error) {
	body := bytes.TrimSpace(bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")))
	if len(body) == 0 || bytes.Equal(body, []byte("null")) || bytes.Equal(body, []byte(`""`)) {
		return nil, nil
	}
	if body[0] == '{' {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(body, &object); err != nil {
			return nil, err
		}
		for _, name := range []string{"rows", "Body", "body", "array", "data"} {
			if inner := bytes.TrimSpace(object[name]); len(inner) > 0 && inner[0] == '[' {
				var rows []json.RawMessage
				err := json.Unmarshal(inner, &rows)
				return rows, err
			}
		}
		for _, name := range []string{"message", "Message"} {
			if message, err := scalar(object[name]); err == nil && message != "" && len(object) <= 3 {
				return nil, fmt.Errorf("the server says %s", quote(message))
			}
		}
		return []json.RawMessage{body}, nil
	}
	var rows []json.RawMessage
	err := json.Unmarshal(body, &rows)
	return rows, err
}

// decodeRows decodes the rows of an answer.
func decodeRows[T any](data []byte) ([]T, error) {
	raws, err := splitRows(data)
	if err != nil {
		return nil, err
	}
	rows, rt := make([]T, len(raws)), rowTypeOf(reflect.TypeFor[T]())
	for i, raw := range raws {
		if err := rt.decode(raw, reflect.ValueOf(&rows[i]).Elem()); err != nil {
			return nil, fmt.Errorf("row %d: %w", i+1, err)
		}
	}
	return rows, nil
}
