package spapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/ml-connector/amazon-vantagepoint/internal/rest"
)

const (
	downloadOp = "reports.download"
	// An address is valid for five minutes.
	addressLife = 4 * time.Minute
	// How often a transfer is begun, after a failure or where it was cut. Each new address costs a minute of quota.
	downloadTries = 4
)

// Download is a document as the bucket delivers it, byte for byte: packed, if Amazon packs it. It must be closed.
// Reading it to the end without an error means that all of it came.
type Download struct {
	DocumentID      string
	Compression     Compression // as getReportDocument declares it; see also ContentEncoding
	ContentType     string      // of the bucket's answer; its charset parameter is often the only hint at the character set
	ContentEncoding string      // of the bucket's answer; the bytes are not unpacked, whatever it says
	Size            int64       // in bytes as delivered; -1: not known beforehand

	source *source
	etag   string
	body   io.ReadCloser
	n      int64 // bytes read
	cuts   int
}

// Download fetches a document as it is delivered. The access token does not go to the bucket. An address that has expired
// is asked for again, and a transfer that fails or is cut goes on where it stopped, a few times; the context bounds it all.
//
// A document needs not be unpacked and read to be kept: keep these bytes, they are the evidence.
//
// SP-API: getReportDocument, once for each address, then a GET of the address at Amazon's bucket, which has no quota.
func (s *Reports) Download(ctx context.Context, documentID string) (*Download, error) {
	return (&source{ctx: ctx, reports: s, id: documentID}).download()
}

