package vault_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
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
	v, err := vault.Open(t.Context(), vault.NewFile(file), wrapper)
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
	if _, err := vault.Open(t.Context(), vault.NewFile(file), wrapper); err == nil {
		t.Error("a vault opened with another key")
	}
}

func TestACopiedRowDoesNotOpenForAnotherSeller(t *testing.T) {
	file := stored(t)
	store := vault.NewFile(file)
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
	if err := open(t, file, keyA).Rotate(t.Context()); err != nil {
		t.Fatal(err)
	}
	v := open(t, file, keyA)
	expect(t, v, acme)

	// An old row put back was sealed with the forgotten key.
	ids, err := vault.NewFile(file).IDs(t.Context())
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
		row, err := vault.NewFile(old).Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		if err := vault.NewFile(file).Put(t.Context(), id, row); err != nil {
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
