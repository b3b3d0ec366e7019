package login_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/login/logintest"
)

const (
	name     = "ann@example.com"
	password = "correct horse battery"
)

func door(t testing.TB) (*login.Door, *logintest.Store) {
	t.Helper()
	store := logintest.New()
	d := login.New(store)
	if err := d.Add(t.Context(), name, password); err != nil {
		t.Fatal(err)
	}
	return d, store
}

func TestOnlyTheRightPasswordOpens(t *testing.T) {
	d, store := door(t)
	if err := d.Check(t.Context(), name, password, "here"); err != nil {
		t.Error(err)
	}
	for _, wrong := range [][2]string{{name, password + " "}, {name, ""}, {"bob", password}, {"", ""}, {name, strings.Repeat("x", 1<<20)}} {
		if err := login.New(store).Check(t.Context(), wrong[0], wrong[1], "here"); !errors.Is(err, login.ErrRefused) {
			t.Errorf("%.40q: %v", wrong, err)
		}
	}
	if hash, _ := store.UserHash(t.Context(), name); !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, password) {
		t.Errorf("the hash is %s", hash)
	}
}

func TestNobodysHashOpensForNobody(t *testing.T) {
	store := logintest.New()
	d := login.New(store)
	for _, hash := range []string{"", "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$", "$argon2id$v=19$m=19456,t=2,p=1$$", "plain", "$2a$10$x"} {
		if err := store.SetUser(t.Context(), name, hash); err != nil {
			t.Fatal(err)
		}
		if err := d.Check(t.Context(), name, "", "here"); !errors.Is(err, login.ErrRefused) {
			t.Errorf("%q: %v", hash, err)
		}
	}
}

func TestTwoHashesOfOnePasswordDiffer(t *testing.T) {
	d, store := door(t)
	one, _ := store.UserHash(t.Context(), name)
	if err := d.Add(t.Context(), name, password); err != nil {
		t.Fatal(err)
	}
	if other, _ := store.UserHash(t.Context(), name); one == other {
		t.Error("there is no salt")
	}
}

func TestTriesAreLimitedPerNameAndTheRightPasswordWaitsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := door(t)
		for range 5 {
			if err := d.Check(t.Context(), name, "wrong", "here"); !errors.Is(err, login.ErrRefused) {
				t.Fatal(err)
			}
		}
		locked, ok := errors.AsType[*login.LockedError](d.Check(t.Context(), name, password, "elsewhere"))
		if !ok || locked.For != 30*time.Second {
			t.Fatalf("%v", locked)
		}
		if err := d.Check(t.Context(), "bob", "wrong", "here"); !errors.Is(err, login.ErrRefused) {
			t.Errorf("another name: %v", err)
		}
		time.Sleep(30 * time.Second)
		if err := d.Check(t.Context(), name, "wrong", "here"); !errors.Is(err, login.ErrRefused) {
			t.Fatal(err)
		}
		if locked, ok := errors.AsType[*login.LockedError](d.Check(t.Context(), name, password, "here")); !ok || locked.For != time.Minute {
			t.Errorf("the pause does not double: %v", locked)
		}
		time.Sleep(time.Minute)
		if err := d.Check(t.Context(), name, password, "here"); err != nil {
			t.Error(err)
		}
		if err := d.Check(t.Context(), name, "wrong", "here"); !errors.Is(err, login.ErrRefused) {
			t.Errorf("after a success the count begins anew: %v", err)
		}
	})
}

func TestTriesOfManyNamesFromOnePlaceAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, _ := door(t)
		for i := range 30 {
			if err := d.Check(t.Context(), "user"+string(rune('a'+i%26))+string(rune('a'+i/26)), "wrong", "there"); !errors.Is(err, login.ErrRefused) {
				t.Fatal(i, err)
			}
		}
		if _, ok := errors.AsType[*login.LockedError](d.Check(t.Context(), name, password, "there")); !ok {
			t.Error("thirty names were tried from one place, and it may go on")
		}
		if err := d.Check(t.Context(), name, password, "here"); err != nil {
			t.Errorf("from another place: %v", err)
		}
	})
}

func TestASessionIsOfOneUserAndEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d, store := door(t)
		token, err := d.Enter(t.Context(), name, password, "here")
		if err != nil {
			t.Fatal(err)
		}
		who := func(want string) {
			t.Helper()
			if got, err := d.Who(t.Context(), token); err != nil || got != want {
				t.Errorf("the session is of %q, %v; want %q", got, err, want)
			}
		}
		who(name)
		if store.Holds(token) {
			t.Error("the token itself is in the store")
		}
		if got, err := d.Who(t.Context(), token+"x"); err != nil || got != "" {
			t.Errorf("another token is %q, %v", got, err)
		}
		time.Sleep(login.SessionLasts + time.Second)
		who("")
		if token, err = d.Enter(t.Context(), name, password, "here"); err != nil {
			t.Fatal(err)
		}
		if err := d.Leave(t.Context(), token); err != nil {
			t.Fatal(err)
		}
		who("")
	})
}

