package evidence

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

//go:embed README.txt
var readme string

// Write writes a pack. It does not check what it is given: [Verify] does, and a pack is best verified before it is handed out.
func Write(w io.Writer, p Pack) error {
	if err := write(w, p); err != nil {
		return fmt.Errorf("write the evidence pack of settlement %s: %w", p.Statement.ID, err)
	}
	return nil
}

func write(w io.Writer, p Pack) error {
	out := &packer{zip: zip.NewWriter(w)}
	out.add(readmeName, []byte(strings.ReplaceAll(readme, "SETTLEMENT", p.Statement.ID)))
	out.report(p)
	out.value(statementName, summary(p.Statement))
	out.add(rulesName, p.Rules)
	out.value(calendarName, p.Input.Calendar)
	out.value(payoutName, p.Input.Payout)
	out.value(inputsName, inputs{p.SellerID, p.Input.Seller, p.Input.Revision, p.Input.NoBank, p.ContentType, p.Statement.ID})
	out.value(planName, p.Plan)
	out.chain(p)
	out.value(headName, p.Head)
	out.add(sumsName, out.sums.Bytes())
	if out.err != nil {
		return out.err
	}
	return out.zip.Close()
}

// packer writes members one after the other and keeps the first error.
type packer struct {
	zip  *zip.Writer
	sums bytes.Buffer
	err  error
}

// member starts a member and returns where its bytes go. They are hashed on their way, until done is called.
func (p *packer) member(name string) (into io.Writer, done func()) {
	if p.err != nil {
		return io.Discard, func() {}
	}
	// No time and no compression, so that the same content is the same file wherever it is packed.
	file, err := p.zip.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
	if err != nil {
		p.err = err
		return io.Discard, func() {}
	}
	h := sha256.New()
	return io.MultiWriter(file, h), func() { fmt.Fprintf(&p.sums, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), name) }
}

func (p *packer) add(name string, data []byte) {
	into, done := p.member(name)
	if _, err := into.Write(data); p.err == nil {
		p.err = err
	}
	done()
}

func (p *packer) value(name string, value any) {
	text, err := render(value)
	if p.err == nil {
		p.err = err
	}
	p.add(name, text)
}

// report copies the report under the name that its bytes call for.
func (p *packer) report(pack Pack) {
	in := bufio.NewReader(pack.Report)
	magic, err := in.Peek(2)
	if err != nil && err != io.EOF && p.err == nil {
		p.err = fmt.Errorf("read the report: %w", err)
	}
	name := "report.txt"
	if pack.Statement.Format == settlement.FormatXML {
		name = "report.xml"
	}
	if bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		name += ".gz"
	}
	into, done := p.member(name)
	if _, err := io.Copy(into, in); err != nil && p.err == nil {
		p.err = fmt.Errorf("read the report: %w", err)
	}
	done()
}

// chain writes what the log says: first what is taken from it for people, then its links as they are.
func (p *packer) chain(pack Pack) {
	if p.err != nil {
		return
	}
	story := newStory(pack.Statement.ID)
	var lines bytes.Buffer
	var count int64
	for link, err := range pack.Links {
		if err == nil && count == pack.Head.Count {
			break // what lies after the head was never acknowledged
		}
		count++
		var first bool
		if err == nil {
			first, err = story.take(link)
		}
		if err != nil {
			p.err = fmt.Errorf("record %d of the log: %w", count, err)
			return
		}
		if first || lines.Len() > 0 {
			lines.Write(line(link))
		}
	}
	if lines.Len() == 0 {
		p.err = fmt.Errorf("the log knows nothing of it: there is a trail once it was planned for booking")
		return
	}
	p.value(approvalsName, story.approvals)
	p.value(bookingsName, story.bookings)
	var exchanges bytes.Buffer
	for _, e := range pack.Exchanges {
		text, err := json.Marshal(e)
		if err != nil {
			p.err = err
			return
		}
		exchanges.Write(append(text, '\n'))
	}
	p.add(exchangesName, exchanges.Bytes())
	p.add(logName, lines.Bytes())
}
