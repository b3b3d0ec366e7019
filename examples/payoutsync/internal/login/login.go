// Package login knows the named users of an installation: the people who look at its pages and release its plans.
// A password is kept as an argon2id hash, a session as the hash of its token, both in the installation's database, so
// that who can read the database can be nobody with it.
package login

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"sync"
	"time"
	"unicode/utf8"
)

// A Store keeps users and sessions.
type Store interface {
	// UserHash returns "" and no error where there is no user of that name.
	UserHash(ctx context.Context, name string) (hash string, err error)
	// SetUser adds a user or changes the password, and ends the user's sessions.
	SetUser(ctx context.Context, name, hash string) error
	// RemoveUser removes a user and ends the user's sessions. It reports whether there was one.
	RemoveUser(ctx context.Context, name string) (bool, error)
	Users(ctx context.Context) ([]string, error)
	// AddSession keeps a session for a time by the database's clock, if the user's hash is still the given one. It reports
	// whether it is.
	AddSession(ctx context.Context, id, name, hash string, lasts time.Duration) (bool, error)
	// SessionUser returns "" and no error where there is no such session or it has ended.
	SessionUser(ctx context.Context, id string) (name string, err error)
	RemoveSession(ctx context.Context, id string) error
}

// ErrRefused says that name and password do not belong together, without saying which of them is wrong.
var ErrRefused = errors.New("the name or the password is wrong")

// A LockedError says that too many tries failed.
type LockedError struct{ For time.Duration }

func (e *LockedError) Error() string {
	return fmt.Sprintf("too many tries failed: try again in %s", e.For.Round(time.Second))
}

// Door lets users in. It is safe for concurrent use.
type Door struct {
	store Store
	tries tries
	// hashing lets two hashes be computed at a time, so that many log-ins at once cannot use up the memory.
	hashing chan struct{}
}

// New returns the door to the users of a store. Failed tries are counted in this process.
func New(store Store) *Door {
	return &Door{store: store, hashing: make(chan struct{}, 2)}
}

var userName = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,63}$`)

// MinPassword is the least number of characters of a password.
const MinPassword = 12

// CheckNew says what is wrong with the name or the password of a new user.
func CheckNew(name, password string) error {
	switch n := utf8.RuneCountInString(password); {
	case !userName.MatchString(name):
		return fmt.Errorf("the name %q is not usable: lower-case letters, digits and . _ @ - only, at most 64", name)
	case n < MinPassword:
		return fmt.Errorf("the password has %d characters; at least %d are needed", n, MinPassword)
	case len(password) > maxPassword:
		return fmt.Errorf("the password is longer than %d bytes", maxPassword)
	}
	return nil
}

// Add adds a user or changes the password of one.
func (d *Door) Add(ctx context.Context, name, password string) error {
	if err := CheckNew(name, password); err != nil {
		return err
	}
	return d.store.SetUser(ctx, name, hash(password))
}

// Check returns nil if the password is the user's, [ErrRefused] if not, or a [*LockedError] without a look. from is where
// the try comes from, such as an address; tries are counted per name and, more generously, per from.
// Wrong names take as long as wrong passwords.
func (d *Door) Check(ctx context.Context, name, password, from string) error {
	_, err := d.check(ctx, name, password, from)
	return err
}

// check is Check, and returns the hash that the password belongs to.
func (d *Door) check(ctx context.Context, name, password, from string) (hash string, err error) {
	if wait := d.tries.locked(time.Now(), name, from); wait > 0 {
		return "", &LockedError{wait}
	}
	select {
	case d.hashing <- struct{}{}:
		defer func() { <-d.hashing }()
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if wait := d.tries.locked(time.Now(), name, from); wait > 0 { // by those who came at the same time
		return "", &LockedError{wait}
	}
	if userName.MatchString(name) {
		if hash, err = d.store.UserHash(ctx, name); err != nil {
			return "", err
		}
	}
	if !matches(hash, password) {
		d.tries.failed(time.Now(), name, from)
		return "", ErrRefused
	}
	d.tries.passed(name)
	return hash, nil
}

const (
	freeTries  = 5                // in a row, per name
	freeFrom   = 30               // in a row, per origin
	firstPause = 30 * time.Second // doubled with every further failure
	mostPause  = 15 * time.Minute
	forget     = time.Hour // after the last failure
)

// tries counts failures in a row.
type tries struct {
	mu  sync.Mutex
	all map[string]failures
}

type failures struct {
	count       int
	last, until time.Time
}

func (t *tries) locked(now time.Time, name, from string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(t.all["name "+name].until.Sub(now), t.all["from "+from].until.Sub(now), 0)
}

func (t *tries) failed(now time.Time, name, from string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.all == nil {
		t.all = map[string]failures{}
	}
	for key, f := range t.all { // names that somebody made up must not pile up
		if now.Sub(f.last) > forget {
			delete(t.all, key)
		}
	}
	free := map[string]int{"from " + from: freeFrom}
	if userName.MatchString(name) { // any other is nobody's, and may be as long as a form
		free["name "+name] = freeTries
	}
	for key, free := range free {
		f := t.all[key]
		f.count++
		f.last = now
		if over := f.count - free; over >= 0 {
			f.until = now.Add(min(firstPause<<min(over, 10), mostPause))
		}
		t.all[key] = f
	}
}

func (t *tries) passed(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.all, "name "+name)
}
