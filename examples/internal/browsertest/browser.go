//go:build unix

// Package browsertest looks at pages with a headless Chromium, as a person would: at a size, in light or dark, with the
// keyboard. It speaks the DevTools protocol over Chromium's pipe, so that there is no port and no library.
package browsertest

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

// patience is the longest that one command or one page may take.
const patience = 30 * time.Second

var errEnded = errors.New("the browser has ended")

// Browser is a running Chromium.
type Browser struct {
	out io.Writer

	mu      sync.Mutex
	next    int
	answers map[int]chan message
	pages   map[string]*Page // by session
	ended   error
}

type message struct {
	ID        int             `json:"id,omitempty"`
	Session   string          `json:"sessionId,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    any             `json:"params,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Event     json.RawMessage `json:"-"`
	Complaint *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// Open starts Chromium for one test. Where there is none the test is skipped; in CI it fails.
func Open(t testing.TB) *Browser {
	t.Helper()
	name := ""
	for _, candidate := range []string{"chromium", "chromium-browser", "google-chrome", "headless_shell"} {
		if found, err := exec.LookPath(candidate); err == nil {
			name = found
			break
		}
	}
	if name == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("no Chromium: apt-get install chromium")
		}
		t.Skip("this test looks at pages in Chromium, which is not installed: apt-get install chromium")
	}
	hear, say, err := os.Pipe() // what Chromium reads
	if err != nil {
		t.Fatal(err)
	}
	read, tell, err := os.Pipe() // what Chromium writes
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(context.Background(), name, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", //nolint:gosec // found on PATH
		"--hide-scrollbars", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--user-data-dir="+t.TempDir(), "about:blank")
	cmd.ExtraFiles = []*os.File{hear, tell} // descriptors 3 and 4
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	_, _ = hear.Close(), tell.Close() // they are Chromium's
	b := &Browser{out: say, answers: map[int]chan message{}, pages: map[string]*Page{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.listen(read)
	}()
	t.Cleanup(func() {
		_ = b.send("", "Browser.close", nil, nil) // it may be gone already
		_ = say.Close()
		ended := make(chan struct{})
		go func() { _ = cmd.Wait(); close(ended) }()
		select {
		case <-ended:
		case <-time.After(5 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		<-done
		_ = read.Close()
	})
	return b
}

// listen takes Chromium's messages, each ended by a zero byte.
func (b *Browser) listen(r io.Reader) {
	messages := bufio.NewReader(r)
	for {
		text, err := messages.ReadBytes(0)
		if err != nil {
			b.mu.Lock()
			b.ended = errEnded
			for _, waiting := range b.answers {
				close(waiting)
			}
			b.answers = map[int]chan message{}
			b.mu.Unlock()
			return
		}
		var m struct {
			message
			Params json.RawMessage `json:"params"`
		}
		if json.Unmarshal(bytes.TrimSuffix(text, []byte{0}), &m) != nil {
			continue
		}
		b.mu.Lock()
		waiting, page := b.answers[m.ID], b.pages[m.Session]
		delete(b.answers, m.ID)
		b.mu.Unlock()
		switch {
		case m.ID != 0 && waiting != nil:
			waiting <- m.message
		case page != nil:
			page.hear(m.Method, m.Params)
		}
	}
}

func (b *Browser) send(session, method string, params, result any) error {
	waiting := make(chan message, 1)
	b.mu.Lock()
	if b.ended != nil {
		b.mu.Unlock()
		return b.ended
	}
	b.next++
	id := b.next
	b.answers[id] = waiting
	text, err := json.Marshal(message{ID: id, Session: session, Method: method, Params: params})
	if err == nil {
		_, err = b.out.Write(append(text, 0))
	}
	b.mu.Unlock()
	if err != nil {
		return err
	}
	select {
	case m, ok := <-waiting:
		switch {
		case !ok:
			return errEnded
		case m.Complaint != nil:
			return fmt.Errorf("%s: %s", method, m.Complaint.Message)
		case result != nil:
			return json.Unmarshal(m.Result, result)
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("%s: no answer in %v", method, patience)
	}
}

// Page is one tab.
type Page struct {
	t       testing.TB
	b       *Browser
	session string
	loaded  chan struct{}

	mu       sync.Mutex
	problems []string
}

// View is how a page is looked at.
type View struct {
	Width, Height int // CSS pixels
	Dark          bool
	NoScript      bool
}

// Page opens a tab.
func (b *Browser) Page(t testing.TB, v View) *Page {
	t.Helper()
	p := &Page{t: t, b: b, loaded: make(chan struct{}, 16)}
	var target struct{ TargetID, SessionID string }
	p.must(b.send("", "Target.createTarget", map[string]any{"url": "about:blank"}, &target))
	p.must(b.send("", "Target.attachToTarget", map[string]any{"targetId": target.TargetID, "flatten": true}, &target))
	p.session = target.SessionID
	b.mu.Lock()
	b.pages[p.session] = p
	b.mu.Unlock()
	for _, domain := range []string{"Page.enable", "Runtime.enable", "Log.enable"} {
		p.must(p.send(domain, nil, nil))
	}
	p.must(p.send("Emulation.setDeviceMetricsOverride", map[string]any{"width": v.Width, "height": v.Height, "deviceScaleFactor": 1, "mobile": false}, nil))
	scheme := "light"
	if v.Dark {
		scheme = "dark"
	}
	p.must(p.send("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": scheme}}}, nil))
	p.must(p.send("Emulation.setScriptExecutionDisabled", map[string]any{"value": v.NoScript}, nil))
	return p
}

func (p *Page) send(method string, params, result any) error {
	return p.b.send(p.session, method, params, result)
}

func (p *Page) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("Chromium: %v", err)
	}
}

