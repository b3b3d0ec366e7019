// Package logintest is a login.Store in memory, for tests.
package logintest

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Store is empty at first.
type Store struct {
	mu       sync.Mutex
	users    map[string]string
	sessions map[string]session
}

type session struct {
	name  string
	until time.Time
}

// New returns an empty store.
func New() *Store { return &Store{users: map[string]string{}, sessions: map[string]session{}} }

// UserHash implements login.Store.
func (s *Store) UserHash(_ context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.users[name], nil
}

// SetUser implements login.Store.
func (s *Store) SetUser(_ context.Context, name, hash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.users[name] = hash
	s.end(name)
	return nil
}

// RemoveUser implements login.Store.
func (s *Store) RemoveUser(_ context.Context, name string) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.users[name]
	delete(s.users, name)
	s.end(name)
	return ok, nil
}

func (s *Store) end(name string) {
	maps.DeleteFunc(s.sessions, func(_ string, one session) bool { return one.name == name })
}

// Users implements login.Store.
func (s *Store) Users(context.Context) ([]string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.users)), nil
}

// AddSession implements login.Store.
func (s *Store) AddSession(_ context.Context, id, name, hash string, lasts time.Duration) (bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if now, ok := s.users[name]; !ok || now != hash {
		return false, nil
	}
	s.sessions[id] = session{name, time.Now().Add(lasts)}
	return true, nil
}

// SessionUser implements login.Store.
func (s *Store) SessionUser(_ context.Context, id string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one := s.sessions[id]
	if !time.Now().Before(one.until) {
		return "", nil
	}
	return one.name, nil
}

// RemoveSession implements login.Store.
func (s *Store) RemoveSession(_ context.Context, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, id)
	return nil
}

// Holds reports whether a text occurs anywhere in the store.
func (s *Store) Holds(text string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, one := range s.sessions {
		if strings.Contains(id, text) || strings.Contains(one.name, text) {
			return true
		}
	}
	return false
}
