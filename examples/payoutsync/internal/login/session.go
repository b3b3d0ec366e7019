package login

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// SessionLasts is how long a log-in holds: a working day.
const SessionLasts = 10 * time.Hour

// Enter checks name and password and begins a session. The token belongs in a cookie and nowhere else.
func (d *Door) Enter(ctx context.Context, name, password, from string) (token string, err error) {
	hash, err := d.check(ctx, name, password, from)
	if err != nil {
		return "", err
	}
	token = rand.Text() + rand.Text()
	switch ok, err := d.store.AddSession(ctx, idOf(token), name, hash, SessionLasts); {
	case err != nil:
		return "", err
	case !ok: // the user was removed or has another password since
		return "", ErrRefused
	}
	return token, nil
}

// Who returns the user of a session, "" for nobody.
func (d *Door) Who(ctx context.Context, token string) (string, error) {
	if token == "" {
		return "", nil
	}
	return d.store.SessionUser(ctx, idOf(token))
}

// Leave ends a session.
func (d *Door) Leave(ctx context.Context, token string) error {
	return d.store.RemoveSession(ctx, idOf(token))
}

// idOf is what is kept of a token. The token is random, so that a plain hash is enough.
func idOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// FormKey is what the forms of a session carry, so that no other site can fill them in: it follows from the token, which
// other sites do not have, and does not show it.
func FormKey(token string) string {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("form"))
	return hex.EncodeToString(mac.Sum(nil))
}

// RightFormKey reports whether a form came from a page of this session. It compares in constant time.
func RightFormKey(token, key string) bool {
	return hmac.Equal([]byte(FormKey(token)), []byte(key))
}
