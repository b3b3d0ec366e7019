package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

func TestASecretShowsNowhereHoweverDeepItLies(t *testing.T) {
	secret := rest.NewSecret("hush")
	type inner struct{ hidden, Open rest.Secret }
	type outer struct {
		in  inner
		Ptr *inner
		All []inner
		Map map[string]rest.Secret
	}
	in := inner{secret, secret}
	for _, value := range []any{secret, &secret, in, outer{in, &in, []inner{in}, map[string]rest.Secret{"a": secret}}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
			if text := fmt.Sprintf(verb, value); strings.Contains(text, "hush") || strings.Contains(text, "68757368") {
				t.Errorf("%s of %T shows the secret: %s", verb, value, text)
			}
		}
		text, err := json.Marshal(value)
		if err != nil || bytes.Contains(text, []byte("hush")) {
			t.Errorf("JSON of %T shows the secret: %s %v", value, text, err)
		}
		for _, handler := range []func(*bytes.Buffer) slog.Handler{
			func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var log bytes.Buffer
			slog.New(handler(&log)).Info("m", "v", value)
			if strings.Contains(log.String(), "hush") {
				t.Errorf("a log of %T shows the secret: %s", value, log.String())
			}
		}
	}
	if secret.Reveal() != "hush" || secret.IsZero() || !rest.NewSecret("").IsZero() || rest.NewSecret("").Reveal() != "" {
		t.Error("a secret does not give back its text")
	}
}
