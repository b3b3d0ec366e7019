package settlement

import (
	"fmt"
	"math/bits"
	"slices"
)

// Split divides an amount into n parts that differ by at most one minor unit
// and add up to it exactly; the first parts are the larger ones in amount:
// 10.00 in 3 is 3.34, 3.33, 3.33 and -10.00 is -3.34, -3.33, -3.33.
// For n < 1 it returns nil.
func (m Money) Split(n int) []Money {
	if n < 1 {
		return nil
	}
	each, rest := m.minor/int64(n), m.minor%int64(n)
	parts := make([]Money, n)
	for i := range parts {
		parts[i] = Money{each, m.currency}
		switch {
		case rest > 0:
			parts[i].minor++
			rest--
		case rest < 0:
			parts[i].minor--
			rest++
		}
	}
	return parts
}

// Allocate divides an amount in proportion to weights, by largest remainder:
// each part is the exact share cut to a minor unit, and the units left over go
// one each to the parts that lost most by it, the earlier first. The parts add
// up to the amount exactly. A weight below zero, and no weight above zero, are
// errors.
func (m Money) Allocate(weights ...int64) ([]Money, error) {
	var total uint64
	for i, w := range weights {
		if w < 0 {
			return nil, fmt.Errorf("allocate %s %s: weight %d is %d; weights are not negative", m, m.currency, i, w)
		}
		sum, carry := bits.Add64(total, uint64(w), 0)
		if carry != 0 {
			return nil, fmt.Errorf("allocate %s %s: %w: sum of weights", m, m.currency, ErrOverflow)
		}
		total = sum
	}
	if total == 0 {
		return nil, fmt.Errorf("allocate %s %s: no weight is above zero", m, m.currency)
	}

	amount := uint64(m.Abs().minor)
	left := amount
	units := make([]uint64, len(weights))
	remainders := make([]uint64, len(weights))
	order := make([]int, len(weights))
	for i, w := range weights {
		hi, lo := bits.Mul64(amount, uint64(w)) // hi < total, because w <= total
		units[i], remainders[i] = bits.Div64(hi, lo, total)
		left -= units[i]
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case remainders[a] > remainders[b]:
			return -1
		case remainders[a] < remainders[b]:
			return 1
		}
		return 0
	})
	for _, i := range order[:left] { // left < number of weights with a remainder
		units[i]++
	}

	parts := make([]Money, len(weights))
	for i, u := range units {
		parts[i] = Money{int64(u), m.currency}
		if m.minor < 0 {
			parts[i] = parts[i].Neg()
		}
	}
	return parts, nil
}
