package vantagepoint

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Metadata describes the tables of the tenant: the only reliable source of lengths, required columns and
// user-defined fields. What it says depends on the user's role.
type Metadata struct {
	client *Client
	mu     sync.Mutex
	known  map[string]lengths // by transaction type
}

// MetadataTable describes one table.
type MetadataTable struct {
	Keys      string          `json:"Keys"`
	TableName string          `json:"TableName"`
	Hidden    Flag            `json:"Hidden"`
	Updatable Flag            `json:"Updateable"` // sic
	Fields    []MetadataField `json:"Fields"`
	Extra     Extra           `json:"-"`
}

// UnmarshalJSON reads the table with Vantagepoint's liberties.
func (m *MetadataTable) UnmarshalJSON(data []byte) error { return decodeRow(data, m) }

// MetadataField describes one column.
type MetadataField struct {
	FieldName    string `json:"FieldName"`
	FieldType    string `json:"FieldType"`
	Caption      string `json:"Caption"`
	DefaultValue string `json:"DefaultValue"`
	Hidden       Flag   `json:"Hidden"`
	Required     Flag   `json:"Required"`
	Updatable    Flag   `json:"Updateable"` // sic
	MaxLength    int    `json:"MaxLength"`  // in UTF-16 code units; 0: not told
	Decimals     int    `json:"Decimals"`
	CodeTable    string `json:"CodeTable"`
	LimitToList  Flag   `json:"LimitToList"`
	CustomField  Flag   `json:"CustomField"` // user-defined
	Extra        Extra  `json:"-"`
}

// UnmarshalJSON reads the field with Vantagepoint's liberties.
func (m *MetadataField) UnmarshalJSON(data []byte) error { return decodeRow(data, m) }

// Tables describes the tables behind an entity: "JEEntry", "INEntry", "CREntry", "CDEntry", "APEntry", "Project",
// "Firm", "Employee" and others. The map's keys are the names of the tables.
//
// Vantagepoint: GET metadata/{entity}.
func (m *Metadata) Tables(ctx context.Context, entity string) (map[string]MetadataTable, error) {
	return readTables[MetadataTable](ctx, m.client, entity)
}

func readTables[T any](ctx context.Context, c *Client, entity string) (map[string]T, error) {
	op := "metadata." + entity
	answer, err := c.send(ctx, rest.Call{Op: op, Path: []string{"metadata", entity}, Replayable: true})
	if err != nil {
		return nil, err
	}
	body := bytes.TrimSpace(bytes.TrimPrefix(answer.Body, []byte("\xef\xbb\xbf")))
	if len(body) > 0 && body[0] == '[' { // everything else comes as an array of one
		var one []json.RawMessage
		if json.Unmarshal(body, &one) == nil && len(one) == 1 {
			body = one[0]
		}
	}
	var tables map[string]T
	if err := json.Unmarshal(body, &tables); err != nil {
		return nil, c.unreadable(op, http.MethodGet, answer, err)
	}
	return tables, nil
}

// lengths returns the limits of a transaction type, read once per client. A tenant that does not tell them leaves the
// documented ones.
func (m *Metadata) lengths(ctx context.Context, transType string) (lengths, error) {
	m.mu.Lock()
	known, ok := m.known[transType]
	m.mu.Unlock()
	if ok {
		return known, nil
	}
	type table struct {
		Fields []struct {
			FieldName string
			MaxLength json.RawMessage
		}
	}
	tables, err := readTables[table](ctx, m.client, transType+"Entry")
	if err != nil && !cannotTell(err) {
		return nil, err
	}
	found := lengths{}
	for name, table := range tables {
		columns := map[string]int{}
		for _, field := range table.Fields {
			n, err := integer(field.MaxLength)
			if err != nil {
				n = 0 // not told
			}
			columns[strings.ToLower(field.FieldName)] = n
		}
		found[strings.ToLower(name)] = columns
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.known == nil {
		m.known = map[string]lengths{}
	}
	m.known[transType] = found
	return found, nil
}

// cannotTell reports whether an error means that the tenant will not answer this question, however often it is asked.
func cannotTell(err error) bool {
	e, ok := errors.AsType[*Error](err)
	if !ok {
		return false
	}
	switch e.Class {
	case ClassDenied, ClassNotFound, ClassValidation:
		return true
	case ClassServer:
		return e.Status == http.StatusInternalServerError || e.Status == http.StatusNotImplemented
	}
	return false
}
