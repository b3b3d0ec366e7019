package settlement

// Options says what a report cannot say of itself. The zero value reads every
// ordinary report.
type Options struct {
	// Charset overrides the charset of the text fields ("windows-1252",
	// "cp932", "utf-8" …). Empty: Content-Type, byte order mark, valid UTF-8,
	// or the marketplace's usual one, in this order. An XML report declares its
	// charset itself, and is read by that.
	Charset string

	// ContentType is the Content-Type that the document was delivered with.
	ContentType string

	// Name stands for the file in errors; Open uses the file's name.
	Name string

	// Settlement chooses one settlement of a file that holds several.
	// Empty: the file must hold exactly one.
	Settlement string

	// MaxBytes limits the uncompressed report; 0 means 4 GiB.
	MaxBytes int64
}

const defaultMaxBytes = 4 << 30