func (p *Page) hear(method string, params json.RawMessage) {
	switch method {
	case "Page.loadEventFired":
		select {
		case p.loaded <- struct{}{}:
		default:
		}
	case "Log.entryAdded":
		var said struct {
			Entry struct{ Level, Text, URL string }
		}
		if json.Unmarshal(params, &said) == nil && said.Entry.Level != "verbose" && said.Entry.Level != "info" {
			p.mu.Lock()
			p.problems = append(p.problems, said.Entry.Text+" "+said.Entry.URL)
			p.mu.Unlock()
		}
	}
}

// Visit loads an address and waits until all of it is there.
func (p *Page) Visit(url string) {
	p.t.Helper()
	p.drain()
	var result struct{ ErrorText string }
	p.must(p.send("Page.navigate", map[string]any{"url": url}, &result))
	if result.ErrorText != "" {
		p.t.Fatalf("%s: %s", url, result.ErrorText)
	}
	p.WaitLoad()
}

func (p *Page) drain() {
	for {
		select {
		case <-p.loaded:
		default:
			return
		}
	}
}

// WaitLoad waits until the next page is there, after a key or a click that leads to one.
func (p *Page) WaitLoad() {
	p.t.Helper()
	select {
	case <-p.loaded:
	case <-time.After(patience):
		p.t.Fatal("the page did not load")
	}
}

// Eval runs JavaScript in the page and decodes its value into result. It runs even where the page's own scripts may not.
func (p *Page) Eval(script string, result any) {
	p.t.Helper()
	var answer struct {
		Result           struct{ Value json.RawMessage }
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	p.must(p.send("Runtime.evaluate", map[string]any{"expression": script, "returnByValue": true}, &answer))
	if e := answer.ExceptionDetails; e != nil {
		p.t.Fatalf("script: %s %s", e.Text, e.Exception.Description)
	}
	if result != nil {
		p.must(json.Unmarshal(answer.Result.Value, result))
	}
}

// Press presses a key: "Tab", "Enter", or types a text.
func (p *Page) Press(key string) {
	p.t.Helper()
	switch key {
	case "Tab":
		p.key(map[string]any{"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9})
	case "Enter":
		p.key(map[string]any{"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"})
	default:
		p.must(p.send("Input.insertText", map[string]any{"text": key}, nil))
	}
}

func (p *Page) key(params map[string]any) {
	p.t.Helper()
	for _, kind := range []string{"keyDown", "keyUp"} {
		params["type"] = kind
		p.must(p.send("Input.dispatchKeyEvent", params, nil))
	}
}

// Problems are what Chromium had to say against the page: refused by its policy, not found, not understood.
func (p *Page) Problems() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.problems
}

// Screenshot keeps a picture of the whole page among the test's artifacts (go test -artifacts) and returns its name.
func (p *Page) Screenshot(name string) string {
	p.t.Helper()
	var picture struct{ Data string }
	p.must(p.send("Page.captureScreenshot", map[string]any{"format": "png", "captureBeyondViewport": true}, &picture))
	data, err := base64.StdEncoding.DecodeString(picture.Data)
	p.must(err)
	if !bytes.HasPrefix(data, []byte("\x89PNG")) {
		p.t.Fatal("the screenshot is no picture")
	}
	file := filepath.Join(p.t.ArtifactDir(), name+".png")
	p.must(os.WriteFile(file, data, 0o600))
	return file
}
