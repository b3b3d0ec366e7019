package settlement

import (
	"io"
	"sync"
)

// pipeline runs the stages of reading side by side: fetch (the stream's own
// Read, which may decompress) → cut (digest, charset, rows) → mark. The caller
// converts. Few blocks are under way at any time.
type pipeline struct {
	out   chan *block
	spare chan *block // to use again
	quit  chan struct{}
	tasks sync.WaitGroup
}

func startPipeline(c *cutter) *pipeline {
	p := &pipeline{
		out:   make(chan *block, 2),
		spare: make(chan *block, 8),
		quit:  make(chan struct{}),
	}
	fetch := &fetcher{quit: p.quit, full: make(chan chunk, 4), empty: make(chan []byte, 6)}
	source := c.r
	c.r = fetch
	cut := make(chan *block, 2)
	p.tasks.Go(func() { fetch.run(source) })
	p.tasks.Go(func() { p.cut(c, cut) })
	p.tasks.Go(func() { p.mark(cut) })
	return p
}

func (p *pipeline) cut(c *cutter, out chan<- *block) {
	defer close(out)
	for {
		var b *block
		select {
		case b = <-p.spare:
		default:
		}
		b = c.cut(b)
		select {
		case out <- b:
		case <-p.quit:
			return
		}
		if b.err != nil {
			return
		}
	}
}

func (p *pipeline) mark(in <-chan *block) {
	for b := range in {
		b.marks = mark(b.text, b.marks)
		select {
		case p.out <- b:
		case <-p.quit:
			return
		}
	}
}

// next returns the next block. It is not called after the last one.
func (p *pipeline) next() *block { return <-p.out }

func (p *pipeline) release(b *block) {
	select {
	case p.spare <- b:
	default:
	}
}

func (p *pipeline) stop() {
	close(p.quit)
	p.tasks.Wait()
}

// fetcher is a Reader that reads ahead of its caller.
type fetcher struct {
	quit  chan struct{}
	full  chan chunk
	empty chan []byte
	now   chunk
	used  int // bytes of now that have been given
}

type chunk struct {
	data []byte
	err  error
}

func (f *fetcher) run(r io.Reader) {
	for {
		var buf []byte
		select {
		case buf = <-f.empty:
		default:
			buf = make([]byte, blockSize/2)
		}
		n, err := fill(r, buf[:cap(buf)])
		select {
		case f.full <- chunk{buf[:n], err}:
		case <-f.quit:
			return
		}
		if err != nil {
			return
		}
	}
}

func (f *fetcher) Read(p []byte) (int, error) {
	if f.used == len(f.now.data) {
		if f.now.err != nil {
			return 0, f.now.err
		}
		if f.now.data != nil {
			select {
			case f.empty <- f.now.data:
			default:
			}
		}
		select {
		case f.now = <-f.full:
			f.used = 0
		case <-f.quit:
			return 0, errStopped
		}
	}
	n := copy(p, f.now.data[f.used:])
	f.used += n
	if f.used == len(f.now.data) {
		return n, f.now.err
	}
	return n, nil
}
