package spapi

import (
	"context"
	"strings"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// get makes a GET call; the path is given in segments.
func get[T any](ctx context.Context, c *Client, op string, v query, path ...string) (T, error) {
	return rest.Do[T](ctx, c.rest, rest.Call{Op: op, Path: path, Query: map[string][]string(v), Replayable: true})
}

// send makes a call that changes something. It is repeated only where Amazon has said that it did not run.
func send[T any](ctx context.Context, c *Client, op, method string, body any, path ...string) (T, error) {
	return rest.Do[T](ctx, c.rest, rest.Call{Op: op, Method: method, Path: path, Body: body})
}

// payload is the envelope of the older APIs. Its errors count although the status is 200.
type payload[T any] struct {
	Payload T             `json:"payload"`
	Errors  []ErrorDetail `json:"errors"`
}

// Refused implements [rest.Refuser].
func (p *payload[T]) Refused() error {
	if len(p.Errors) == 0 {
		return nil
	}
	return refusal(p.Errors)
}

type refusal []ErrorDetail

func (r refusal) Error() string {
	codes := make([]string, len(r))
	for i, e := range r {
		codes[i] = e.Code
	}
	return "the answer has status 200 and errors: " + strings.Join(codes, ", ")
}