// Read reads bytes as delivered. Its errors are [ErrDocument], or that of the call that could not go on.
func (d *Download) Read(p []byte) (int, error) {
	for {
		n, err := d.body.Read(p)
		d.n += int64(n)
		switch most := d.source.reports.client.config.MaxDocument; {
		case d.n > most:
			return n, d.source.fail(tooLong(most))
		case err == nil:
			return n, nil
		case errors.Is(err, io.EOF) && (d.Size < 0 || d.n == d.Size):
			return n, io.EOF
		case errors.Is(err, io.EOF):
			err = fmt.Errorf("it ends after %d of %d bytes: %w", d.n, d.Size, io.ErrUnexpectedEOF)
		}
		if err := d.resume(err); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// Close ends the download.
func (d *Download) Close() error { return d.body.Close() }

// resume goes on where the transfer was cut.
func (d *Download) resume(cause error) error {
	d.cuts++
	if d.cuts == downloadTries || d.source.ctx.Err() != nil {
		return d.source.fail(cause)
	}
	_ = d.body.Close()                  // it is broken already
	response, err := d.source.open(d.n) //nolint:bodyclose // Close does it
	if err != nil {
		return err
	}
	d.body = response.Body
	skip := d.n
	if response.StatusCode == http.StatusPartialContent {
		if !strings.HasPrefix(response.Header.Get("Content-Range"), fmt.Sprintf("bytes %d-", d.n)) {
			return d.source.fail(fmt.Errorf("%w, and the bucket goes on elsewhere", cause))
		}
		skip = 0
	}
	if tag := response.Header.Get("Etag"); tag != d.etag {
		return d.source.fail(fmt.Errorf("%w, and the bucket then has another document", cause))
	}
	if _, err := io.CopyN(io.Discard, d.body, skip); err != nil {
		return d.resume(fmt.Errorf("%w, and then again before byte %d: %w", cause, d.n, err))
	}
	return nil
}

func tooLong(limit int64) error {
	return fmt.Errorf("it has more than the %d bytes that Config.MaxDocument allows", limit)
}

// source gives the bytes of one document as often as they are needed.
type source struct {
	ctx      context.Context // of the call of Download, which the transfer belongs to
	reports  *Reports
	id       string
	document ReportDocument
	address  *url.URL
	issued   time.Time
}

func (s *source) fail(err error) error {
	return &Error{Op: downloadOp, Message: "document " + s.id, err: err, kind: ErrDocument}
}

func (s *source) download() (*Download, error) {
	response, err := s.open(0) //nolint:bodyclose // Download.Close does it
	if err != nil {
		return nil, err
	}
	d := &Download{
		DocumentID: s.id, Compression: s.document.Compression, Size: response.ContentLength,
		ContentType: response.Header.Get("Content-Type"), ContentEncoding: response.Header.Get("Content-Encoding"),
		source: s, etag: response.Header.Get("Etag"), body: response.Body,
	}
	if response.Uncompressed { // a transport of the caller's own unpacked it: the length was that of the packed bytes
		d.Size = -1
	}
	if media, _, _ := mime.ParseMediaType(d.ContentType); media == "text/html" {
		return nil, errors.Join(s.fail(errors.New("the bucket, or something on the way to it, answers with a web page")), d.Close())
	}
	return d, nil
}

// open asks the bucket for the bytes from an offset on. A bucket may send all of them nevertheless.
func (s *source) open(from int64) (*http.Response, error) {
	call := rest.Call{Op: downloadOp, Replayable: true}
	if from > 0 {
		call.Header = http.Header{"Range": {fmt.Sprintf("bytes=%d-", from)}}
	}
	refused := false
	for try := 1; ; try++ {
		if s.address == nil || time.Since(s.issued) > addressLife {
			if err := s.renew(); err != nil {
				return nil, err
			}
		}
		call.URL = s.address
		response, err := s.reports.client.bucket.Stream(s.ctx, call)
		if err == nil {
			return response, nil
		}
		e, ok := errors.AsType[*Error](err)
		if !ok || try == downloadTries || s.ctx.Err() != nil {
			return nil, err
		}
		switch e.Status {
		case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound:
			if refused {
				return nil, err // a new address was refused as well
			}
			refused, s.address = true, nil
		case 0, http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusBadGateway,
			http.StatusServiceUnavailable, http.StatusGatewayTimeout:
			if err := pause(s.ctx, rand.N(time.Second<<try)); err != nil {
				return nil, s.fail(err)
			}
		default:
			return nil, err
		}
	}
}

// renew asks for a new address.
func (s *source) renew() error {
	document, err := s.reports.Document(s.ctx, s.id)
	if err != nil {
		return err
	}
	u, err := url.Parse(document.URL.Reveal())
	if err != nil || u.Host == "" || u.User != nil {
		return s.fail(errors.New("its address cannot be used"))
	}
	if _, err := rest.ParseBase(u.Scheme + "://" + u.Host); err != nil {
		return s.fail(errors.New("its address is not https"))
	}
	s.document, s.address, s.issued = document, u, time.Now()
	return nil
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
	n        int64  // bytes read
	sum      uint32 // CRC-32 of the bytes read
	again    bool   // it was fetched a second time
}

// Open fetches a document and unpacks it as a stream: once, if the bytes are packed, whatever the headers say. A packed
// stream that turns out to be damaged is fetched a second time and goes on where it was, if the bytes before are the same.
// A document that is damaged again, ends early or is larger than Config.MaxDocument ends with [ErrDocument].
//
// It makes the calls of [Reports.Download].
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

// Unpack returns the document behind the bytes as delivered, of which none may have been read. Closing it closes the
// download.
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
	if len(magic) == 0 && d.Compression == Gzip {
		return nil, d.source.fail(errors.New("it is declared as packed and has no bytes"))
	}
	if len(magic) < 2 || magic[0] != 0x1f || magic[1] != 0x8b {
		document.reader = buffered
		return document, nil
	}
	unpacked, err := gzip.NewReader(buffered)
	if err != nil {
		return nil, d.source.fail(fmt.Errorf("its gzip header is damaged: %w", err))
	}
	document.reader = unpacked
	return document, nil
}

// Read reads unpacked bytes.
func (d *Document) Read(p []byte) (int, error) {
	for {
		n, err := d.reader.Read(p)
		d.n += int64(n)
		d.sum = crc32.Update(d.sum, crc32.IEEETable, p[:n])
		if most := d.download.source.reports.client.config.MaxDocument; d.n > most {
			return n, d.download.source.fail(tooLong(most))
		}
		if err == nil || err == io.EOF { // an io.Reader promises io.EOF itself
			return n, err
		}
		if _, ok := errors.AsType[*Error](err); ok {
			return n, err
		}
		if err := d.restart(fmt.Errorf("it cannot be unpacked after %d bytes: %w", d.n, err)); err != nil {
			return n, err
		}
		if n > 0 {
			return n, nil
		}
	}
}

// restart fetches a damaged document once more and moves to where it was.
func (d *Document) restart(cause error) error {
	from := d.download.source
	if d.again || from.ctx.Err() != nil {
		return from.fail(cause)
	}
	_ = d.download.Close() // it was read to where it is damaged
	next, err := from.download()
	if err != nil {
		return err
	}
	fresh, err := next.Unpack()
	if err != nil {
		return errors.Join(err, next.Close())
	}
	d.again, d.download, d.reader = true, next, fresh.reader
	sum := crc32.NewIEEE()
	if _, err := io.CopyN(sum, d.reader, d.n); err != nil || sum.Sum32() != d.sum {
		return from.fail(fmt.Errorf("%w; fetched again it is another one", cause))
	}
	return nil
}

// Close ends the download.
func (d *Document) Close() error { return d.download.Close() }
