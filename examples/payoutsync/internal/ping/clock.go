package ping

import (
	"net/http"
	"sync"
	"time"
)

// Clock is a transport that compares this machine's clock with the date of each answer.
type Clock struct {
	Base http.RoundTripper

	mu   sync.Mutex
	host string
	off  time.Duration
}

// RoundTrip implements [http.RoundTripper].
func (c *Clock) RoundTrip(r *http.Request) (*http.Response, error) {
	response, err := c.Base.RoundTrip(r)
	if err != nil {
		return response, err
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		c.note(r.URL.Host, time.Until(date))
	}
	return response, nil
}

func (c *Clock) note(host string, off time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.host == "" || off.Abs() > c.off.Abs() {
		c.host, c.off = host, off
	}
}

// Worst returns the host whose clock differs most, and by how much it is ahead of this machine's. The host is empty
// before the first answer.
func (c *Clock) Worst() (host string, ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.host, c.off
}
