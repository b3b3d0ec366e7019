package queue

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// State is where a job stands.
type State string

// The states. A job is discarded when its attempts are used up, cancelled when trying again would not help, retryable
// while it waits for its next attempt, scheduled while it is laid aside.
const (
	Available State = "available"
	Running   State = "running"
	Retryable State = "retryable"
	Scheduled State = "scheduled"
	Completed State = "completed"
	Cancelled State = "cancelled"
	Discarded State = "discarded"
)

// States are all states, those that want attention first.
func States() []State {
	return []State{Discarded, Cancelled, Retryable, Running, Available, Scheduled, Completed}
}

// Entry is one job of the line as a person looks at it.
type Entry struct {
	ID int64
	Job
	State     State
	Attempt   int
	Attempts  int       // at most
	Created   time.Time // when it was put into the line
	Next      time.Time // when it may be begun, of one that waits
	Begun     time.Time // when it was begun last; zero for never
	Ended     time.Time // zero for not yet
	By        string    // the process that began it last
	LastError string
}

// List returns at most n jobs in the states, all for none, the newest first.
func (q *Queue) List(ctx context.Context, n int, states ...State) ([]Entry, error) {
	params := river.NewJobListParams().First(n).OrderBy(river.JobListOrderByID, river.SortOrderDesc)
	if len(states) > 0 {
		wanted := make([]rivertype.JobState, len(states))
		for i, s := range states {
			wanted[i] = rivertype.JobState(s)
		}
		params = params.States(wanted...)
	}
	found, err := q.engine.JobList(ctx, params)
	if err != nil {
		return nil, fmt.Errorf("list the queue: %w", err)
	}
	entries := make([]Entry, 0, len(found.Jobs))
	for _, row := range found.Jobs {
		e := Entry{
			ID: row.ID, State: State(row.State), Attempt: row.Attempt, Attempts: row.MaxAttempts,
			Created: row.CreatedAt, Next: row.ScheduledAt, Begun: timeOf(row.AttemptedAt), Ended: timeOf(row.FinalizedAt),
		}
		if err := json.Unmarshal(row.EncodedArgs, &e.Job); err != nil {
			return nil, fmt.Errorf("list the queue: job %d: %w", row.ID, err)
		}
		if len(row.AttemptedBy) > 0 {
			e.By = row.AttemptedBy[len(row.AttemptedBy)-1]
		}
		if len(row.Errors) > 0 {
			e.LastError = strings.TrimPrefix(row.Errors[len(row.Errors)-1].Error, "JobCancelError: ") // River's word
		}
		entries = append(entries, e)
	}
	return entries, nil
}

// Counts returns how many jobs stand in each state; jobs that ended are forgotten after a day, discarded ones after a week.
func (q *Queue) Counts(ctx context.Context) (map[State]int, error) {
	found, err := q.counts(ctx)
	if err != nil {
		return nil, fmt.Errorf("count the queue: %w", err)
	}
	counts := map[State]int{}
	for _, s := range States() {
		counts[s] = found[rivertype.JobState(s)]
	}
	return counts, nil
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return *t
}
