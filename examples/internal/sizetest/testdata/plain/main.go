// Plain is what a program without the SDK links anyway: an HTTPS call, its JSON, a log line.
package main

import (
	"encoding/json"
	"log/slog"
	"net/http"
	"os"
)

func main() {
	answer, err := http.Get("https://sellingpartnerapi-na.amazon.com/")
	if err != nil {
		slog.Error("get", "error", err)
		os.Exit(1)
	}
	defer answer.Body.Close()
	var body struct{ Errors []struct{ Code string } }
	if err := json.NewDecoder(answer.Body).Decode(&body); err != nil {
		slog.Error("decode", "error", err)
	}
	slog.Info("answer", "status", answer.Status, "body", body)
}
