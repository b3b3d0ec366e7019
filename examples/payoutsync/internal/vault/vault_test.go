package vault_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/vault"
)

var (
	keyA  = bytes.Repeat([]byte{1}, 32)
	keyB  = bytes.Repeat([]byte{2}, 32)
	acme  = vault.Place{Tenant: "ACME/A0", Seller: "acme-us", Kind: "amazon"}
	other = vault.Place{Tenant: "ACME/A0", Seller: "acme-ca", Kind: "amazon"}
)

const secret = "Atzr|very-secret"

func open(t *testing.T, file string, key []byte) *vault.Vault {
	t.Helper()
	wrapper, err := vault.LocalKey(key)
	if err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(t.Context(), newFile(file), wrapper)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func stored(t *testing.T) (file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "credentials.json")
	if err := open(t, file, keyA).Put(t.Context(), acme, []byte(secret)); err != nil {
		t.Fatal(err)
	}
	return file
}

func expect(t *testing.T, v *vault.Vault, at vault.Place) {
	t.Helper()
	got, err := v.Get(t.Context(), at)
	if err != nil || string(got) != secret {
		t.Fatalf("Get(%v) = %q, %v; want the secret that was put", at, got, err)
	}
}

func TestACredentialComesBackInALaterProcess(t *testing.T) {
	expect(t, open(t, stored(t), keyA), acme)
}

func TestNothingIsOnDiskInClear(t *testing.T) {
	text, err := os.ReadFile(stored(t))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(text, []byte("very-secret")) {
		t.Errorf("the file holds the secret in clear:\n%s", text)
	}
}

func TestAnotherKeyOpensNothing(t *testing.T) {
	file := stored(t)
	wrapper, err := vault.LocalKey(keyB)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(t.Context(), newFile(file), wrapper); err == nil {
		t.Error("a vault opened with another key")
	}
}

func TestACopiedRowDoesNotOpenForAnotherSeller(t *testing.T) {
	file := stored(t)
	store := newFile(file)
	ids, err := store.IDs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		row, err := store.Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		moved := bytes.ReplaceAll([]byte(id), []byte(acme.Seller), []byte(other.Seller))
		if err := store.Put(t.Context(), string(moved), row); err != nil {
			t.Fatal(err)
		}
	}
	v := open(t, file, keyA)
	expect(t, v, acme)
	if got, err := v.Get(t.Context(), other); err == nil {
		t.Errorf("the copied row opened for another seller: %q", got)
	}
}

func TestWhereNothingIsStoredTheAnswerIsErrNotFound(t *testing.T) {
	if _, err := open(t, stored(t), keyA).Get(t.Context(), other); !errors.Is(err, vault.ErrNotFound) {
		t.Errorf("got %v, want ErrNotFound", err)
	}
}

func TestRotatingKeepsTheCredentialsAndForgetsTheOldKey(t *testing.T) {
	file := stored(t)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if rows, err := open(t, file, keyA).Rotate(t.Context()); err != nil || rows != 1 {
		t.Fatal(err)
	}
	v := open(t, file, keyA)
	expect(t, v, acme)

	// An old row put back was sealed with the forgotten key.
	ids, err := newFile(file).IDs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(t.TempDir(), "old.json")
	if err := os.WriteFile(old, before, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		if id == "keyset" {
			continue
		}
		row, err := newFile(old).Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := newFile(file).Put(t.Context(), id, row); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := v.Get(t.Context(), acme); err == nil {
		t.Error("a row sealed with the forgotten key still opens")
	}
}

func TestRewrappingChangesOnlyTheKeyThatSealsTheKeyset(t *testing.T) {
	file := stored(t)
	wrapper, err := vault.LocalKey(keyB)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, file, keyA).Rewrap(t.Context(), wrapper); err != nil {
		t.Fatal(err)
	}
	expect(t, open(t, file, keyB), acme)
}

// failing is a store whose writes fail after some.
type failing struct {
	*storeFile
	left int
}

