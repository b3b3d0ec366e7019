package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help is printed below the flags.
func (completionCmd) Help() string {
	return "Example: source <(payoutsync completion bash)\n\nPrints a script with which the shell completes commands, flags and their words. To keep it: " +
		"bash: payoutsync completion bash > /etc/bash_completion.d/payoutsync; " +
		"zsh: payoutsync completion zsh > \"${fpath[1]}/_payoutsync\"; " +
		"fish: payoutsync completion fish > ~/.config/fish/completions/payoutsync.fish"
}

func (c completionCmd) Run(a *app, parser *kong.Kong) error {
	write := map[string]func(io.Writer, []place) error{"bash": bashCompletion, "zsh": zshCompletion, "fish": fishCompletion}[c.Shell]
	return write(a.out, places(parser.Model.Node, ""))
}

// place is what may follow one command: "" is the program itself, "/rules/lint" a command of a command.
type place struct {
	at       string
	commands []word
	flags    []flagWord
}

type word struct{ text, help string }

type flagWord struct {
	word
	values []string // the words that the flag takes
	valued bool     // it takes a value of some kind
}

// places lists a node of the command line and all below it.
func places(n *kong.Node, at string) []place {
	p := place{at: at}
	var below []place
	for _, child := range n.Children {
		if child.Hidden || child.Type != kong.CommandNode {
			continue
		}
		p.commands = append(p.commands, word{child.Name, child.Help})
		below = append(below, places(child, at+"/"+child.Name)...)
	}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			w := flagWord{word: word{"--" + f.Name, f.Help}, valued: !f.IsBool()}
			if f.Enum != "" {
				w.values = strings.Split(f.Enum, ",")
			}
			p.flags = append(p.flags, w)
		}
	}
	for _, argument := range n.Positional {
		if argument.Enum != "" {
			for text := range strings.SplitSeq(argument.Enum, ",") {
				p.commands = append(p.commands, word{text, ""})
			}
		}
	}
	return append([]place{p}, below...)
}

// commandPatterns are the places that a word can lead to, as a pattern of the shells' case.
func commandPatterns(all []place, separator string) string {
	var at []string
	for _, p := range all {
		if p.at != "" {
			at = append(at, p.at)
		}
	}
	return strings.Join(at, separator)
}

// texts joins the words of a place, commands first.
func (p place) texts() string {
	var all []string
	for _, c := range p.commands {
		all = append(all, c.text)
	}
	for _, f := range p.flags {
		all = append(all, f.text)
	}
	return strings.Join(all, " ")
}

// free lists the flags whose value is no word that is known: a file, mostly.
func (p place) free() (flags []string) {
	for _, f := range p.flags {
		if f.valued && f.values == nil {
			flags = append(flags, f.text)
		}
	}
	return flags
}

// script collects lines, and the first error of writing them.
type script struct {
	w   io.Writer
	err error
}

func (s *script) line(format string, args ...any) {
	if s.err == nil {
		_, s.err = fmt.Fprintf(s.w, format+"\n", args...)
	}
}

// single quotes a text for bash, zsh and fish.
func single(text string) string { return "'" + strings.ReplaceAll(text, "'", `'"'"'`) + "'" }

func bashCompletion(w io.Writer, all []place) error {
	s := &script{w: w}
	s.line("# Completion of payoutsync for bash.")
	s.line("_payoutsync() {")
	s.line("  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at= words= i")
	s.line("  [[ $cur == = ]] && cur=")
	s.line("  [[ $prev == = ]] && prev=${COMP_WORDS[COMP_CWORD-2]}")
	s.line("  for ((i = 1; i < COMP_CWORD; i++)); do")
	s.line("    case $at/${COMP_WORDS[i]} in")
	s.line("      %s) at=$at/${COMP_WORDS[i]} ;;", commandPatterns(all, "|"))
	s.line("    esac")
	s.line("  done")
	s.line(`  case "$at $prev" in`)
	for _, p := range all {
		for _, f := range p.flags {
			if f.values != nil {
				s.line("    %s) words=%s ;;", single(p.at+" "+f.text), single(strings.Join(f.values, " ")))
			}
		}
		for _, flag := range p.free() {
			s.line("    %s) return ;;", single(p.at+" "+flag))
		}
	}
	s.line("    *)")
	s.line("      case $at in")
	for _, p := range all {
		s.line("        %s) words=%s ;;", single(p.at), single(p.texts()))
	}
	s.line("      esac ;;")
	s.line("  esac")
	s.line(`  COMPREPLY=($(compgen -W "$words" -- "$cur"))`)
	s.line("}")
	s.line("complete -o default -F _payoutsync payoutsync")
	return s.err
}

