package vault

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/tink-crypto/tink-go-awskms/v3/integration/awskms"
)

// KeyFrom returns the key-encryption key that a configuration names:
//
//	""            the home's own key file
//	env:NAME      64 hexadecimal digits in an environment variable
//	file:PATH     the same in a file, such as a mounted secret
//	aws-kms://ARN a key of AWS's key management service, which never leaves it
//
// Nothing is asked of AWS before the key is used. Region and endpoint come from the ARN and the environment, the
// credentials from where AWS's own tools look for them: environment, profile, role of the machine.
func KeyFrom(ctx context.Context, where string, home func() ([]byte, error)) (Wrapper, error) {
	kind, name, _ := strings.Cut(where, ":")
	switch kind {
	case "":
		key, err := home()
		if err != nil {
			return nil, err
		}
		return LocalKey(key)
	case "env":
		return parseKey(os.Getenv(name), "the environment variable "+name)
	case "file":
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read the key that seals the stored credentials: %w", err)
		}
		return parseKey(string(text), name)
	}
	if arn, ok := strings.CutPrefix(where, "aws-kms://"); ok {
		key, err := awskms.NewAEADWithContext(ctx, arn)
		if err != nil {
			return nil, fmt.Errorf("use the key %s: %w; write aws-kms://arn:aws:kms:REGION:ACCOUNT:key/ID", where, err)
		}
		return key, nil
	}
	// What stands there may be a key itself, which must not be printed.
	return nil, errors.New("key names no place of a key: write env:NAME, file:PATH or aws-kms://ARN, or leave it out for the home's own key file")
}

func parseKey(text, where string) (Wrapper, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s holds no key of 64 hexadecimal digits; `openssl rand -hex 32` makes one", where)
	}
	return LocalKey(key)
}
