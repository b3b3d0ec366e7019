package spapitest

import (
	"bytes"
	"compress/gzip"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// bucketPath is where documents are downloaded. Behind it stands an escaped slash, as in Amazon's own URLs: a client
// that takes the URL apart and puts it together again gets another path.
const bucketPath = "/bucket/"

// memoryBucket is the host in URLs given out through the in-memory door.
const memoryBucket = "https://tortuga-prod-na.s3-external-1.amazonaws.com"

// urlLife is how long a document's URL is good.
const urlLife = 5 * time.Minute

func getReportDocument(c *call) (any, error) {
	id := c.vars["reportDocumentId"]
	encoding, err := c.oneOf("enableContentEncodingUrlHeader", "true", "false")
	if err != nil {
		return nil, err
	}
	for _, r := range c.reportsOf() {
		if r.wire.ReportDocumentID != id {
			continue
		}
		if err := c.amazon.render(id, r); err != nil {
			return nil, err
		}
		answer := map[string]string{"reportDocumentId": id}
		if c.amazon.options.Compression == Gzip {
			answer["compressionAlgorithm"] = "GZIP"
		}
		signed := c.now
		if c.hit(ExpiredURL) {
			signed = signed.Add(-2 * urlLife)
		}
		answer["url"] = c.documentURL(id, signed, encoding == "true")
		return answer, nil
	}
	return nil, invalid("Invalid reportDocumentId "+id, "")
}

// render keeps the text of a document, so that each download gives the same bytes.
func (a *Amazon) render(id string, r report) error {
	a.mu.Lock()
	_, have := a.documents[id]
	a.mu.Unlock()
	if have {
		return nil
	}
	var b bytes.Buffer
	if a.options.Compression == Gzip {
		z, err := gzip.NewWriterLevel(&b, gzip.BestSpeed) // a million rows in the time of one answer
		if err != nil {
			return err
		}
		if err := r.write(z); err != nil {
			return err
		}
		if err := z.Close(); err != nil {
			return err
		}
	} else if err := r.write(&b); err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.documents[id] = b.Bytes()
	return nil
}

func (c *call) documentURL(id string, signed time.Time, encoding bool) string {
	c.amazon.mu.Lock()
	base := c.amazon.base
	c.amazon.mu.Unlock()
	switch {
	case c.r.RemoteAddr == memoryAddr:
		base = memoryBucket
	case base == "": // served by somebody else's server
		base = "http://" + c.r.Host
		if c.r.TLS != nil {
			base = "https://" + c.r.Host
		}
	}
	q := url.Values{
		"X-Amz-Algorithm": {"AWS4-HMAC-SHA256"}, "X-Amz-SignedHeaders": {"host"},
		"X-Amz-Date": {signed.UTC().Format("20060102T150405Z")}, "X-Amz-Expires": {strconv.Itoa(int(urlLife / time.Second))},
		"X-Amz-Credential":          {"AKIAEXAMPLE/" + signed.UTC().Format("20060102") + "/us-east-1/s3/aws4_request"},
		"response-content-encoding": {"identity"},
	}
	if encoding {
		q.Set("response-content-encoding", "gzip")
	}
	path := bucketPath + "%2FNinetyDays/" + url.PathEscape(id)
	q.Set("X-Amz-Signature", signature(path, q))
	return base + path + "?" + q.Encode()
}

func signature(path string, q url.Values) string {
	h := hmac.New(sha256.New, []byte("spapitest"))
	_, _ = fmt.Fprintf(h, "%s\n%s\n%s\n%s", path, q.Get("X-Amz-Date"), q.Get("X-Amz-Expires"), q.Get("response-content-encoding"))
	return hex.EncodeToString(h.Sum(nil))
}

// serveBucket is the object store. Its errors are XML.
func (a *Amazon) serveBucket(w http.ResponseWriter, r *http.Request) {
	c := &call{amazon: a, op: operation{name: "download"}, w: w, r: r, now: a.options.Now(), account: -1}
	c.nth = a.count("download")
	defer c.done()
	c.roll()
	fail := func(status int, code, message string) {
		w.Header().Set("Content-Type", "application/xml")
		c.status = status
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message><RequestId>%016X</RequestId></Error>",
			code, message, a.nextSerial())
	}
	q := r.URL.Query()
	path := r.URL.EscapedPath()
	switch {
	case r.Header.Get("Authorization") != "":
		fail(http.StatusBadRequest, "InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified")
		return
	case r.Header.Get("x-amz-access-token") != "":
		fail(http.StatusBadRequest, "InvalidRequest", "spapitest: the access token was sent to the bucket, a host that it is not for")
		return
	case r.Method != http.MethodGet:
		fail(http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
		return
	case q.Get("X-Amz-Signature") == "":
		fail(http.StatusForbidden, "AccessDenied", "No AWSAccessKey was presented.")
		return
	case !hmac.Equal([]byte(signature(path, q)), []byte(q.Get("X-Amz-Signature"))):
		fail(http.StatusForbidden, "SignatureDoesNotMatch", "The request signature we calculated does not match the signature you provided. Check your key and signing method.")
		return
	}
	signed, err := time.Parse("20060102T150405Z", q.Get("X-Amz-Date"))
	if err != nil || !c.now.Before(signed.Add(urlLife)) {
		fail(http.StatusForbidden, "AccessDenied", "Request has expired")
		return
	}
	if c.hit(SlowDown) {
		fail(http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
		return
	}
	if c.playEarly() {
		return
	}
	id, err := url.PathUnescape(strings.TrimPrefix(path, bucketPath+"%2FNinetyDays/"))
	a.mu.Lock()
	body, have := a.documents[id]
	a.mu.Unlock()
	if err != nil || !have {
		fail(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
		return
	}
	c.deliver(body, q.Get("response-content-encoding"))
}

// deliver sends the document, or what the faults leave of it.
func (c *call) deliver(body []byte, encoding string) {
	h := c.w.Header()
	compressed := c.amazon.options.Compression == Gzip
	cut := false
	whole := c.r.Header.Get("Range") == "" // a transfer that goes on meets the object that it began with
	switch {
	case whole && c.hit(HTMLDocument):
		h.Set("Content-Type", "text/html")
		body, encoding = []byte(html), "identity"
	case whole && compressed && c.hit(NotGzip):
		h.Set("Content-Type", c.amazon.options.ContentType)
		body, encoding = unpack(body), "identity"
	case whole && compressed && c.hit(GzipEnds):
		h.Set("Content-Type", c.amazon.options.ContentType)
		body = body[:len(body)*2/3]
	case c.hit(Truncated):
		h.Set("Content-Type", c.amazon.options.ContentType)
		cut = true
	default:
		h.Set("Content-Type", c.amazon.options.ContentType)
	}
	if compressed {
		h.Set("Content-Encoding", encoding)
	}
	h.Set("Accept-Ranges", "bytes")
	sum := sha256.Sum256(body)
	h.Set("ETag", `"`+hex.EncodeToString(sum[:16])+`"`)
	c.status = http.StatusOK
	if from, to, ok := byteRange(c.r.Header.Get("Range"), len(body)); ok {
		if from > to {
			h.Set("Content-Range", fmt.Sprintf("bytes */%d", len(body)))
			c.status = http.StatusRequestedRangeNotSatisfiable
			c.w.WriteHeader(c.status)
			return
		}
		h.Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, to, len(body)))
		body, c.status = body[from:to+1], http.StatusPartialContent
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.w.WriteHeader(c.status)
	if cut {
		_, _ = c.w.Write(body[:len(body)/2])
		if f, ok := c.w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	_, _ = c.w.Write(body) // the client has gone
}

// byteRange reads "bytes=10-" or "bytes=10-19" and returns the first and the last byte of size. Anything else is overlooked,
// as HTTP allows; a range past the end gives from > to.
func byteRange(header string, size int) (from, to int, ok bool) {
	text, ok := strings.CutPrefix(header, "bytes=")
	first, last, dash := strings.Cut(text, "-")
	from, err := strconv.Atoi(first)
	if !ok || !dash || err != nil || from < 0 {
		return 0, 0, false
	}
	to = size - 1
	if last != "" {
		n, err := strconv.Atoi(last)
		if err != nil || n < from {
			return 0, 0, false
		}
		to = min(to, n)
	}
	return from, to, true
}

func unpack(body []byte) []byte {
	z, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil
	}
	var b bytes.Buffer
	_, _ = b.ReadFrom(z) // we packed it ourselves
	return b.Bytes()
}
