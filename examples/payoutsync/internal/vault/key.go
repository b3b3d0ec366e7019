package vault

import (
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
)

// KeyFrom returns the key-encryption key that a configuration names:
//
//	""            the home's own key file
//	env:NAME      64 hexadecimal digits in an environment variable
//	file:PATH     the same in a file, such as a mounted secret
func KeyFrom(_ context.Context, where string, home func() ([]byte, error)) (Wrapper, error) {
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
			return nil, fmt.Errorf("read the vault's key: %w", err)
		}
		return parseKey(string(text), name)
	}
	return nil, fmt.Errorf("the vault's key is %q; write env:NAME or file:PATH, or leave it out for the home's own key file", where)
}

func parseKey(text, where string) (Wrapper, error) {
	key, err := hex.DecodeString(strings.TrimSpace(text))
	if err != nil || len(key) != 32 {
		return nil, fmt.Errorf("%s holds no key of 64 hexadecimal digits; `openssl rand -hex 32` makes one", where)
	}
	return LocalKey(key)
}
