package settlement_test

import (
	"crypto/sha256"
	"fmt"
	"time"
)

func utc(text string) time.Time {
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		panic(err)
	}
	return t.UTC()
}

func digest(report string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(report))) }
