package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A mistake is one changed copy of a file.
type mistake struct {
	file         string
	line, column int
	what         string
	was, becomes string // its line without and with the mistake; the second of equal ones in a file with " #2"
	source       []byte
}

// swapped are the operators that people confuse.
var swapped = map[token.Token]string{
	token.EQL: "!=", token.NEQ: "==", token.LSS: "<=", token.LEQ: "<", token.GTR: ">=", token.GEQ: ">",
	token.LAND: "||", token.LOR: "&&", token.ADD: "-", token.SUB: "+", token.MUL: "+", token.QUO: "*", token.REM: "*",
	token.ADD_ASSIGN: "-=", token.SUB_ASSIGN: "+=", token.INC: "--", token.DEC: "++", token.BREAK: "continue", token.CONTINUE: "break",
}

// mistakesIn lists every mistake that can be made in the package's files, in the order of the source.
func mistakesIn(dir string) ([]mistake, error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []mistake
	for _, name := range slices.Sorted(slices.Values(names)) {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		source, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		found, err := mistakesOf(name, source)
		if err != nil {
			return nil, err
		}
		all = append(all, found...)
	}
	return all, nil
}

// mistakesOf lists the mistakes that can be made in one file.
func mistakesOf(name string, source []byte) ([]mistake, error) {
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, 0)
	if err != nil {
		return nil, err
	}
	var found []mistake
	equal := make(map[string]int)
	// change replaces length bytes at the place by other text.
	change := func(at token.Pos, length int, text, what string) {
		p := files.Position(at)
		copied := bytes.Join([][]byte{source[:p.Offset], source[p.Offset+length:]}, []byte(text))
		m := mistake{name, p.Line, p.Column, what, lineAt(source, p.Offset), lineAt(copied, p.Offset), copied}
		if equal[m.key()]++; equal[m.key()] > 1 {
			m.becomes += fmt.Sprintf(" #%d", equal[m.key()])
		}
		found = append(found, m)
	}
	operator := func(at token.Pos, op token.Token) {
		if text, ok := swapped[op]; ok {
			change(at, len(op.String()), text, fmt.Sprintf("%s for %s", text, op))
		}
	}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GenDecl:
			return n.Tok != token.IMPORT && n.Tok != token.CONST // words of a format, not decisions
		case *ast.BinaryExpr:
			operator(n.OpPos, n.Op)
		case *ast.AssignStmt:
			operator(n.TokPos, n.Tok)
			if n.Tok == token.ASSIGN {
				remove(change, n, "assignment left out")
			}
		case *ast.IncDecStmt:
			operator(n.TokPos, n.Tok)
		case *ast.BranchStmt:
			if n.Label == nil {
				operator(n.TokPos, n.Tok)
			}
		case *ast.UnaryExpr:
			if n.Op == token.NOT {
				change(n.OpPos, 1, "", "! left out")
			}
		case *ast.ExprStmt:
			remove(change, n, "call left out")
		case *ast.DeferStmt:
			remove(change, n, "defer left out")
		case *ast.IfStmt:
			change(n.Cond.Pos(), int(n.Cond.End()-n.Cond.Pos()), "false", "condition never true")
		case *ast.Ident:
			switch n.Name {
			case "true":
				change(n.Pos(), 4, "false", "false for true")
			case "false":
				change(n.Pos(), 5, "true", "true for false")
			}
		case *ast.BasicLit:
			if n.Kind == token.INT {
				change(n.Pos(), len(n.Value), "("+n.Value+"+1)", "one more")
			}
		}
		return true
	})
	return found, nil
}

// lineAt is the line of a place in a source, without blanks around it.
func lineAt(source []byte, offset int) string {
	start := bytes.LastIndexByte(source[:offset], '\n') + 1
	line, _, _ := bytes.Cut(source[start:], []byte("\n"))
	return string(bytes.TrimSpace(line))
}

// remove leaves a statement out.
func remove(change func(token.Pos, int, string, string), n ast.Node, what string) {
	change(n.Pos(), int(n.End()-n.Pos()), "", what)
}