func zshCompletion(w io.Writer, all []place) error {
	s := &script{w: w}
	describe := func(list []word) string {
		var quoted []string
		for _, w := range list {
			quoted = append(quoted, single(strings.ReplaceAll(w.text, ":", `\:`)+":"+w.help))
		}
		return strings.Join(quoted, " ")
	}
	s.line("#compdef payoutsync")
	s.line("_payoutsync() {")
	s.line("  local at= word")
	s.line("  local -a verbs flags")
	s.line(`  for word in "${(@)words[2,CURRENT-1]}"; do`)
	s.line("    case $at/$word in")
	s.line("      %s) at=$at/$word ;;", commandPatterns(all, "|"))
	s.line("    esac")
	s.line("  done")
	s.line(`  case "$at ${words[CURRENT-1]}" in`)
	for _, p := range all {
		for _, f := range p.flags {
			if f.values != nil {
				s.line("    %s) compadd -- %s; return ;;", single(p.at+" "+f.text), strings.Join(f.values, " "))
			}
		}
		for _, flag := range p.free() {
			s.line("    %s) _files; return ;;", single(p.at+" "+flag))
		}
	}
	s.line("  esac")
	s.line("  case $at in")
	for _, p := range all {
		var flags []word
		for _, f := range p.flags {
			flags = append(flags, f.word)
		}
		s.line("    %s) verbs=(%s); flags=(%s) ;;", single(p.at), describe(p.commands), describe(flags))
	}
	s.line("  esac")
	s.line("  if [[ $PREFIX == -* ]]; then")
	s.line("    _describe -o flag flags")
	s.line("  elif (( $#verbs )); then")
	s.line("    _describe command verbs")
	s.line("  else")
	s.line("    _files")
	s.line("  fi")
	s.line("}")
	s.line(`if [[ $funcstack[1] == _payoutsync ]]; then _payoutsync "$@"; else compdef _payoutsync payoutsync; fi`)
	return s.err
}

func fishCompletion(w io.Writer, all []place) error {
	s := &script{w: w}
	s.line("# Completion of payoutsync for fish.")
	s.line("function __payoutsync_at")
	s.line("  set -l at ''")
	s.line("  for word in (commandline -opc)[2..-1]")
	s.line(`    switch "$at/$word"`)
	s.line("      case %s", commandPatterns(all, " "))
	s.line(`        set at "$at/$word"`)
	s.line("    end")
	s.line("  end")
	s.line(`  test "$at" = "$argv[1]"`)
	s.line("end")
	for _, p := range all {
		when := "-c payoutsync -n " + single("__payoutsync_at "+single(p.at))
		when = strings.ReplaceAll(when, `'"'"'`, `"`)
		for _, c := range p.commands {
			s.line("complete %s -f -a %s -d %s", when, single(c.text), single(c.help))
		}
		for _, f := range p.flags {
			takes := ""
			switch {
			case f.values != nil:
				takes = " -x -a " + single(strings.Join(f.values, " "))
			case f.valued:
				takes = " -r"
			}
			s.line("complete %s -l %s%s -d %s", when, strings.TrimPrefix(f.text, "--"), takes, single(f.help))
		}
	}
	return s.err
}
