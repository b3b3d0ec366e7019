package pace

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/oauth2"
)

// A Safe keeps one access token, encrypted, where every process finds it.
type Safe interface {
	// Get returns nil and no error where nothing was put.
	Get(ctx context.Context) ([]byte, error)
	Put(ctx context.Context, token []byte) error
}

// A Source gets new tokens from Amazon: an *spapi.TokenSource.
type Source interface {
	TokenContext(ctx context.Context) (*oauth2.Token, error)
	Invalidate(accessToken string)
}

// Lock runs f while no other process runs one for the same credential.
type Lock func(ctx context.Context, f func(context.Context) error) error

// Tokens is the access token of one seller for all processes: the first that needs one gets it from Amazon under the
// lock, the others read it from the safe. It fits spapi.Config.Tokens.
//
// In the safe a token's end is by the clock that the processes share, so that those of their machines may be wrong.
type Tokens struct {
	source Source
	safe   Safe
	lock   Lock
	now    func(context.Context) (time.Time, error)

	mu      sync.Mutex
	token   *oauth2.Token
	refused string // the access token that Amazon has refused
}

// NewTokens joins a source, a safe, a lock and the clock that the processes share.
func NewTokens(source Source, safe Safe, lock Lock, now func(context.Context) (time.Time, error)) *Tokens {
	return &Tokens{source: source, safe: safe, lock: lock, now: now}
}

// early is how long before its end a token is no longer handed out.
const early = time.Minute

// Token implements [oauth2.TokenSource].
func (t *Tokens) Token() (*oauth2.Token, error) { return t.TokenContext(context.Background()) }

// TokenContext returns a token that is valid for a minute or more.
func (t *Tokens) TokenContext(ctx context.Context) (*oauth2.Token, error) {
	t.mu.Lock()
	token := t.token
	t.mu.Unlock()
	if usable(token) {
		return token, nil
	}
	if token, err := t.shared(ctx); token != nil || err != nil {
		return token, err
	}
	err := t.lock(ctx, func(ctx context.Context) error {
		var err error
		// Whoever had the lock before may have got one.
		if token, err = t.shared(ctx); token != nil || err != nil {
			return err
		}
		if token, err = t.source.TokenContext(ctx); err != nil {
			return err
		}
		ends, err := t.now(ctx)
		if err != nil {
			return err
		}
		ends = ends.Add(time.Until(token.Expiry))
		text, err := json.Marshal(stored{token.AccessToken, token.TokenType, ends}) //nolint:gosec // for the safe, which encrypts it
		if err != nil {
			return err
		}
		if err := t.safe.Put(ctx, text); err != nil {
			return fmt.Errorf("store Amazon's access token for the other processes: %w", err)
		}
		t.keep(token)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return token, nil
}

// Invalidate forgets the access token, here and in the safe, after Amazon has refused it.
func (t *Tokens) Invalidate(accessToken string) {
	t.mu.Lock()
	t.refused = accessToken
	if t.token != nil && t.token.AccessToken == accessToken {
		t.token = nil
	}
	t.mu.Unlock()
	t.source.Invalidate(accessToken)
}

// shared is the token in the safe, nil where there is none that can be used.
func (t *Tokens) shared(ctx context.Context) (*oauth2.Token, error) {
	text, err := t.safe.Get(ctx)
	if err != nil {
		return nil, fmt.Errorf("read Amazon's access token that processes share: %w", err)
	}
	var s stored
	_ = json.Unmarshal(text, &s) // what does not read has no token, and is replaced
	if s.AccessToken == "" {
		return nil, nil
	}
	now, err := t.now(ctx)
	if err != nil {
		return nil, err
	}
	token := &oauth2.Token{AccessToken: s.AccessToken, TokenType: s.TokenType, Expiry: time.Now().Add(s.Expiry.Sub(now))}
	t.mu.Lock()
	refused := t.refused
	t.mu.Unlock()
	if !usable(token) || token.AccessToken == refused {
		return nil, nil
	}
	t.keep(token)
	return token, nil
}

func (t *Tokens) keep(token *oauth2.Token) {
	t.mu.Lock()
	t.token = token
	t.mu.Unlock()
}

func usable(token *oauth2.Token) bool {
	return token != nil && token.AccessToken != "" && time.Until(token.Expiry) > early
}

type stored struct {
	AccessToken string    `json:"access_token"`
	TokenType   string    `json:"token_type"`
	Expiry      time.Time `json:"expiry"`
}

// String shows no token.
func (t *Tokens) String() string { return "pace.Tokens" }

// GoString is String, for %#v.
func (t *Tokens) GoString() string { return t.String() }

// Locks are advisory locks of PostgreSQL. One that is held has a connection of the pool to itself, and ends with it
// when its process is killed; so that those who wait leave connections for the work under the lock, at most a quarter
// of the pool waits at a time.
type Locks struct {
	db    *pgxpool.Pool
	slots chan struct{}
}

// NewLocks returns locks on the pool's database.
func NewLocks(db *pgxpool.Pool) *Locks {
	return &Locks{db: db, slots: make(chan struct{}, max(1, db.Config().MaxConns/4))}
}

// Of returns the lock of that name.
func (l *Locks) Of(name string) Lock {
	return func(ctx context.Context, f func(context.Context) error) error {
		select {
		case l.slots <- struct{}{}:
			defer func() { <-l.slots }()
		case <-ctx.Done():
			return ctx.Err()
		}
		return pgx.BeginFunc(ctx, l.db, func(tx pgx.Tx) error {
			if _, err := tx.Exec(ctx, `select pg_advisory_xact_lock(hashtextextended($1, 0))`, name); err != nil {
				return fmt.Errorf("lock %s: %w", name, err)
			}
			return f(ctx)
		})
	}
}
