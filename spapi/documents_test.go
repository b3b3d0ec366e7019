package spapi_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jarcoal/httpmock"

	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

const (
	bucket  = "https://tortuga-prod-na.s3-external-1.amazonaws.com"
	content = "settlement-id\ttotal-amount\r\n123\t10.00\r\n"
)

// store is a bucket and the operation that gives out its addresses.
type store struct {
	t       *testing.T
	answer  func(req *http.Request) *http.Response // of the bucket
	packed  bool
	issued  int
	fetched int
}

func (s *store) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL.Host == "sellingpartnerapi-na.amazon.com" {
		s.issued++
		compression := ""
		if s.packed {
			compression = `,"compressionAlgorithm":"GZIP"`
		}
		return respond(200, fmt.Sprintf(`{"reportDocumentId":"doc","url":"%s/key?X-Amz-Signature=topsecret&n=%d"%s}`, bucket, s.issued, compression)), nil
	}
	s.fetched++
	if req.Header.Get("Accept-Encoding") != "identity" { // else net/http unpacks, and the bytes are not those delivered
		s.t.Error("the bucket may choose an encoding")
	}
	for name := range req.Header {
		if name := strings.ToLower(name); strings.HasPrefix(name, "x-amz") || name == "authorization" {
			s.t.Errorf("header %s sent to the bucket", name)
		}
	}
	return s.answer(req), nil
}

func (s *store) client() *spapi.Client {
	client, _ := newClient(s.t, func(c *spapi.Config) { c.Transport = s })
	return client
}

func TestDocumentIsUnpackedOnceWhateverTheHeadersSay(t *testing.T) {
	packed := string(gzipped(t, content))
	for name, test := range map[string]struct {
		declared bool
		body     string
		header   []string
	}{
		"plain":                                {false, content, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
		"packed":                               {true, packed, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
		"packed, with Content-Encoding":        {true, packed, []string{"Content-Type", "text/plain; charset=ISO-8859-1", "Content-Encoding", "gzip"}},
		"declared packed, unpacked on the way": {true, content, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
		"packed, not declared":                 {false, packed, []string{"Content-Type", "text/plain; charset=ISO-8859-1"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, packed: test.declared, answer: func(*http.Request) *http.Response { return respond(200, test.body, test.header...) }}
			document, err := s.client().Reports.Open(t.Context(), "doc")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = document.Close() }()
			got, err := io.ReadAll(document)
			if err != nil || string(got) != content || document.Charset != "iso-8859-1" {
				t.Errorf("%q %q %v", got, document.Charset, err)
			}
		})
	}
}

func TestDownloadKeepsTheBytesAsDelivered(t *testing.T) {
	packed := gzipped(t, content)
	s := &store{t: t, packed: true, answer: func(*http.Request) *http.Response { return respond(200, string(packed), "Content-Encoding", "gzip") }}
	d, err := s.client().Reports.Download(t.Context(), "doc")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = d.Close() }()
	got, err := io.ReadAll(d)
	if err != nil || !cmp.Equal(got, packed) || d.Compression != spapi.Gzip || d.ContentEncoding != "gzip" || d.Size != int64(len(packed)) {
		t.Errorf("%x %+v %v", got, d, err)
	}
}

func TestDocumentThatIsNotWholeIsAnError(t *testing.T) {
	packed := string(gzipped(t, strings.Repeat(content, 1000)))
	cut := func(body string) *http.Response {
		r := respond(200, body[:len(body)-10])
		r.ContentLength = int64(len(body))
		return r
	}
	for name, answer := range map[string]*http.Response{
		"connection ends early":       cut(content),
		"packed connection ends":      cut(packed),
		"gzip ends early":             respond(200, packed[:len(packed)-10]),
		"gzip damaged in the middle":  respond(200, packed[:40]+"XXXX"+packed[44:]),
		"gzip header and no more":     respond(200, packed[:3]),
		"larger than allowed":         respond(200, strings.Repeat("x", 2001)),
		"larger than allowed, packed": respond(200, string(gzipped(t, strings.Repeat("x", 2001)))),
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, answer: func(*http.Request) *http.Response { return answer }}
			client, _ := newClient(t, func(c *spapi.Config) { c.Transport, c.MaxDocument = s, 2000 })
			document, err := client.Reports.Open(t.Context(), "doc")
			if err == nil {
				_, err = io.Copy(io.Discard, document)
			}
			if !errors.Is(err, spapi.ErrDocument) {
				t.Errorf("error %v", err)
			}
		})
	}
}

