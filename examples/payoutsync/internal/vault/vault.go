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
	"sync"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/tink"
)

var (
	// ErrNotFound says that no credential is stored at that place.
	ErrNotFound = errors.New("no such credential")
	// ErrKey says that the key is not the one that the vault was sealed with.
	ErrKey = errors.New("the stored credentials do not open with this key: name as `key` in the configuration the one that seals them now, and restart what runs since before `payoutsync key rewrap`. " +
		"Only where that key is lost, enter them again with `payoutsync connect` in a new home")
	// ErrRow says that a credential does not open although the key is right.
	ErrRow = errors.New("the row was changed or belongs to another seller")
)

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

// Vault reads and writes credentials. It is safe for use by many goroutines, and notices when another process has rotated
// its keyset.
type Vault struct {
	store Store

	mu      sync.Mutex
	wrapper Wrapper
	sealed  []byte // the keyset as it is stored
	handle  *keyset.Handle
	aead    tink.AEAD
}

// Open opens the vault in store and makes its keyset when there is none. It asks the wrapper once.
func Open(ctx context.Context, store Store, wrapper Wrapper) (*Vault, error) {
	v := &Vault{store: store, wrapper: wrapper}
	err := v.refresh(ctx)
	if !errors.Is(err, ErrNotFound) {
		return v, err
	}
	handle, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, fmt.Errorf("make the vault's keyset: %w", err)
	}
	return v, v.seal(ctx, handle)
}

// refresh reads the keyset that is stored now, unless it is the one in use. The caller holds mu, or has the vault alone.
func (v *Vault) refresh(ctx context.Context) error {
	sealed, err := v.store.Get(ctx, keysetID)
	switch {
	case errors.Is(err, ErrNotFound):
		return err
	case err != nil:
		return fmt.Errorf("read the vault's keyset: %w", err)
	case bytes.Equal(sealed, v.sealed):
		return nil
	}
	handle, err := keyset.ReadWithContext(ctx, keyset.NewBinaryReader(bytes.NewReader(sealed)), v.wrapper, keysetContext)
	if _, here := v.wrapper.(local); here && err != nil {
		return ErrKey
	}
	if err != nil {
		return fmt.Errorf("the key that seals the stored credentials cannot be used: %w", err)
	}
	return v.use(handle, sealed)
}

// Put stores a credential, encrypted.
func (v *Vault) Put(ctx context.Context, at Place, secret []byte) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(ctx); err != nil {
		return err
	}
	return v.put(ctx, at, secret)
}

func (v *Vault) put(ctx context.Context, at Place, secret []byte) error {
	row, err := v.aead.Encrypt(secret, at.context())
	if err != nil {
		return fmt.Errorf("encrypt the %s credentials of %s: %w", at.Kind, at.Seller, err)
	}
	return v.store.Put(ctx, at.id(), row)
}

// Get returns a credential. It returns [ErrNotFound] where none is stored.
func (v *Vault) Get(ctx context.Context, at Place) ([]byte, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.get(ctx, at)
}

func (v *Vault) get(ctx context.Context, at Place) ([]byte, error) {
	row, err := v.store.Get(ctx, at.id())
	if err != nil {
		return nil, err
	}
	secret, err := v.aead.Decrypt(row, at.context())
	if err != nil { // another process may have rotated the keyset
		if err := v.refresh(ctx); err != nil {
			return nil, err
		}
		secret, err = v.aead.Decrypt(row, at.context())
	}
	if err != nil {
		return nil, fmt.Errorf("the %s credentials of %s do not open: %w; enter them again with `payoutsync connect %s`",
			at.Kind, at.Seller, ErrRow, at.Seller)
	}
	return secret, nil
}

// Rotate makes a new key, encrypts every row with it, and then forgets the older keys. It returns how many rows there are.
// It may be interrupted and run again: until its end the older keys open what they sealed.
// No other process may write to the vault meanwhile.
func (v *Vault) Rotate(ctx context.Context) (rows int, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(ctx); err != nil {
		return 0, err
	}
	manager := keyset.NewManagerFromHandle(v.handle)
	id, err := manager.Add(aead.AES256GCMKeyTemplate())
	if err != nil {
		return 0, fmt.Errorf("add a key to the vault: %w", err)
	}
	if err := manager.SetPrimary(id); err != nil {
		return 0, fmt.Errorf("promote the vault's new key: %w", err)
	}
	if err := v.swap(ctx, manager); err != nil {
		return 0, err
	}
	ids, err := v.store.IDs(ctx)
	if err != nil {
		return 0, fmt.Errorf("list the vault's rows: %w", err)
	}
	for _, id := range ids {
		place, ok := placeOf(id)
		if !ok {
			continue
		}
		secret, err := v.get(ctx, place)
		if err != nil {
			return rows, err
		}
		if err := v.put(ctx, place, secret); err != nil {
			return rows, err
		}
		rows++
	}
	for _, info := range v.handle.KeysetInfo().GetKeyInfo() {
		if info.GetKeyId() == id {
			continue
		}
		if err := manager.Delete(info.GetKeyId()); err != nil {
			return rows, fmt.Errorf("forget the vault's older key: %w", err)
		}
	}
	return rows, v.swap(ctx, manager)
}

// Rewrap seals the keyset with another key-encryption key, after that has shown that it opens what it seals. The rows stay
// as they are. It either happens or does not.
func (v *Vault) Rewrap(ctx context.Context, wrapper Wrapper) error {
	probe := []byte("payoutsync probe")
	sealed, err := wrapper.EncryptWithContext(ctx, probe, keysetContext)
	if err != nil {
		return fmt.Errorf("the new key does not encrypt: %w", err)
	}
	opened, err := wrapper.DecryptWithContext(ctx, sealed, keysetContext)
	if err == nil && !bytes.Equal(opened, probe) {
		err = errors.New("something else came back")
	}
	if err != nil {
		return fmt.Errorf("the new key does not open what it sealed: %w", err)
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err := v.refresh(ctx); err != nil {
		return err
	}
	v.wrapper = wrapper
	return v.seal(ctx, v.handle)
}

func (v *Vault) swap(ctx context.Context, manager *keyset.Manager) error {
	handle, err := manager.Handle()
	if err != nil {
		return fmt.Errorf("read the vault's new keyset: %w", err)
	}
	return v.seal(ctx, handle)
}

// seal stores a keyset and then uses it.
func (v *Vault) seal(ctx context.Context, handle *keyset.Handle) error {
	var sealed bytes.Buffer
	if err := handle.WriteWithContext(ctx, keyset.NewBinaryWriter(&sealed), v.wrapper, keysetContext); err != nil {
		return fmt.Errorf("seal the vault's keyset: %w", err)
	}
	if err := v.store.Put(ctx, keysetID, sealed.Bytes()); err != nil {
		return fmt.Errorf("store the vault's keyset: %w", err)
	}
	return v.use(handle, sealed.Bytes())
}

func (v *Vault) use(handle *keyset.Handle, sealed []byte) error {
	primitive, err := aead.New(handle)
	if err != nil {
		return fmt.Errorf("use the vault's keyset: %w", err)
	}
	v.handle, v.aead, v.sealed = handle, primitive, sealed
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