var errCut = errors.New("power cut")

func (f *failing) Put(ctx context.Context, id string, data []byte) error {
	if f.left == 0 {
		return errCut
	}
	f.left--
	return f.storeFile.Put(ctx, id, data)
}

func TestAnInterruptedRotationLosesNothingAndMayBeRunAgain(t *testing.T) {
	for writes := range 5 {
		file := stored(t)
		if err := open(t, file, keyA).Put(t.Context(), other, []byte(secret)); err != nil {
			t.Fatal(err)
		}
		wrapper, err := vault.LocalKey(keyA)
		if err != nil {
			t.Fatal(err)
		}
		v, err := vault.Open(t.Context(), &failing{newFile(file), writes}, wrapper)
		if err != nil {
			t.Fatal(err)
		}
		// Two keysets and two rows are written.
		if _, err := v.Rotate(t.Context()); errors.Is(err, errCut) != (writes < 4) {
			t.Fatalf("after %d writes: %v", writes, err)
		}
		for range 2 {
			again := open(t, file, keyA)
			expect(t, again, acme)
			expect(t, again, other)
			if rows, err := again.Rotate(t.Context()); err != nil || rows != 2 {
				t.Errorf("after %d writes: run again: %d rows, %v", writes, rows, err)
			}
		}
	}
}

func TestAnotherProcessNoticesARotation(t *testing.T) {
	file := stored(t)
	running := open(t, file, keyA)
	if _, err := open(t, file, keyA).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	expect(t, running, acme)
	if _, err := open(t, file, keyA).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := running.Put(t.Context(), other, []byte(secret)); err != nil { // not with the key that was forgotten
		t.Fatal(err)
	}
	expect(t, open(t, file, keyA), other)
}

func TestAProcessThatRunsIsToldToRestartAfterARewrap(t *testing.T) {
	file := stored(t)
	running := open(t, file, keyA)
	wrapper, err := vault.LocalKey(keyB)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, file, keyA).Rewrap(t.Context(), wrapper); err != nil {
		t.Fatal(err)
	}
	expect(t, running, acme) // the rows are as they were
	if err := running.Put(t.Context(), other, []byte(secret)); !errors.Is(err, vault.ErrKey) || !strings.Contains(err.Error(), "restart") {
		t.Errorf("Put: %v; want an ErrKey that says to restart", err)
	}
	expect(t, open(t, file, keyB), acme)
}

// deaf encrypts and does not decrypt, as a key does whose policy was written by half.
type deaf struct{ vault.Wrapper }

func (deaf) DecryptWithContext(context.Context, []byte, []byte) ([]byte, error) {
	return nil, errors.New("AccessDenied")
}

func TestAKeyThatDoesNotOpenWhatItSealsIsRefusedBeforeAnythingChanges(t *testing.T) {
	file := stored(t)
	wrapper, err := vault.LocalKey(keyB)
	if err != nil {
		t.Fatal(err)
	}
	if err := open(t, file, keyA).Rewrap(t.Context(), deaf{wrapper}); err == nil || !strings.Contains(err.Error(), "AccessDenied") {
		t.Errorf("got %v", err)
	}
	expect(t, open(t, file, keyA), acme)
}

func TestAPlaceThatHoldsNoKeyIsNamed(t *testing.T) {
	t.Setenv("PAYOUTSYNC_TEST_KEY", "hush")
	home := func() ([]byte, error) { return keyA, nil }
	for where, says := range map[string]string{
		"env:PAYOUTSYNC_TEST_KEY": "openssl rand -hex 32", "env:PAYOUTSYNC_NO_KEY": "PAYOUTSYNC_NO_KEY", "file:/nowhere/key": "/nowhere/key",
		"aws-kms://alias/mine": "arn:aws:kms:REGION", "vault://x": "aws-kms://ARN",
	} {
		if _, err := vault.KeyFrom(t.Context(), where, home); err == nil || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v, want it to name %s", where, err, says)
		}
	}
}