func TestExpiredAddressIsAskedForAgain(t *testing.T) {
	expired := `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>`
	t.Run("once", func(t *testing.T) {
		s := &store{t: t, answer: func(req *http.Request) *http.Response {
			if req.URL.Query().Get("n") == "1" {
				return respond(403, expired)
			}
			return respond(200, content)
		}}
		document, err := s.client().Reports.Open(t.Context(), "doc")
		if err != nil || s.issued != 2 || s.fetched != 2 {
			t.Fatalf("%d addresses, %d fetches, %v", s.issued, s.fetched, err)
		}
		_ = document.Close()
	})
	t.Run("and then it is an error without the address", func(t *testing.T) {
		s := &store{t: t, answer: func(*http.Request) *http.Response { return respond(403, expired) }}
		_, err := s.client().Reports.Open(t.Context(), "doc")
		e, ok := errors.AsType[*spapi.Error](err)
		if !ok || e.Is(spapi.ErrDenied) || e.Code != "AccessDenied" || e.Message != "Request has expired" || s.issued != 2 || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%d addresses, %v", s.issued, err)
		}
	})
}

func TestFailedTransferStartsAgainAndNeverFromAnOldAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &store{t: t}
		s.answer = func(*http.Request) *http.Response {
			switch s.fetched {
			case 1:
				return respond(503, "slow down")
			case 2:
				time.Sleep(5 * time.Minute) // the address dies meanwhile
				return respond(500, "")
			}
			return respond(200, content)
		}
		document, err := s.client().Reports.Open(t.Context(), "doc")
		if err != nil || s.issued != 2 || s.fetched != 3 {
			t.Fatalf("%d addresses, %d fetches, %v", s.issued, s.fetched, err)
		}
		_ = document.Close()
	})
}

func TestAddressMustBeSafe(t *testing.T) {
	for _, address := range []string{"http://bucket.example.com/key?X-Amz-Signature=topsecret", "ftp://x/y", "::", "", "https://u:topsecret@bucket.example.com/"} {
		client, mock := newClient(t)
		mock.RegisterResponder("GET", host+"/reports/2021-06-30/documents/doc", httpmock.NewJsonResponderOrPanic(200, map[string]string{"reportDocumentId": "doc", "url": address}))
		_, err := client.Reports.Download(t.Context(), "doc")
		if !errors.Is(err, spapi.ErrDocument) || strings.Contains(err.Error(), "topsecret") {
			t.Errorf("%q: %v", address, err)
		}
	}
}

// broken answers a part of the document and then loses the connection; how much is said in its declared length.
func broken(body string, keep int, header ...string) *http.Response {
	r := respond(200, body[:keep], header...)
	r.ContentLength = int64(len(body))
	return r
}

func TestCutTransferGoesOnWhereItStopped(t *testing.T) {
	packed := string(gzipped(t, strings.Repeat(content, 1000)))
	for name, test := range map[string]struct {
		later   func(req *http.Request) *http.Response
		fetches int
		whole   bool
	}{
		"from the offset": {func(req *http.Request) *http.Response {
			var from int
			if _, err := fmt.Sscanf(req.Header.Get("Range"), "bytes=%d-", &from); err != nil {
				t.Errorf("range %q: %v", req.Header.Get("Range"), err)
			}
			r := respond(206, packed[from:], "Etag", "a", "Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(packed)-1, len(packed)))
			return r
		}, 2, true},
		"where the bucket sends all again": {func(*http.Request) *http.Response { return respond(200, packed, "Etag", "a") }, 2, true},
		"not from another offset": {func(*http.Request) *http.Response {
			return respond(206, packed[5:], "Etag", "a", "Content-Range", "bytes 5-9/10")
		}, 2, false},
		"not with another document": {func(*http.Request) *http.Response { return respond(200, packed, "Etag", "b") }, 2, false},
		"not for ever":              {func(*http.Request) *http.Response { return broken(packed, len(packed)-9, "Etag", "a") }, 4, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, packed: true}
			s.answer = func(req *http.Request) *http.Response {
				if s.fetched == 1 {
					return broken(packed, 20, "Etag", "a")
				}
				return test.later(req)
			}
			d, err := s.client().Reports.Download(t.Context(), "doc")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = d.Close() }()
			got, err := io.ReadAll(d)
			if (err == nil) != test.whole || err != nil && !errors.Is(err, spapi.ErrDocument) || test.whole && string(got) != packed || s.fetched != test.fetches || s.issued != 1 {
				t.Errorf("%d of %d bytes, %d fetches, %d addresses, %v", len(got), len(packed), s.fetched, s.issued, err)
			}
		})
	}
}

