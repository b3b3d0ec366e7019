package rest

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// Retry says how often and how soon a call is repeated. Zero fields mean the default that their comment names.
type Retry struct {
	// Faults is how many 5xx answers and cut connections one call survives. 0 means 4, negative none.
	Faults int
	// Throttled is how many 429 answers one call survives. 0 means 10, negative none.
	Throttled int
	// Base and Cap bound the wait before a retry: a random time up to Base, 2·Base, 4·Base … and never above Cap.
	// A Retry-After header asks for more, up to Cap. 0 means 500 ms and 30 s.
	Base, Cap time.Duration
}

func (r Retry) withDefaults() Retry {
	r.Faults = max(cmp.Or(r.Faults, 4), 0)
	r.Throttled = max(cmp.Or(r.Throttled, 10), 0)
	r.Base = cmp.Or(r.Base, 500*time.Millisecond)
	r.Cap = cmp.Or(r.Cap, 30*time.Second)
	return r
}

// again decides whether the last attempt is followed by another. It is a [retryablehttp.CheckRetry]; the default one
// repeats a POST that has already run, and a wrong password until the account is locked.
func (r *run) again(ctx context.Context, response *http.Response, err error) (bool, error) {
	again := ctx.Err() == nil && r.wanted(response, err)
	if again {
		reason := "no answer"
		switch {
		case response != nil:
			reason = strconv.Itoa(response.StatusCode)
		case r.err != nil:
			reason = r.err.Error() // without secrets
		}
		r.c.Logger.LogAttrs(ctx, slog.LevelWarn, "http retry", slog.String("op", r.call.Op), slog.Int("attempt", r.attempts), slog.String("after", reason))
	}
	return again, nil
}

func (r *run) wanted(response *http.Response, err error) bool {
	if err != nil || r.err != nil {
		var before unsent
		var big tooLarge
		if !r.call.Replayable || !r.sent || errors.As(r.err, &before) || errors.As(r.err, &big) {
			return false
		}
		r.faults++
		return r.faults <= r.c.Retry.Faults
	}
	switch status := response.StatusCode; {
	case status/100 == 2:
		return false
	case status == http.StatusTooManyRequests:
		r.throttled++
		return r.throttled <= r.c.Retry.Throttled
	case r.auth != nil && r.c.Expired(&r.answer):
		first := !r.renewed
		r.renewed = true
		return first
	case r.call.Replayable && r.c.Transient(&r.answer):
		r.faults++
		return r.faults <= r.c.Retry.Faults
	}
	return false
}

// mayHaveRun reports whether a status leaves open what became of the call.
func mayHaveRun(status int) bool { return status >= 500 || status == http.StatusRequestTimeout }

// backoff is a [retryablehttp.Backoff] with full jitter and a cap that Retry-After cannot lift.
func (r *run) backoff(_, _ time.Duration, _ int, response *http.Response) time.Duration {
	policy := r.c.Retry
	if response != nil && r.auth != nil && response.StatusCode != http.StatusTooManyRequests && r.c.Expired(&r.answer) {
		return 0
	}
	ceiling := policy.Base << min(max(r.faults+r.throttled-1, 0), 20)
	if ceiling <= 0 || ceiling > policy.Cap {
		ceiling = policy.Cap
	}
	wait := rand.N(ceiling + 1)
	if response != nil {
		wait = max(wait, min(retryAfter(response.Header), policy.Cap))
	}
	return wait
}

func retryAfter(header http.Header) time.Duration {
	text := header.Get("Retry-After")
	if text == "" {
		return 0
	}
	if seconds, err := strconv.Atoi(text); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 1<<20)) * time.Second
	}
	if at, err := http.ParseTime(text); err == nil {
		return max(time.Until(at), 0)
	}
	return 0
}
