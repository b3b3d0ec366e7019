package settlement

import "sync"

// pipeline reads ahead of its caller: one goroutine fetches (the stream's own
// Read, which may decompress), one witnesses. Preparing the rows is for whoever
// has the time: the witness while it is ahead, else the caller. Few blocks are
// under way at any time.
type pipeline struct {
	out   chan *block
	spare chan *block // to use again
	quit  chan struct{}
	tasks sync.WaitGroup
}

const underWay = 2 // blocks between two stages

func startPipeline(c *cutter, w *witness) *pipeline {
	p := &pipeline{
		out:   make(chan *block, underWay),
		spare: make(chan *block, 2*underWay),
		quit:  make(chan struct{}),
	}
	fetched := make(chan *block, underWay)
	p.tasks.Go(func() { p.fetch(c, fetched) })
	p.tasks.Go(func() { p.witness(w, fetched) })
	return p
}

func (p *pipeline) fetch(c *cutter, out chan<- *block) {
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

func (p *pipeline) witness(w *witness, in <-chan *block) {
	for b := range in {
		w.see(b)
		if len(p.out) > underWay/2 {
			b.prepare()
		}
		select {
		case p.out <- b:
		case <-p.quit:
			return
		}
	}
}

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