func TestDamagedGzipIsFetchedASecondTime(t *testing.T) {
	text := strings.Repeat(content, 20000)
	packed := string(gzipped(t, text))
	other := string(gzipped(t, strings.Repeat("another\n", 100000)))
	for name, test := range map[string]struct {
		second string
		whole  bool
	}{"and is whole then": {packed, true}, "and is damaged again": {packed[:len(packed)-8], false}, "and is another document then": {other, false}} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, packed: true}
			s.answer = func(*http.Request) *http.Response {
				if s.fetched == 1 {
					return respond(200, packed[:len(packed)-8])
				}
				return respond(200, test.second)
			}
			document, err := s.client().Reports.Open(t.Context(), "doc")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = document.Close() }()
			got, err := io.ReadAll(document)
			if (err == nil) != test.whole || err != nil && !errors.Is(err, spapi.ErrDocument) || test.whole && string(got) != text || s.fetched != 2 {
				t.Errorf("%d of %d bytes, %d fetches, %v", len(got), len(text), s.fetched, err)
			}
		})
	}
}

func TestWebPageIsNoDocument(t *testing.T) {
	s := &store{t: t, answer: func(*http.Request) *http.Response {
		return respond(200, "<html>", "Content-Type", "text/html; charset=utf-8")
	}}
	if _, err := s.client().Reports.Download(t.Context(), "doc"); !errors.Is(err, spapi.ErrDocument) {
		t.Errorf("error %v", err)
	}
}

func TestTextIsDecodedOrRefusedButNeverReplaced(t *testing.T) {
	long := strings.Repeat("x", 32<<10-1)
	for name, test := range map[string]struct {
		body, contentType, charset string
		want                       string // "": an error
	}{
		"UTF-8":                          {"Größe", "text/plain; charset=UTF-8", "", "Größe"},
		"UTF-8 across a block":           {long + "ö日本", "text/plain; charset=UTF-8", "", long + "ö日本"},
		"Windows-1252":                   {"Gr\xf6\xdfe \x80", "text/plain; charset=ISO-8859-1", "", "Größe €"},
		"Shift_JIS":                      {"\x93\xfa\x96\x7b", "", "Windows-31J", "日本"},
		"the caller knows better":        {"Gr\xf6\xdfe", "text/plain; charset=UTF-8", "cp1252", "Größe"},
		"no charset":                     {"x", "text/plain", "", ""},
		"unknown charset":                {"x", "text/plain; charset=ebcdic", "", ""},
		"not UTF-8":                      {"Gr\xf6\xdfe", "text/plain; charset=UTF-8", "", ""},
		"UTF-8 that ends in a character": {"Gr\xc3", "text/plain; charset=UTF-8", "", ""},
		"not Shift_JIS":                  {"\x93\x20", "", "sjis", ""},
		"not Windows-1252":               {"\x81", "", "cp1252", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := &store{t: t, answer: func(*http.Request) *http.Response { return respond(200, test.body, "Content-Type", test.contentType) }}
			document, err := s.client().Reports.Open(t.Context(), "doc")
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = document.Close() }()
			var got []byte
			reader, err := document.Text(test.charset)
			if err == nil {
				got, err = io.ReadAll(reader)
			}
			if (err != nil) != (test.want == "") || err == nil && string(got) != test.want {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}
