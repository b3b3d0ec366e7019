package pace_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/oauth2"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/pgtest"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/pace"
)

// amazon hands out tokens and counts them.
type amazon struct {
	mu      sync.Mutex
	given   int
	life    time.Duration
	refuses error
}

func (a *amazon) TokenContext(context.Context) (*oauth2.Token, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.refuses != nil {
		return nil, a.refuses
	}
	a.given++
	return &oauth2.Token{AccessToken: fmt.Sprintf("secret-token-%d", a.given), Expiry: time.Now().Add(a.life)}, nil
}

func (a *amazon) Invalidate(string) {}

// safe is one row that every process reads.
type safe struct {
	mu    sync.Mutex
	token []byte
}

func (s *safe) Get(context.Context) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.token, nil
}

func (s *safe) Put(_ context.Context, token []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = token
	return nil
}

func pool(t testing.TB, dsn string) *pgxpool.Pool {
	t.Helper()
	db, err := pgxpool.New(context.Background(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	return db
}

func TestManyProcessesGetOneTokenTogether(t *testing.T) {
	dsn := pgtest.DSN(t)
	source, row := &amazon{life: time.Hour}, &safe{}
	var all sync.WaitGroup
	for range 3 { // processes
		locks := pace.NewLocks(pool(t, dsn))
		tokens := pace.NewTokens(source, row, locks.Of("token app1/A1"), right)
		for range 8 {
			all.Go(func() {
				token, err := tokens.TokenContext(t.Context())
				if err != nil || token.AccessToken != "secret-token-1" {
					t.Errorf("%v, %v", token, err)
				}
			})
		}
	}
	all.Wait()
	if source.given != 1 {
		t.Errorf("Amazon was asked %d times", source.given)
	}
}

// right is a shared clock that this machine's agrees with.
func right(context.Context) (time.Time, error) { return time.Now(), nil }

// A machine whose clock stands still while hours pass does not use what has ended, and one that is ahead uses what has not.
func TestATokensEndIsByTheClockThatProcessesShare(t *testing.T) {
	at := func(off time.Duration) func(context.Context) (time.Time, error) {
		return func(context.Context) (time.Time, error) { return time.Now().Add(off), nil }
	}
	source, row := &amazon{life: time.Hour}, &safe{}
	for _, c := range []struct {
		off   time.Duration // of the shared clock to the machine's
		token string
	}{
		{5 * time.Hour, "secret-token-1"},
		{5*time.Hour + 30*time.Minute, "secret-token-1"}, // half an hour later, by a machine that is half an hour further behind
		{6 * time.Hour, "secret-token-2"},
		{6*time.Hour - time.Minute, "secret-token-2"},
	} {
		token, err := pace.NewTokens(source, row, alone, at(c.off)).Token()
		if err != nil || token.AccessToken != c.token {
			t.Errorf("the shared clock is ahead by %s: %v, %v", c.off, token, err)
		}
	}
}

// alone is a lock without a database.
func alone(ctx context.Context, f func(context.Context) error) error { return f(ctx) }

func TestARefusedTokenIsReplacedOnceForAll(t *testing.T) {
	source, row := &amazon{life: time.Hour}, &safe{}
	one, other := pace.NewTokens(source, row, alone, right), pace.NewTokens(source, row, alone, right)
	first, err := one.Token()
	if err != nil {
		t.Fatal(err)
	}
	if token, err := other.Token(); err != nil || token.AccessToken != first.AccessToken {
		t.Fatalf("%v, %v", token, err)
	}
	for _, tokens := range []*pace.Tokens{one, other} { // both had it refused
		tokens.Invalidate(first.AccessToken)
		token, err := tokens.Token()
		if err != nil || token.AccessToken != "secret-token-2" {
			t.Errorf("%v, %v", token, err)
		}
	}
	if source.given != 2 {
		t.Errorf("Amazon was asked %d times", source.given)
	}
}

func TestATokenThatEndsWithinAMinuteIsNotHandedOut(t *testing.T) {
	source, row := &amazon{life: 30 * time.Second}, &safe{}
	if _, err := pace.NewTokens(source, row, alone, right).Token(); err != nil {
		t.Fatal(err)
	}
	source.life = time.Hour
	token, err := pace.NewTokens(source, row, alone, right).Token()
	if err != nil || token.AccessToken != "secret-token-2" {
		t.Errorf("%v, %v", token, err)
	}
}

func TestARowThatDoesNotReadIsReplaced(t *testing.T) {
	row := &safe{token: []byte("{")}
	token, err := pace.NewTokens(&amazon{life: time.Hour}, row, alone, right).Token()
	if err != nil || token.AccessToken != "secret-token-1" || !strings.Contains(string(row.token), "secret-token-1") {
		t.Errorf("%v, %v", token, err)
	}
}

func TestWhatAmazonRefusesIsReturnedAndNothingStored(t *testing.T) {
	revoked := errors.New("revoked")
	row := &safe{}
	tokens := pace.NewTokens(&amazon{refuses: revoked}, row, alone, right)
	if _, err := tokens.Token(); !errors.Is(err, revoked) || row.token != nil {
		t.Errorf("%v; stored %q", err, row.token)
	}
}

func TestTokensPrintWithoutTheToken(t *testing.T) {
	tokens := pace.NewTokens(&amazon{life: time.Hour}, &safe{}, alone, right)
	if _, err := tokens.Token(); err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, tokens); strings.Contains(text, "secret") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}
