package logtest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// A question is what a child process asks of the books of its parent.
type question struct {
	Batch    string             `json:"batch"`
	Ref      string             `json:"ref"`
	Document ledgermap.Document `json:"document"`
}

// An answer is what it gets. Amounts are text, as in every ledger's answers.
type answer struct {
	Word   string       `json:"word"` // found, none, booked, duplicate
	Copies int          `json:"copies"`
	Ref    string       `json:"ref"`
	Lines  []answerLine `json:"lines"`
}

type answerLine struct{ Account, Debit, Credit string }

// ServeHTTP answers find and book, for processes that are to be killed.
func (b *Books) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var q question
	if err := json.NewDecoder(req.Body).Decode(&q); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	e := booking.Entry{Batch: q.Batch, Ref: q.Ref, Document: q.Document}
	ctx := context.WithoutCancel(req.Context()) // what arrived is booked, whoever waits for it
	var a answer
	if req.URL.Path == "/book" {
		a.Word = "booked"
		if _, err := b.Book(ctx, e); errors.Is(err, booking.ErrDuplicate) {
			a.Word = "duplicate"
		}
	} else if found, err := b.Find(ctx, e); err != nil {
		a.Word = "none"
	} else {
		a = answer{Word: "found", Copies: found.Copies, Ref: found.Ref}
		for _, l := range found.Lines {
			a.Lines = append(a.Lines, answerLine{l.Account, l.Debit.String(), l.Credit.String()})
		}
	}
	text, err := json.Marshal(a)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	_, _ = w.Write(text) // a child that is dead misses it
}

// remoteBooks are the books of the parent, seen from a child.
type remoteBooks struct{ url string }

func (r remoteBooks) ask(ctx context.Context, path string, e booking.Entry) (answer, error) {
	body, err := json.Marshal(question{e.Batch, e.Ref, e.Document})
	if err != nil {
		return answer{}, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close() // read to its end
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return answer{}, err
	}
	var a answer
	if err := json.Unmarshal(text, &a); err != nil || resp.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("logtest: %s: %s", resp.Status, text)
	}
	return a, nil
}

func (r remoteBooks) Find(ctx context.Context, e booking.Entry) (booking.Booked, error) {
	a, err := r.ask(ctx, "/find", e)
	if err != nil {
		return booking.Booked{}, err
	}
	if a.Word != "found" {
		return booking.Booked{}, booking.ErrNotFound
	}
	b := booking.Booked{Batch: e.Batch, Ref: a.Ref, Copies: a.Copies}
	for _, l := range a.Lines {
		debit, err1 := settlement.ParseMoney(l.Debit, e.Currency)
		credit, err2 := settlement.ParseMoney(l.Credit, e.Currency)
		if err := errors.Join(err1, err2); err != nil {
			return booking.Booked{}, err
		}
		b.Lines = append(b.Lines, ledgermap.Line{Account: l.Account, Debit: debit, Credit: credit})
	}
	return b, nil
}

func (r remoteBooks) Book(ctx context.Context, e booking.Entry) (booking.Receipt, error) {
	a, err := r.ask(ctx, "/book", e)
	if err == nil && a.Word == "duplicate" {
		err = booking.ErrDuplicate
	}
	return booking.Receipt{}, err
}
