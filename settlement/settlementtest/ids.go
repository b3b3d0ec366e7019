package settlementtest

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
)

// dice is splitmix64: small, and unlike a library's generator it can never change under us, so that a seed stays a
// settlement for ever.
type dice uint64

func (d *dice) next() uint64 {
	*d += 0x9e3779b97f4a7c15
	return mix(uint64(*d))
}

// n returns a number in [0, limit); limit below 1 gives 0.
func (d *dice) n(limit int64) int64 {
	if limit < 1 {
		return 0
	}
	return int64(d.next()>>1) % limit
}

// between returns a number in [low, high].
func (d *dice) between(low, high int64) int64 { return low + d.n(high-low+1) }

// chance says yes in percent of the cases.
func (d *dice) chance(percent int64) bool { return d.n(100) < percent }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// hash folds words and numbers into one seed.
func hash(parts ...any) uint64 {
	h := uint64(0xcbf29ce484222325)
	for _, p := range parts {
		switch p := p.(type) {
		case string:
			for _, b := range []byte(p) {
				h = (h ^ uint64(b)) * 0x100000001b3
			}
		case int:
			h = mix(h ^ uint64(int64(p)))
		case uint64:
			h = mix(h ^ p)
		}
		h = mix(h + 1)
	}
	return h
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789abcdefghijklmnopqrstuvwxyz"

// word makes a text of size characters out of the first letters of the alphabet (36: no lower case).
func word(h uint64, size, letters int) string {
	b := make([]byte, size)
	for i := range b {
		b[i] = alphabet[h%uint64(letters)]
		h = mix(h + uint64(i) + 1)
	}
	return string(b)
}

func digits(h uint64, size int) string {
	b := make([]byte, size)
	for i := range b {
		b[i] = '0' + byte(h%10)
		h = mix(h + uint64(i) + 1)
	}
	return string(b)
}

func orderID(prefix string, h uint64) string {
	return prefix + "-" + digits(h, 7) + "-" + digits(mix(h+7), 7)
}

// adjustmentID holds '+' and '/' as real ones do.
func adjustmentID(h uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:], mix(h))
	binary.BigEndian.PutUint64(b[8:], mix(h+1))
	return "amzn1:crow:" + base64.RawStdEncoding.EncodeToString(b[:])
}

// settlementID: eleven digits of which the last tells the region, as in the files of 2025 and 2026. Ids of one seller
// grow with time but not in equal steps.
func settlementID(s Seller, index int) string {
	base := 2_300_000_000 + hash(s.ID, s.Marketplace, s.Currency, s.Seed)%180_000_000
	n := base + uint64(index)*7_919 + hash(s.ID, s.Marketplace, s.Currency, s.Seed, index)%7_900
	last := map[string]string{"na": "1", "eu": "2", "fe": "3"}[s.market().Region]
	return strconv.FormatUint(n, 10) + last
}

func eventGroupID(h uint64) string {
	var b [32]byte
	for i := range 4 {
		binary.BigEndian.PutUint64(b[i*8:], mix(h+uint64(i)))
	}
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// documentID in the form of live ones: region, a UUID and an opaque tail.
func documentID(region string, h uint64) string {
	a, b := mix(h), mix(h+1)
	return fmt.Sprintf("amzn1.spdoc.1.4.%s.%08x-%04x-4%03x-a%03x-%012x.T%s.2650", region,
		a>>32, a>>16&0xffff, a&0xfff, b>>48&0xfff, b&0xffffffffffff, word(mix(h+2), 13, 36))
}
