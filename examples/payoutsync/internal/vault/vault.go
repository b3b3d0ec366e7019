// Package vault keeps credentials encrypted at rest.
//
// One Tink keyset encrypts the rows. Each row is bound to its place (tenant, seller, kind), so that a row copied to
// another seller does not open. The keyset itself is sealed by a key-encryption key that comes from outside: the home's
// own key file, a key from the environment or a mounted secret, or a key management service behind [Wrapper].
package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

// ErrNotFound says that no credential is stored at that place.
var ErrNotFound = errors.New("no such credential")

// Wrapper is the key-encryption key. A key management service fits it; [LocalKey] is the key on this machine.
type Wrapper interface {
	EncryptWithContext(ctx context.Context, plaintext, associatedData []byte) ([]byte, error)
	DecryptWithContext(ctx context.Context, ciphertext, associatedData []byte) ([]byte, error)
}

// Store keeps the sealed keyset and the encrypted rows. What it is given is safe to keep anywhere.
type Store interface {
	// Get returns [ErrNotFound] where nothing was put.
	Get(ctx context.Context, id string) ([]byte, error)
	Put(ctx context.Context, id string, data []byte) error
	// IDs lists everything that was put, in any order.
	IDs(ctx context.Context) ([]string, error)
}

// Place says whose credential a row is and which one.
type Place struct{ Tenant, Seller, Kind string }

const (
	keysetID  = "keyset"
	rowPrefix = "row/"
	separator = "\x1f" // occurs in no name, so that two places never share a text
)

var keysetContext = []byte("payoutsync keyset v1")

func (p Place) id() string {
	return rowPrefix + strings.Join([]string{p.Tenant, p.Seller, p.Kind}, separator)
}

func (p Place) context() []byte { return []byte("payoutsync credential v1" + separator + p.id()) }

// Vault reads and writes credentials.
type Vault struct {
	store   Store
	wrapper Wrapper
	handle  *keyset.Handle
	aead    tink.AEAD
}

// Open opens the vault in store and makes its keyset when there is none.
func Open(ctx context.Context, store Store, wrapper Wrapper) (*Vault, error) {
	v := &Vault{store: store, wrapper: wrapper}
	sealed, err := store.Get(ctx, keysetID)
	if errors.Is(err, ErrNotFound) {
		handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
		if err != nil {
			return nil, fmt.Errorf("make the vault's keyset: %w", err)
		}
		if err := v.seal(ctx, handle); err != nil {
			return nil, err
		}
		return v, v.use(handle)
	}
	if err != nil {
		return nil, fmt.Errorf("read the vault's keyset: %w", err)
	}
	handle, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(sealed)), wrapper, keysetContext)
	if err != nil {
		return nil, errors.New("the stored credentials do not open with this key: give the key they were sealed with, or enter them again with `payoutsync connect`")
	}
	return v, v.use(handle)
}

// Put stores a credential, encrypted.
func (v *Vault) Put(ctx context.Context, at Place, secret []byte) error {
	sealed, err := v.aead.Encrypt(secret, at.context())
	if err != nil {
		return fmt.Errorf("encrypt the %s credentials of %s: %w", at.Kind, at.Seller, err)
	}
	return v.store.Put(ctx, at.id(), sealed)
}

// Get returns a credential. It returns [ErrNotFound] where none is stored.
func (v *Vault) Get(ctx context.Context, at Place) ([]byte, error) {
	sealed, err := v.store.Get(ctx, at.id())
	if err != nil {
		return nil, err
	}
	secret, err := v.aead.Decrypt(sealed, at.context())
	if err != nil {
		return nil, fmt.Errorf("the %s credentials of %s do not open: the row was changed or belongs to another seller; enter them again with `payoutsync connect %s`",
			at.Kind, at.Seller, at.Seller)
	}
	return secret, nil
}

// Rotate makes a new key, encrypts every row with it, and then forgets the older keys.
// It may be interrupted and run again: until its end the older keys open what they sealed.
func (v *Vault) Rotate(ctx context.Context) error {
	manager := keyset.NewManagerFromHandle(v.handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return fmt.Errorf("add a key to the vault: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return fmt.Errorf("promote the vault's new key: %w", err)
	}
	if err := v.swap(ctx, manager); err != nil {
		return err
	}
	ids, err := v.store.IDs(ctx)
	if err != nil {
		return fmt.Errorf("list the vault's rows: %w", err)
	}
	for _, id := range ids {
		place, ok := placeOf(id)
		if !ok {
			continue
		}
		secret, err := v.Get(ctx, place)
		if err != nil {
			return err
		}
		if err := v.Put(ctx, place, secret); err != nil {
			return err
		}
	}
	for _, info := range v.handle.KeysetInfo().GetKeyInfo() {
		if info.GetKeyId() == id {
			continue
		}
		if err := manager.Delete(info.GetKeyId()); err != nil {
			return fmt.Errorf("forget the vault's older key: %w", err)
		}
	}
	return v.swap(ctx, manager)
}

// Rewrap seals the keyset with another key-encryption key. The rows stay as they are.
func (v *Vault) Rewrap(ctx context.Context, wrapper Wrapper) error {
	v.wrapper = wrapper
	return v.seal(ctx, v.handle)
}

func (v *Vault) swap(ctx context.Context, manager *keyset.Manager) error {
	handle, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("read the vault's new keyset: %w", err)
	}
	if err := v.seal(ctx, handle); err != nil {
		return err
	}
	return v.use(handle)
}

func (v *Vault) seal(ctx context.Context, handle *keyset.Handle) error {
	var sealed bytes.Buffer
	if err := handle.WriteWithContext(ctx, keyset.NewBinaryWriter(&sealed), v.wrapper, keysetContext); err != nil {
		return fmt.Errorf("seal the vault's keyset: %w", err)
	}
	if err := v.store.Put(ctx, keysetID, sealed.Bytes()); err != nil {
		return fmt.Errorf("store the vault's keyset: %w", err)
	}
	return nil
}

func (v *Vault) use(handle *keyset.Handle) error {
	primitive, err := aead.New(handle)
	if err != nil {
		return fmt.Errorf("use the vault's keyset: %w", err)
	}
	v.handle, v.aead = handle, primitive
	return nil
}

func placeOf(id string) (Place, bool) {
	rest, ok := strings.CutPrefix(id, rowPrefix)
	parts := strings.Split(rest, separator)
	if !ok || len(parts) != 3 {
		return Place{}, false
	}
	return Place{Tenant: parts[0], Seller: parts[1], Kind: parts[2]}, true
}

// LocalKey is a key-encryption key of 32 bytes on this machine.
func LocalKey(key []byte) (Wrapper, error) {
	gcm, err := subtle.NewAESGCM(key)
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("a key-encryption key is 32 bytes; this one has %d", len(key))
	}
	return local{gcm}, nil
}

type local struct{ tink.AEAD }

func (l local) EncryptWithContext(_ context.Context, plaintext, associatedData []byte) ([]byte, error) {
	return l.Encrypt(plaintext, associatedData)
}

func (l local) DecryptWithContext(_ context.Context, ciphertext, associatedData []byte) ([]byte, error) {
	return l.Decrypt(ciphertext, associatedData)
}
