package spapitest

import (
	"strconv"
	"strings"
	"time"
)

// bucket is a token bucket: it starts full, refills at the rate and holds at most the burst.
type bucket struct {
	tokens float64
	at     time.Time
}

// jitter forgives a caller that paces itself exactly but whose calls take unequally long to arrive. It is lent, not
// given: the bucket goes below zero by as much.
const jitter = 20 * time.Millisecond

// take takes a token at that time, or says no.
func (b *bucket) take(now time.Time, rate float64, burst int) bool {
	if b.at.IsZero() {
		b.tokens = float64(burst)
	} else if passed := now.Sub(b.at); passed > 0 {
		b.tokens = min(b.tokens+passed.Seconds()*rate, float64(burst))
	}
	b.at = now
	if b.tokens < 1-rate*jitter.Seconds()-1e-9 {
		return false
	}
	b.tokens--
	return true
}

// take asks the bucket of this caller and operation.
func (a *Amazon) take(client, seller string, op operation, now time.Time) bool {
	if a.options.Rate < 0 {
		return true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	key := client + "|" + seller + "|" + op.name
	b := a.buckets[key]
	if b == nil {
		b = &bucket{}
		a.buckets[key] = b
	}
	return b.take(now, op.rate*a.options.Rate, op.burst)
}

// rateHeader is the value of x-amzn-RateLimit-Limit: the rate, not the burst and not what is left.
func (a *Amazon) rateHeader(op operation) string {
	rate := op.rate
	if a.options.Rate > 0 {
		rate *= a.options.Rate
	}
	text := strings.TrimRight(strconv.FormatFloat(rate, 'f', 4, 64), "0")
	if strings.HasSuffix(text, ".") {
		text += "0" // as in "2.0"
	}
	return text
}

// Pace is the default usage plan of one operation.
type Pace struct {
	Rate  float64 // requests a second
	Burst int
}

// Paces returns the usage plan of every operation that the fake has, unscaled, by Amazon's name of the operation.
func Paces() map[string]Pace {
	list := map[string]Pace{}
	for _, op := range operations() {
		list[op.name] = Pace{op.rate, op.burst}
	}
	return list
}
