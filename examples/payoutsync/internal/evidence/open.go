package evidence

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
)

// members is an opened pack whose members are those of a pack, each once.
type members struct {
	files  map[string]*zip.File
	report string // the name of the report
	sums   map[string]string
}

// maxDirectory bounds the zip's table of contents: that of a pack is below it by far, and a table of a million names is
// never read.
const maxDirectory = 8 << 10

// open reads the table of contents. It says everything that does not belong there; files is then what does.
func open(r io.ReaderAt, size int64) (m members, faults []Fault) {
	m = members{files: map[string]*zip.File{}, sums: map[string]string{}}
	if err := checkEnd(r, size); err != nil {
		return m, []Fault{{Message: err.Error()}}
	}
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return m, []Fault{{Message: fmt.Sprintf("it is no zip file that can be read: %v", err)}}
	}
	var names []string
	for _, f := range archive.File {
		switch {
		case !known(f.Name):
			faults = append(faults, Fault{f.Name, "it does not belong into a pack"})
			continue
		case m.files[f.Name] != nil:
			faults = append(faults, Fault{f.Name, "it is there twice"})
			continue
		case !f.Mode().IsRegular():
			faults = append(faults, Fault{f.Name, "it is no plain file"})
			continue
		case f.Method != zip.Store: // so that nothing can unpack to more than the file holds
			faults = append(faults, Fault{f.Name, "it is compressed, as the members of a pack never are: the zip was made anew, use the original"})
			continue
		}
		m.files[f.Name] = f
		if slices.Contains(reportNames, f.Name) {
			if m.report != "" {
				faults = append(faults, Fault{f.Name, "there is another report beside it, " + m.report})
			}
			m.report = f.Name
		}
		names = append(names, f.Name)
	}
	if m.report == "" {
		faults = append(faults, Fault{"report", "it is missing"})
	}
	want := slices.Clone(order)
	want[slices.Index(want, "")] = m.report
	for _, name := range want {
		if name != "" && m.files[name] == nil {
			faults = append(faults, Fault{name, "it is missing"})
		}
	}
	if len(faults) == 0 && !slices.Equal(names, want) {
		faults = append(faults, Fault{Message: "its members are not in the order in which they were written"})
	}
	return m, faults
}

func known(name string) bool {
	return name != "" && slices.Contains(order, name) || slices.Contains(reportNames, name)
}

// checkEnd looks at the record at the end of the file before anything is read by what it says: a pack has no comment, and
// a short table of contents right before that record.
func checkEnd(r io.ReaderAt, size int64) error {
	const length = 22
	end := make([]byte, length)
	if size < length {
		return errors.New("it is no zip file: it is too short")
	}
	if _, err := r.ReadAt(end, size-length); err != nil && err != io.EOF {
		return fmt.Errorf("it cannot be read: %w", err)
	}
	if string(end[:4]) != "PK\x05\x06" {
		return errors.New("it is no evidence pack: it does not end as a zip file without a comment does; it may have been cut short")
	}
	count := binary.LittleEndian.Uint16(end[10:])
	directory, at := int64(binary.LittleEndian.Uint32(end[12:])), int64(binary.LittleEndian.Uint32(end[16:]))
	if int(count) > 4*len(order) || directory > maxDirectory || at+directory != size-length {
		return errors.New("it is no evidence pack: its table of contents is not that of one")
	}
	return nil
}

// copyTo copies a member, no further than its limit, and notes its SHA-256.
func (m members) copyTo(w io.Writer, name string) error {
	f, err := m.files[name].Open()
	if err != nil {
		return err
	}
	defer f.Close() // it was only read
	h := sha256.New()
	bound := limit(name)
	n, err := io.Copy(io.MultiWriter(w, h), io.LimitReader(f, bound+1))
	if err != nil {
		return err
	}
	if n > bound {
		return fmt.Errorf("it has more than %d MiB", bound>>20)
	}
	m.sums[name] = hex.EncodeToString(h.Sum(nil))
	return nil
}
