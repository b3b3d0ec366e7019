package main

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// meter shows on stderr how far a long piece of work is: as a bar on a terminal, elsewhere as a line now and then.
// Short work shows nothing but the bar, which vanishes at its end. A nil meter shows nothing.
type meter struct {
	app         *app
	what        string
	total, done int64
	unit        unit
	said        time.Time // when the last line was written
	bar         *progressbar.ProgressBar
}

// unit is what a meter counts.
type unit string

const (
	unitBytes   unit = "bytes"
	unitRecords unit = "records"
	unitPayouts unit = "payouts"
)

// everySoOften is how often a line tells how far the work is where there is no terminal.
const everySoOften = 10 * time.Second

// meter begins a piece of work. total is how much of it there is; -1 when nobody knows. The caller ends it.
func (a *app) meter(what string, total int64, u unit) *meter {
	if a.quiet {
		return nil
	}
	m := &meter{app: a, what: what, total: total, unit: u, said: time.Now()}
	if a.terminal {
		m.bar = progressbar.NewOptions64(total, progressbar.OptionSetWriter(a.err), progressbar.OptionSetDescription(what), progressbar.OptionSetWidth(30),
			progressbar.OptionShowBytes(u == unitBytes), progressbar.OptionShowCount(), progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(), progressbar.OptionUseANSICodes(true))
		a.bar = m.bar
		_ = m.bar.RenderBlank() // a terminal that has gone is noticed by what is written for good
	}
	return m
}

// add notes that n more units are done.
func (m *meter) add(n int64) {
	if m == nil {
		return
	}
	m.done += n
	if m.bar != nil {
		_ = m.bar.Add64(n)
		return
	}
	if now := time.Now(); now.Sub(m.said) >= everySoOften {
		m.said = now
		m.app.progress("%s: %s", m.what, m)
	}
}

// String says how far the work is: "1200 of 4000 records (30%)".
func (m *meter) String() string {
	if m.total <= 0 {
		return fmt.Sprintf("%d %s", m.done, m.unit)
	}
	return fmt.Sprintf("%d of %d %s (%d%%)", m.done, m.total, m.unit, m.done*100/m.total)
}

// end takes the bar away.
func (m *meter) end() {
	if m == nil || m.bar == nil {
		return
	}
	_ = m.bar.Finish()
	m.app.bar = nil
}

// overBar takes the bar off the terminal before something else is written there; the next step of the work draws it again.
type overBar struct {
	io.Writer
	app *app
}

func (w overBar) Write(p []byte) (int, error) {
	if w.app.bar != nil {
		_ = w.app.bar.Clear()
	}
	return w.Writer.Write(p)
}

// isTerminal reports whether a person sees what is written there, on a terminal that can take a line back.
func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && os.Getenv("TERM") != "dumb" && term.IsTerminal(int(f.Fd()))
}

// filesMeter begins work on files, and counts their bytes.
func (a *app) filesMeter(what string, names []string) *meter {
	var total int64
	for _, name := range names {
		total += sizeOf(name)
	}
	return a.meter(what, total, unitBytes)
}

// sizeOf is the length of a file in bytes; 0 for one that is not there, which is reported when it is opened.
func sizeOf(name string) int64 {
	info, err := os.Stat(name)
	if err != nil {
		return 0
	}
	return info.Size()
}

// followed is a settlement file whose lines move a meter by their bytes. A packed file has fewer bytes than its lines, and
// moves it to its own length.
type followed struct {
	settlement.Source
	meter       *meter
	moved, size int64
}

// follow lets the lines of a file move the meter.
func (m *meter) follow(src settlement.Source, name string) *followed {
	return &followed{Source: src, meter: m, size: sizeOf(name)}
}

// Lines implements [settlement.Source].
func (f *followed) Lines() iter.Seq2[settlement.Line, error] {
	const step = 1 << 20
	return func(yield func(settlement.Line, error) bool) {
		for line, err := range f.Source.Lines() {
			if line.Offset-f.moved >= step {
				f.moveTo(line.Offset)
			}
			if !yield(line, err) {
				return
			}
		}
	}
}

// moveTo moves the meter to a byte of the file, and never back.
func (f *followed) moveTo(offset int64) {
	if offset = min(offset, f.size); offset > f.moved {
		f.meter.add(offset - f.moved)
		f.moved = offset
	}
}

// end moves the meter to the end of the file, however much of it was read.
func (f *followed) end() { f.moveTo(f.size) }

// followedLog is an audit log whose records move a meter as they are read, and tell which settlements they are of.
type followedLog struct {
	booking.Log
	meter *meter
	known map[string]bool
}

// Links implements [booking.Log].
func (l followedLog) Links(ctx context.Context, seller string) iter.Seq2[booking.Link, error] {
	return func(yield func(booking.Link, error) bool) {
		for link, err := range l.Log.Links(ctx, seller) {
			l.meter.add(1)
			if r, unread := link.Record(); err == nil && unread == nil {
				l.known[r.Settlement] = true
			}
			if !yield(link, err) {
				return
			}
		}
	}
}
