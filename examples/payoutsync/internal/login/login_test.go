package login_test

import (
	"context"
	"errors"
	"strings"
	"sync"
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

func TestManyTriesAtOnceDoNotAllHashAtOnce(t *testing.T) {
	d, _ := door(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if err := d.Check(ctx, name, password, "here"); err != nil && !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
	}
	all.Wait()
}
