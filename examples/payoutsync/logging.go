package main

import (
	"io"
	"log/slog"
)

// logFlags say how the log is written: to stderr, apart from progress and results.
type logFlags struct {
	LogFormat string `enum:"text,json" default:"text" placeholder:"text|json" help:"How the log on stderr is written."`
	LogLevel  string `enum:"debug,info,warn,error" default:"warn" placeholder:"LEVEL" help:"What is logged: debug (every request), info, warn (default) or error."`
}

func (f logFlags) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(f.LogLevel)) // the parser has checked the word
	o := &slog.HandlerOptions{Level: level}
	if f.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}
