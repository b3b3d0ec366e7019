package queue

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Later lays the job aside for a time: a report or a quota is not ready, or another works for the seller. That is no
// failure and uses up no attempt.
func Later(after time.Duration) error { return laterError{after} }

// IsLater reports whether an error is one of [Later].
func IsLater(err error) bool {
	_, ok := errors.AsType[laterError](err)
	return ok
}

type laterError struct{ after time.Duration }

func (e laterError) Error() string { return fmt.Sprintf("not ready; again in %v", e.after) }

// Never gives the job up at once: trying again would not help, or would do harm, such as locking an account with a wrong
// password. The list shows it as cancelled with the error.
func Never(err error) error { return neverError{err} }

type neverError struct{ error }

func (e neverError) Unwrap() error { return e.error }

type lastKey struct{}

// LastAttempt reports whether the job whose context this is will be given up if it fails now.
func LastAttempt(ctx context.Context) bool {
	last, _ := ctx.Value(lastKey{}).(bool)
	return last
}

type worker struct {
	river.WorkerDefaults[Job]
	work func(context.Context, Job) error
}

// Work runs the job and says in River's words how it ended.
func (w *worker) Work(ctx context.Context, job *river.Job[Job]) error {
	err := w.work(context.WithValue(ctx, lastKey{}, job.Attempt >= job.MaxAttempts), job.Args)
	if err == nil {
		return nil
	}
	if later, ok := errors.AsType[laterError](err); ok {
		return river.JobSnooze(max(later.after, 0))
	}
	// What fails because the process stops has not failed: River hands it back when it sees the context's error, which
	// clients of remote systems do not always pass on.
	if ctx.Err() != nil && !errors.Is(err, ctx.Err()) {
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	}
	if never, ok := errors.AsType[neverError](err); ok {
		return river.JobCancel(never.error)
	}
	return err
}

// retry doubles the pause with every failure. A fifth more or less keeps jobs that failed together from coming back together.
type retry struct {
	first, most time.Duration
	now         func() time.Time
}

// NextRetry implements [river.ClientRetryPolicy].
func (r retry) NextRetry(job *rivertype.JobRow) time.Time {
	pause := min(r.first<<min(len(job.Errors), 20), r.most)
	return r.now().Add(pause + time.Duration((rand.Float64()-0.5)*0.4*float64(pause)))
}

// failures logs what went wrong with a job.
type failures struct{ logger *slog.Logger }

// HandleError implements [river.ErrorHandler].
func (f failures) HandleError(ctx context.Context, job *rivertype.JobRow, err error) *river.ErrorHandlerResult {
	f.log(ctx, job, err.Error())
	return nil
}

// HandlePanic implements [river.ErrorHandler].
func (f failures) HandlePanic(ctx context.Context, job *rivertype.JobRow, value any, trace string) *river.ErrorHandlerResult {
	f.log(ctx, job, fmt.Sprintf("panic: %v", value), slog.String("trace", trace))
	return nil
}

func (f failures) log(ctx context.Context, job *rivertype.JobRow, why string, more ...any) {
	args := append([]any{"job", string(job.EncodedArgs), "attempt", job.Attempt, "of", job.MaxAttempts, "error", why}, more...)
	if job.Attempt >= job.MaxAttempts {
		f.logger.ErrorContext(ctx, "a job was given up; the seller's next round tries again", args...)
		return
	}
	f.logger.WarnContext(ctx, "a job failed and is tried again", args...)
}

// quiet is the logger for River itself, which tells of every job's failure as well.
func quiet(logger *slog.Logger) *slog.Logger { return slog.New(warnings{logger.Handler()}) }

// warnings passes warnings and errors on.
type warnings struct{ slog.Handler }

// Enabled implements [slog.Handler].
func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// WithAttrs implements [slog.Handler].
func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}

// WithGroup implements [slog.Handler].
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }
