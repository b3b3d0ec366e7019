package diagnose

import (
	"fmt"
	"time"
)

// How long Amazon's credentials last.
const (
	SecretLasts        = 180 * 24 * time.Hour // Amazon's rule for client secrets
	AuthorisationLasts = 365 * 24 * time.Hour // a seller is asked to renew an authorisation every year
	// WarnBefore is how long before its end a credential is warned of: time for a person who is on holiday.
	WarnBefore = 30 * 24 * time.Hour
)

// Lapse is a credential of Amazon's and the day on which it ends at the latest. Amazon does not tell when a secret was made, so it
// is counted from when it was entered here, and may end before that.
type Lapse struct {
	Credential string    // "client_secret" or "authorisation"
	Ends       time.Time // UTC
	Warn       bool      // it ends within [WarnBefore], or has ended
	Diagnosis            // what to say of it
}

// Lapses says when the client secret and the seller's authorisation end, which were entered first at these times. What was
// never entered is left out.
func Lapses(secret, authorised, now time.Time) []Lapse {
	var all []Lapse
	add := func(name, what, screen, next string, entered time.Time, lasts time.Duration) {
		if entered.IsZero() {
			return
		}
		ends := entered.Add(lasts).UTC()
		l := Lapse{Credential: name, Ends: ends, Warn: ends.Sub(now) < WarnBefore}
		verb := "ends"
		if !ends.After(now) {
			verb = "ended"
		}
		l.What = fmt.Sprintf("%s %s on %s at the latest, counted from when it was entered here", what, verb, ends.Format(time.DateOnly))
		if l.Warn {
			l.Screen, l.Next = screen, next
		}
		all = append(all, l)
	}
	add("client_secret", "Amazon's client secret", developApps+" » LWA credentials » View » Rotate secret",
		"rotate it and enter the new one with `payoutsync connect`; the refresh token stays as it is", secret, SecretLasts)
	add("authorisation", "the seller's authorisation", manageApps,
		"let the seller authorise the application again, and enter the new refresh token with `payoutsync connect`", authorised, AuthorisationLasts)
	return all
}
