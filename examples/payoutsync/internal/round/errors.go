package round

import (
	"errors"
	"io/fs"

	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap/booking"
	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/collect"
)

// CodeOf is the fixed word of an error, as programs read it.
func CodeOf(err error) string {
	if code := settlement.CodeOf(err); code != "" {
		return code
	}
	if refused, ok := errors.AsType[*ledgermap.RefusedError](err); ok {
		return refused.Code
	}
	if refused, ok := errors.AsType[*booking.RefusedError](err); ok {
		return refused.Code
	}
	switch {
	case errors.Is(err, booking.ErrBroken):
		return "broken"
	case errors.Is(err, collect.ErrDamaged):
		return "damaged"
	case is[*booking.ConflictError](err):
		return "conflict"
	case is[*IncompleteError](err):
		return "incomplete"
	case is[*ReissuedError](err):
		return "reissued"
	case is[*NotReconciledError](err):
		return "not_reconciled"
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return "unreadable"
	}
	return "failed"
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}
