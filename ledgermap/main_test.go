package ledgermap_test

import (
	"os"
	"testing"

	"github.com/ml-connector/amazon-vantagepoint/internal/leaktest"
)

// No test may leave a goroutine behind.
func TestMain(m *testing.M) { os.Exit(leaktest.Run(m)) }
