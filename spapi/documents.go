package spapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

// Download is a document as the bucket delivers it, byte for byte: packed, if Amazon packs it. It must be closed.
// Reading it to the end without an error means that all of it came.
type Download struct {
	DocumentID      string
	Compression     Compression // as getReportDocument declares it; see also ContentEncoding
	ContentType     string      // of the bucket's answer; its charset parameter is often the only hint at the character set
	ContentEncoding string      // of the bucket's answer; the bytes are not unpacked, whatever it says
	Size            int64       // in bytes as delivered; -1: not known beforehand

	body io.ReadCloser
	n    int64
	max  int64
}

// Read reads bytes as delivered. Its errors are [ErrDocument], or that of the connection.
func (d *Download) Read(p []byte) (int, error) {
	n, err := d.body.Read(p)
	d.n += int64(n)
	switch {
	case d.n > d.max:
		return n, d.fail(tooLong(d.max))
	case errors.Is(err, io.EOF) && d.Size >= 0 && d.n < d.Size:
		return n, d.fail(fmt.Errorf("it ends after %d of %d bytes: %w", d.n, d.Size, io.ErrUnexpectedEOF))
	case err != nil && !errors.Is(err, io.EOF):
		return n, d.fail(err)
	}
	return n, err
}

// Close ends the download.
func (d *Download) Close() error { return d.body.Close() }

func (d *Download) fail(err error) error {
	return &Error{Op: downloadOp, Message: "document " + d.DocumentID, err: err, kind: ErrDocument}
}

func tooLong(limit int64) error {
	return fmt.Errorf("it has more than the %d bytes that Config.MaxDocument allows", limit)
}

const (
	downloadOp = "reports.download"
	// An address is valid for five minutes; the last minute belongs to the transfer's start.
	addressLife = 4 * time.Minute
	// Each new address costs a minute of quota.
	downloadTries = 4
)

// Download fetches a document as it is delivered. The access token does not go to the bucket. An address that has expired
// is asked for again; a failed transfer starts again from another try, at most three times.
//
// The document needs not be unpacked and read to be kept: keep these bytes, they are the evidence.
func (s *Reports) Download(ctx context.Context, documentID string) (*Download, error) {
	var document ReportDocument
	var address *url.URL
	var issued time.Time
	refused := false
	for try := 1; ; try++ {
		if address == nil || time.Since(issued) > addressLife {
			var err error
			if document, err = s.Document(ctx, documentID); err != nil {
				return nil, err
			}
			if address, err = bucketAddress(document); err != nil {
				return nil, err
			}
			issued = time.Now()
		}
		response, err := s.client.bucket.Stream(ctx, rest.Call{Op: downloadOp, URL: address, Replayable: true})
		if err == nil {
			d := &Download{
				DocumentID: documentID, Compression: document.Compression, Size: response.ContentLength, body: response.Body, max: s.client.config.MaxDocument,
				ContentType: response.Header.Get("Content-Type"), ContentEncoding: response.Header.Get("Content-Encoding"),
			}
			if response.Uncompressed { // a transport of the caller's own unpacked it: the length is of the packed bytes
				d.Size = -1
			}
			return d, nil
		}
		e, ok := errors.AsType[*Error](err)
		switch {
		case !ok || try == downloadTries || ctx.Err() != nil:
			return nil, err
		case e.Status == http.StatusBadRequest, e.Status == http.StatusForbidden, e.Status == http.StatusUnauthorized, e.Status == http.StatusNotFound:
			if refused {
				return nil, err // a new address was refused as well
			}
			refused, address = true, nil
		case e.Status/100 == 3, e.Status != 0 && e.Status < 500 && e.Status != http.StatusTooManyRequests && e.Status != http.StatusRequestTimeout:
			return nil, err
		default:
			if err := pause(ctx, rand.N(time.Second<<try)); err != nil {
				return nil, err
			}
		}
	}
}

func bucketAddress(document ReportDocument) (*url.URL, error) {
	refuse := func(why string) (*url.URL, error) {
		return nil, &Error{Op: downloadOp, Message: "the address of document " + document.ID + " " + why, kind: ErrDocument}
	}
	u, err := url.Parse(string(document.URL))
	if err != nil || u.Host == "" || u.User != nil {
		return refuse("cannot be used")
	}
	if _, err := rest.ParseBase(u.Scheme + "://" + u.Host); err != nil {
		return refuse("is not https")
	}
	return u, nil
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Document is an unpacked document. It must be closed.
type Document struct {
	ID          string
	ContentType string
	// Charset is what ContentType names, in lower case; "" where it names none. See [Document.Text].
	Charset string

	download *Download
	reader   io.Reader
	n        int64
}

// Open fetches a document and unpacks it as a stream: once, if the bytes are packed, whatever the headers say.
// A document that ends early or is larger than Config.MaxDocument ends with [ErrDocument].
func (s *Reports) Open(ctx context.Context, documentID string) (*Document, error) {
	d, err := s.Download(ctx, documentID)
	if err != nil {
		return nil, err
	}
	document, err := d.Unpack()
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return document, nil
}

// Unpack returns the document behind the bytes as delivered. Closing it closes the download.
func (d *Download) Unpack() (*Document, error) {
	document := &Document{ID: d.DocumentID, ContentType: d.ContentType, download: d}
	if _, params, err := mime.ParseMediaType(d.ContentType); err == nil {
		document.Charset = lower(params["charset"])
	}
	buffered := bufio.NewReaderSize(d, 64<<10)
	// The bytes decide. By default a packed document comes without Content-Encoding; with it, something on the way may
	// have unpacked it already.
	magic, err := buffered.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	if len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		document.reader = buffered
		return document, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, d.fail(fmt.Errorf("its gzip header is damaged: %w", err))
	}
	document.reader = unpacked
	return document, nil
}

// Read reads unpacked bytes.
func (d *Document) Read(p []byte) (int, error) {
	n, err := d.reader.Read(p)
	d.n += int64(n)
	if d.n > d.download.max {
		return n, d.download.fail(tooLong(d.download.max))
	}
	if err == nil || err == io.EOF { //nolint:errorlint // io.Reader promises io.EOF itself
		return n, err
	}
	if _, ok := errors.AsType[*Error](err); ok {
		return n, err
	}
	return n, d.download.fail(fmt.Errorf("it cannot be unpacked after %d bytes: %w", d.n, err))
}

// Close ends the download.
func (d *Document) Close() error { return d.download.Close() }
