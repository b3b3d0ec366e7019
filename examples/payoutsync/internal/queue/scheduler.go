package queue

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

// Due is the program's own table of sellers and when each is to be looked at.
type Due interface {
	// Take returns at most n sellers that are due by the database's clock, longest first, and makes each of them due
	// again after hold, in one transaction, so that two processes do not take the same one.
	Take(ctx context.Context, n int, hold time.Duration) ([]string, error)
}

// Scheduler puts a job into the line for every seller that is due. Every process runs one, so that the loss of a process,
// leading or not, loses no round. The job itself, at its end, says when its seller is due next; if the process is killed
// before the job is in the line, or with it, the seller is due again after Hold and nothing was lost but time.
type Scheduler struct {
	Queue *Queue
	Due   Due
	Task  string // of the jobs
	// Every is the pause between two scans. 0 means 5 seconds.
	Every time.Duration
	// Hold is how long a seller that was taken is left alone. 0 means 5 minutes.
	Hold time.Duration
	// Backlog is how many jobs may wait for a worker; while more do, nobody is taken, and sellers stay due. 0 means 100.
	Backlog int
	Logger  *slog.Logger // nil means silence
}

// Run scans until the context ends. When the database is away it says so once, and again when it is back.
func (s Scheduler) Run(ctx context.Context) {
	if s.Every == 0 {
		s.Every = 5 * time.Second
	}
	if s.Logger == nil {
		s.Logger = slog.New(slog.DiscardHandler)
	}
	ticker := time.NewTicker(s.Every)
	defer ticker.Stop()
	away := false
	for {
		_, err := s.Scan(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !away:
			s.Logger.ErrorContext(ctx, "the sellers that are due cannot be read; trying on", "error", err)
		case err == nil && away:
			s.Logger.WarnContext(ctx, "the sellers that are due can be read again")
		}
		away = err != nil
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return
		}
	}
}

// Scan puts a job into the line for every seller that is due, as far as there is room, and returns how many were added.
func (s Scheduler) Scan(ctx context.Context) (int, error) {
	if s.Backlog == 0 {
		s.Backlog = 100
	}
	if s.Hold == 0 {
		s.Hold = 5 * time.Minute
	}
	waiting, err := s.Queue.Waiting(ctx)
	if err != nil {
		return 0, fmt.Errorf("count what waits: %w", err)
	}
	if waiting >= s.Backlog {
		return 0, nil
	}
	sellers, err := s.Due.Take(ctx, s.Backlog-waiting, s.Hold)
	if err != nil {
		return 0, err
	}
	jobs := make([]Job, len(sellers))
	for i, seller := range sellers {
		jobs[i] = Job{Task: s.Task, Seller: seller}
	}
	return s.Queue.Add(ctx, jobs...)
}
