package settlement

import "sync"

// pipeline reads ahead of its caller. One goroutine witnesses; where the stream
// is more than a file, because its own Read decompresses or waits for a network,
// another fetches for it. Preparing the rows is for whoever has the time: the
// witness while it is ahead, else the caller. Few blocks are under way at any
// time.
type pipeline struct {
	out   chan *block
	spare chan *block // to use again
	quit  chan struct{}
	tasks sync.WaitGroup
}

const underWay = 2 // blocks between two stages

func startPipeline(c *cutter, w *witness, file bool) *pipeline {
	p := &pipeline{
		out:   make(chan *block, underWay),
		spare: make(chan *block, 2*underWay),
		quit:  make(chan struct{}),
	}
	// What was just read from a file is witnessed at once, while it is in the
	// processor's cache.
	next := func() *block { return p.fetch(c) }
	if !file {
		fetched := make(chan *block, underWay)
		p.stage(next, fetched)
		next = func() *block { return <-fetched }
	}
	p.stage(func() *block { return p.witness(w, next()) }, p.out)
	return p
}

// stage hands on what next returns, up to the last block or nil.
func (p *pipeline) stage(next func() *block, out chan<- *block) {
	p.tasks.Go(func() {
		defer close(out)
		for b := next(); b != nil; b = next() {
			select {
			case out <- b:
			case <-p.quit:
				return
			}
			if b.err != nil {
				return
			}
		}
	})
}

func (p *pipeline) fetch(c *cutter) *block {
	select {
	case b := <-p.spare:
		return c.cut(b)
	default:
		return c.cut(nil)
	}
}

func (p *pipeline) witness(w *witness, b *block) *block {
	if b == nil { // fetching was stopped
		return nil
	}
	w.see(b)
	if len(p.out) > underWay/2 {
		b.prepare()
	}
	return b
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
