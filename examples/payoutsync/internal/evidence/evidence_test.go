package evidence_test

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"iter"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/evidence"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking/logtest"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

const seller = "A1B2C3D4E5"

var paid = ledgermap.Payout{Status: ledgermap.PayoutPaid, Date: time.Date(2026, 2, 9, 12, 0, 0, 0, time.UTC), TraceID: "TRC0012345678", Source: "listPayouts"}

// books is a seller whose payouts are booked in memory, with a log in a folder.
type books struct {
	t      *testing.T
	log    *booking.FileLog
	engine *booking.Engine
	rules  *ledgermap.Rules
}

func newBooks(t *testing.T) *books {
	t.Helper()
	log, err := booking.OpenFileLog(t.TempDir(), []byte("0123456789abcdef"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	b := &books{t: t, log: log}
	if b.rules, err = ledgermap.LoadRules("rules.yaml", ledgermap.Starter()); err != nil {
		t.Fatal(err)
	}
	b.engine, err = booking.New(booking.Config{
		Ledger: &logtest.Books{}, Log: log, Tenant: booking.Tenant{Database: "DEMO"}, Seller: seller, Actor: booking.Actor{Name: "robot", Service: true},
		Approval: booking.ApprovalOne, ClearingAccount: b.rules.ClearingAccount(), RefLength: 14,
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// year is a ledger's calendar; one made of months that nobody asked a ledger for is not booked.
func year(t *testing.T) ledgermap.Calendar {
	t.Helper()
	c, err := ledgermap.NewCalendar(ledgermap.Months(ledgermap.Date{Year: 2026, Month: 1, Day: 1}, ledgermap.Date{Year: 2026, Month: 12, Day: 31}).Periods())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// report is a settlement over the end of January, gzipped as Amazon delivers it.
func report(t *testing.T, id string) []byte {
	t.Helper()
	start := time.Date(2026, 1, 25, 8, 0, 0, 0, time.UTC)
	s := settlementtest.Build(settlementtest.Spec{ID: id, Start: start, End: start.AddDate(0, 0, 14), Rows: []settlementtest.Row{
		{TransactionType: "Order", AmountType: "ItemPrice", AmountDescription: "Principal", Amount: 10000, Posted: start.AddDate(0, 0, 2)},
		{TransactionType: "Order", AmountType: "ItemFees", AmountDescription: "Commission", Amount: -1500, Posted: start.AddDate(0, 0, 10)},
	}})
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(s.V2()); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	return zipped.Bytes()
}

// booked plans, approves and books a settlement, and returns what its pack is made from.
func (b *books) booked(id string, in ledgermap.Input) evidence.Pack {
	b.t.Helper()
	bytesOf := report(b.t, id)
	plan := b.plan(bytesOf, in)
	b.approve(plan)
	if res, err := b.engine.Run(b.t.Context(), plan); err != nil || res.State != booking.StateBooked {
		b.t.Fatalf("settlement %s: %s, %v", id, res.State, err)
	}
	return b.pack(bytesOf, plan, in)
}

func (b *books) plan(report []byte, in ledgermap.Input) *ledgermap.Plan {
	b.t.Helper()
	name := filepath.Join(b.t.TempDir(), "report")
	writeFile(b.t, name, report)
	src, err := settlement.Open(name, settlement.Options{})
	if err != nil {
		b.t.Fatal(err)
	}
	defer src.Close()
	plan, err := b.rules.Plan(src, in)
	if err != nil {
		b.t.Fatal(err)
	}
	return plan
}

func (b *books) approve(plan *ledgermap.Plan) {
	b.t.Helper()
	if res, err := b.engine.Run(b.t.Context(), plan); err != nil || res.State != booking.StateAwaitingApproval {
		b.t.Fatalf("%s, %v", res.State, err)
	}
	if err := b.engine.Approve(b.t.Context(), booking.Release{Settlement: plan.Statement.ID, Plan: plan.Hash(), By: "Ann", Reason: "looked at"}); err != nil {
		b.t.Fatal(err)
	}
}

func (b *books) pack(report []byte, plan *ledgermap.Plan, in ledgermap.Input) evidence.Pack {
	b.t.Helper()
	head, err := b.log.Head(b.t.Context(), seller)
	if err != nil {
		b.t.Fatal(err)
	}
	return evidence.Pack{
		SellerID: seller, Report: bytes.NewReader(report), Statement: plan.Statement, Rules: ledgermap.Starter(), Input: in, Plan: plan,
		Links: b.links(), Head: head,
		Exchanges: []evidence.Exchange{{At: paid.Date, N: 1, Method: "POST", URL: "https://acme/api/DataEntry/jeControl", Request: `{"Batch":"JE"}`, Status: 201, Answer: `[{"Batch":"JE"}]`}},
	}
}

func (b *books) links() iter.Seq2[booking.Link, error] {
	return b.log.Links(context.Background(), seller)
}

func (b *books) input() ledgermap.Input {
	return ledgermap.Input{Seller: "acme-us", Calendar: year(b.t), Payout: paid}
}

func written(t *testing.T, p evidence.Pack) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := evidence.Write(&out, p); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// example is the pack of a settlement that is neither the first nor the last of its seller's log.
func example(t *testing.T) []byte {
	t.Helper()
	b := newBooks(t)
	b.booked("30000000001", b.input())
	p := b.booked("30000000002", b.input())
	b.booked("30000000003", b.input())
	p.Links = b.links()
	var err error
	if p.Head, err = b.log.Head(t.Context(), seller); err != nil {
		t.Fatal(err)
	}
	return written(t, p)
}

func verify(t *testing.T, pack []byte) evidence.Verification {
	t.Helper()
	v, err := evidence.Verify(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// member is one member of a zip.
type member struct {
	name string
	data []byte
}

func unzip(t *testing.T, pack []byte) []member {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(pack), int64(len(pack)))
	if err != nil {
		t.Fatal(err)
	}
	var list []member
	for _, f := range r.File {
		in, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(in)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, member{f.Name, data})
	}
	return list
}

func rezip(t *testing.T, members []member) []byte {
	t.Helper()
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	for _, m := range members {
		f, err := w.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Store})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write(m.data); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// resum writes SHA256SUMS anew, as somebody would who knows how packs are made.
func resum(members []member) []member {
	members = slices.Clone(members)
	var sums strings.Builder
	for i, m := range members {
		if m.name == "SHA256SUMS" {
			members[i].data = []byte(sums.String())
			break
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(m.data), m.name)
	}
	return members
}

// named reports whether a fault is about a member.
func named(v evidence.Verification, name string) bool {
	return slices.ContainsFunc(v.Faults, func(f evidence.Fault) bool { return f.Member == name })
}

func TestAPackOfABookedPayoutHolds(t *testing.T) {
	v := verify(t, example(t))
	if !v.OK() || v.Err() != nil {
		t.Fatal(v.Err())
	}
	if v.Settlement != "30000000002" || v.Total != "85.00" || v.Currency != "USD" || v.Rows != 2 || v.Documents != 3 || v.Booked != 3 || v.First < 2 || v.Head.Count <= v.First || v.SellerID != seller {
		t.Errorf("%+v", v)
	}
	if !v.Holds(v.Head.Hash) || v.Holds(strings.Repeat("0", 64)) {
		t.Error("the heads that the pack's log goes through")
	}
}

func TestTheSameContentIsTheSameFile(t *testing.T) {
	b := newBooks(t)
	in := b.input()
	p := b.booked("30000000001", in)
	first := written(t, p)
	p.Report = bytes.NewReader(report(t, "30000000001"))
	if !bytes.Equal(first, written(t, p)) {
		t.Error("two packs of the same content differ")
	}
}

func TestAPayoutThatTheLogDoesNotKnowHasNoPack(t *testing.T) {
	b := newBooks(t)
	bytesOf := report(t, "30000000001")
	err := evidence.Write(io.Discard, b.pack(bytesOf, b.plan(bytesOf, b.input()), b.input()))
	if err == nil || !strings.Contains(err.Error(), "30000000001") {
		t.Errorf("error %v", err)
	}
}

func TestAChangedByteInAnyMemberIsFoundAndNamed(t *testing.T) {
	pack := example(t)
	members := unzip(t, pack)
	for i, m := range members {
		for _, at := range []int{0, len(m.data) / 2, len(m.data) - 1} {
			changed := slices.Clone(members)
			data := bytes.Clone(m.data)
			data[at] ^= 1
			changed[i].data = data
			v := verify(t, rezip(t, changed))
			if v.OK() || m.name != "SHA256SUMS" && !named(v, m.name) {
				t.Errorf("%s, byte %d: %v", m.name, at, v.Err())
			}
			if m.name == "SHA256SUMS" && !strings.Contains(v.Err().Error(), "SHA256SUMS") {
				t.Errorf("%s, byte %d: %v", m.name, at, v.Err())
			}
		}
	}
	for at := 40; at < len(pack); at += 997 { // in the zip itself: content, checksums, names
		changed := bytes.Clone(pack)
		changed[at] ^= 0x10
		verify(t, changed) // must end, whatever it says
	}
}

func TestAMemberChangedTogetherWithItsSumIsFoundAndNamed(t *testing.T) {
	members := unzip(t, example(t))
	for i, m := range members {
		switch m.name {
		case "SHA256SUMS", "README.txt", "exchanges.jsonl": // the first goes along; of the others, nothing else speaks
			continue
		}
		changed := slices.Clone(members)
		data := bytes.Clone(m.data)
		switch m.name {
		case "rules.yaml": // a change that changes no document
			data = append(data, "# a remark\n"...)
		case "payout.json":
			data = bytes.Replace(data, []byte("TRC0012345678"), []byte("TRC0012345679"), 1)
		case "calendar.json":
			data = bytes.Replace(data, []byte(`"closed": false`), []byte(`"closed": true`), 1)
		case "inputs.json":
			data = bytes.Replace(data, []byte("acme-us"), []byte("acme-uk"), 1)
		case "head.json":
			data = bytes.Replace(data, []byte(`"count": `), []byte(`"count": 1`), 1)
		default:
			data[len(data)/2] ^= 1
		}
		changed[i].data = data
		v := verify(t, rezip(t, resum(changed)))
		if v.OK() {
			t.Errorf("%s: not found", m.name)
			continue
		}
		name := m.name
		switch m.name {
		case "payout.json", "calendar.json", "inputs.json": // what they say enters the plan
			name = "plan.json"
		case "head.json":
			name = "log.jsonl"
		}
		if !named(v, name) {
			t.Errorf("%s: %v", m.name, v.Err())
		}
	}
}

func TestMissingSwappedAndAddedMembersAreFoundAndNamed(t *testing.T) {
	members := unzip(t, example(t))
	for i, m := range members {
		v := verify(t, rezip(t, slices.Delete(slices.Clone(members), i, i+1)))
		name := m.name
		if strings.HasPrefix(name, "report") {
			name = "report"
		}
		if !named(v, name) {
			t.Errorf("without %s: %v", m.name, v.Err())
		}
		j := (i + 1) % len(members)
		swapped := slices.Clone(members)
		swapped[i].data, swapped[j].data = swapped[j].data, swapped[i].data
		v = verify(t, rezip(t, swapped))
		if !named(v, m.name) && m.name != "SHA256SUMS" || !named(v, members[j].name) && members[j].name != "SHA256SUMS" {
			t.Errorf("%s and %s with each other's content: %v", m.name, members[j].name, v.Err())
		}
		if j > 0 {
			moved := slices.Clone(members)
			moved[i], moved[j] = moved[j], moved[i]
			if v = verify(t, rezip(t, moved)); v.OK() || !strings.Contains(v.Err().Error(), "order") {
				t.Errorf("%s and %s in each other's place: %v", m.name, members[j].name, v.Err())
			}
		}
	}
	for _, name := range []string{"extra.txt", "../../etc/passwd", "/plan.json", "PLAN.JSON", "plan.json/", "docs/plan.json", ""} {
		v := verify(t, rezip(t, append(slices.Clone(members), member{name: name})))
		if v.OK() || !named(v, name) {
			t.Errorf("with %q: %v", name, v.Err())
		}
	}
	v := verify(t, rezip(t, append(slices.Clone(members), member{"plan.json", nil})))
	if !named(v, "plan.json") {
		t.Errorf("with a second plan.json: %v", v.Err())
	}
	v = verify(t, rezip(t, append(slices.Clone(members), member{"report.xml", nil})))
	if !named(v, "report.xml") {
		t.Errorf("with a second report: %v", v.Err())
	}
}