func TestANewPasswordEndsTheSessions(t *testing.T) {
	d, _ := door(t)
	token, err := d.Enter(t.Context(), name, password, "here")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Add(t.Context(), name, password+"!"); err != nil {
		t.Fatal(err)
	}
	if who, _ := d.Who(t.Context(), token); who != "" {
		t.Error("a session outlives its password")
	}
}

func TestAFormBelongsToItsSession(t *testing.T) {
	if key := login.FormKey("token"); !login.RightFormKey("token", key) || login.RightFormKey("other", key) || login.RightFormKey("token", "") || strings.Contains(key, "token") {
		t.Error("a form of one session fits another")
	}
}

func TestWeakPasswordsAndOddNamesAreRefused(t *testing.T) {
	for _, bad := range [][2]string{{"ann", "short"}, {"", password}, {"Ann Smith", password}, {"-ann", password}, {"ann", strings.Repeat("x", 2000)}} {
		if err := login.CheckNew(bad[0], bad[1]); err == nil || strings.Contains(err.Error(), bad[1]) {
			t.Errorf("%.40q: %v", bad, err)
		}
	}
}

// slow is a store that tells nobody's hash before it is opened. A hash is asked for when its turn to be computed has come.
type slow struct {
	*logintest.Store
	open  chan struct{}
	asked atomic.Int64
}

func (s *slow) UserHash(ctx context.Context, name string) (string, error) {
	s.asked.Add(1)
	<-s.open
	return s.Store.UserHash(ctx, name)
}

func TestManyTriesAtOnceDoNotAllHashAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, inner := door(t)
		store := &slow{Store: inner, open: make(chan struct{})}
		d := login.New(store)
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if err := d.Check(ctx, name, password, "here"); err != nil && !errors.Is(err, context.Canceled) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := store.asked.Load(); n != 2 {
			t.Errorf("%d passwords are hashed at a time, want 2", n)
		}
		cancel() // those who wait go
		synctest.Wait()
		close(store.open)
		all.Wait()
		if n := store.asked.Load(); n != 2 {
			t.Errorf("%d passwords were hashed, 18 of which nobody waited for", n)
		}
	})
}

func TestTriesAtOnceAreNotTriedAnyMoreOnceTheNameIsLocked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, inner := door(t)
		store := &slow{Store: inner, open: make(chan struct{})}
		d := login.New(store)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				if err := d.Check(t.Context(), name, "wrong", "here"); !errors.Is(err, login.ErrRefused) && !is[*login.LockedError](err) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		close(store.open)
		all.Wait()
		if n := store.asked.Load(); n > 6 { // the fifth locks the name, and another one may be under way
			t.Errorf("%d of 100 tries at once were tried", n)
		}
	})
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

func TestNamesThatNoUserCanHaveAreRefusedLikeWrongPasswordsAndNotRemembered(t *testing.T) {
	store := logintest.New()
	d := login.New(nobody{store})
	odd := strings.Repeat("x", 65)
	for try := range 30 { // a name that was remembered would be locked by now
		if err := d.Check(t.Context(), odd, password, "here"); !errors.Is(err, login.ErrRefused) {
			t.Fatalf("try %d: %v", try+1, err)
		}
	}
	if err := d.Check(t.Context(), odd, password, "here"); !is[*login.LockedError](err) {
		t.Errorf("where they come from is not counted: %v", err)
	}
}

// nobody is a store that may not be asked for anybody.
type nobody struct{ *logintest.Store }

func (nobody) UserHash(context.Context, string) (string, error) {
	return "", errors.New("asked for a name that no user can have")
}

// changing is a store whose user gets another password, or goes, while the one of before is looked at.
type changing struct {
	*logintest.Store
	change func(*logintest.Store) error
}

func (c changing) UserHash(ctx context.Context, name string) (string, error) {
	hash, err := c.Store.UserHash(ctx, name)
	return hash, errors.Join(err, c.change(c.Store))
}

func TestALogInWhileTheUserIsRemovedOrGetsAnotherPasswordIsRefused(t *testing.T) {
	for how, change := range map[string]func(*logintest.Store) error{
		"removed":          func(s *logintest.Store) error { _, err := s.RemoveUser(t.Context(), name); return err },
		"another password": func(s *logintest.Store) error { return s.SetUser(t.Context(), name, "$argon2id$another") },
	} {
		_, store := door(t)
		d := login.New(changing{store, change})
		token, err := d.Enter(t.Context(), name, password, "here")
		if !errors.Is(err, login.ErrRefused) || token != "" || store.Holds(name) {
			t.Errorf("%s: token %q, %v; a session is kept: %v", how, token, err, store.Holds(name))
		}
	}
}
