package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
)

// groups are the pieces of work on the report.
func groups(ctx context.Context, s *subject, dir, duckdb string) []group {
	return []group{
		{"every field of every line, one core", s.bytes, []contestant{
			{"settlement.Open, with SHA-256", on(1, s.read(s.plain))},
			{"encoding/csv and the same conversions, with SHA-256", on(1, s.csv(true))},
			{"encoding/csv and the same conversions, without", on(1, s.csv(false))},
		}},
		{"every field of every line, two cores", s.bytes, []contestant{
			{"settlement.Open, with SHA-256", on(2, s.read(s.plain))},
			{"encoding/csv and the same conversions, with SHA-256", on(2, s.csv(true))},
			{"encoding/csv and the same conversions, without", on(2, s.csv(false))},
		}},
		{"the same, gzipped", s.bytes, []contestant{
			{"settlement.Open, two cores", on(2, s.read(s.packed))},
			{"unpacking alone, one core", on(1, s.gunzip)},
			{"reading the unpacked file alone, one core", on(1, s.read(s.plain))},
		}},
		{"sum by kind", s.bytes, []contestant{
			{"settlement.TallyOf, one core", on(1, s.tally)},
			{"settlement.TallyOf, two cores", on(2, s.tally)},
			{"DuckDB, one thread", s.duckdb(ctx, dir, duckdb)},
			{"gawk", s.command(ctx, "gawk", "-b", "-F\t", gawk, s.plain)},
			{"Miller", s.command(ctx, "mlr", "--tsv", "--headerless-csv-output", "filter", `$amount != ""`, "then", "put", "$amount = int(round($amount * 100))",
				"then", "stats1", "-a", "count,sum", "-f", "amount", "-g", "transaction-type,amount-type,amount-description", s.plain)},
		}},
		{"map every line to ledger documents, two cores", s.bytes, []contestant{
			{"ledgermap.Plan", on(2, s.plan)},
			{"reading alone", on(2, s.read(s.plain))},
		}},
	}
}

const gawk = `NR > 1 && $15 != "" { kind = $7 FS $13 FS $14; minor = $15; sub(/\./, "", minor); rows[kind]++; sum[kind] += minor }
END { for (kind in rows) printf "%s\t%d\t%d\n", kind, rows[kind], sum[kind] }`

// csv does what the reader does with the standard library: all fields, the same conversions of money and time, and the
// place, but neither kinds nor charset. encoding/csv is wrong for these files (a quote is data), but reads this one.
func (s *subject) csv(digest bool) func() error {
	return func() error {
		f, err := os.Open(s.plain)
		if err != nil {
			return err
		}
		defer f.Close()
		var src io.Reader = bufio.NewReaderSize(f, 256<<10)
		if digest {
			src = io.TeeReader(src, sha256.New())
		}
		r := csv.NewReader(src)
		r.Comma, r.LazyQuotes, r.ReuseRecord = '\t', true, true
		header, err := r.Read()
		if err != nil {
			return err
		}
		column := map[string]int{}
		for i, name := range header {
			column[name] = i
		}
		id, orderID, merchantOrderID, adjustmentID, shipmentID := column["settlement-id"], column["order-id"], column["merchant-order-id"], column["adjustment-id"], column["shipment-id"]
		marketplace, fulfillment, transaction, amountType, description := column["marketplace-name"], column["fulfillment-id"], column["transaction-type"], column["amount-type"], column["amount-description"]
		amount, posted, item, merchantItem, adjustmentItem := column["amount"], column["posted-date-time"], column["order-item-code"], column["merchant-order-item-id"], column["merchant-adjustment-item-id"]
		sku, quantity, promotion := column["sku"], column["quantity-purchased"], column["promotion-id"]
		var total settlement.Money
		rows := 0
		for {
			row, err := r.Read()
			if err == io.EOF {
				return s.check(rows, total)
			}
			if err != nil {
				return err
			}
			if row[amount] == "" {
				continue
			}
			at, _ := r.FieldPos(0)
			line := settlement.Line{
				Row: at, Offset: r.InputOffset(),
				Kind:    settlement.Kind{TransactionType: row[transaction], AmountType: row[amountType], AmountDescription: row[description]},
				OrderID: row[orderID], MerchantOrderID: row[merchantOrderID], AdjustmentID: row[adjustmentID], ShipmentID: row[shipmentID],
				Marketplace: row[marketplace], FulfillmentID: row[fulfillment], OrderItemCode: row[item], MerchantOrderItemID: row[merchantItem],
				MerchantAdjustmentItemID: row[adjustmentItem], SKU: row[sku], Quantity: row[quantity], PromotionID: row[promotion],
			}
			if line.Amount, err = settlement.ParseMoney(row[amount], s.total.Currency()); err != nil {
				return err
			}
			if line.Posted, err = time.Parse("2006-01-02 15:04:05 UTC", row[posted]); err != nil {
				return err
			}
			if total, err = total.Add(line.Amount); err != nil || row[id] == "" || line.Posted.IsZero() {
				return errors.Join(err, errors.New("a row is not whole"))
			}
			rows++
		}
	}
}

// command runs a program that prints the sums by kind. Its time is that of the whole process.
func (s *subject) command(ctx context.Context, name string, args ...string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		if _, err := exec.LookPath(name); err != nil {
			return 0, errAbsent
		}
		start := time.Now()
		output, err := exec.CommandContext(ctx, name, args...).Output() //nolint:gosec // fixed names, from groups
		took := time.Since(start)
		if err != nil {
			return 0, err
		}
		return took, s.compare(output)
	}
}

//go:embed duckdb.cjs
var duckdbScript []byte

// duckdb runs DuckDB in node. Its time is that of the query alone, as the script measures it.
func (s *subject) duckdb(ctx context.Context, dir, modules string) func() (time.Duration, error) {
	return func() (time.Duration, error) {
		script := filepath.Join(dir, "duckdb.cjs")
		if err := os.WriteFile(script, duckdbScript, 0o600); err != nil {
			return 0, err
		}
		c := exec.CommandContext(ctx, "node", script, s.plain, "1") //nolint:gosec // files made here
		if modules != "" {
			c.Env = append(os.Environ(), "NODE_PATH="+filepath.Join(modules, "node_modules"))
		}
		var complaint bytes.Buffer
		c.Stderr = &complaint
		output, err := c.Output()
		if errors.Is(err, exec.ErrNotFound) || bytes.Contains(complaint.Bytes(), []byte("MODULE_NOT_FOUND")) {
			return 0, errAbsent
		}
		if err != nil {
			return 0, fmt.Errorf("%w: %s", err, complaint.Bytes())
		}
		first, rest, _ := bytes.Cut(output, []byte("\n"))
		micros, err := number(first)
		if err != nil {
			return 0, err
		}
		return time.Duration(micros) * time.Microsecond, s.compare(rest)
	}
}

// money measures parsing an amount and adding it to a sum.
func money() {
	texts := []string{"19.50", "-3.22", "1.61", "-1234.56", "0.05", "100000.00", "-2.93", "7.10"}
	ours := testing.Benchmark(func(b *testing.B) {
		usd, err := settlement.ParseCurrency("USD")
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		var total settlement.Money
		for i := range b.N {
			m, err := settlement.ParseMoney(texts[i%len(texts)], usd)
			if err == nil {
				total, err = total.Add(m)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	theirs := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		var total decimal.Decimal
		for i := range b.N {
			d, err := decimal.NewFromString(texts[i%len(texts)])
			if err != nil {
				b.Fatal(err)
			}
			total = total.Add(d)
		}
	})
	each := func(r testing.BenchmarkResult) float64 { return float64(r.T.Nanoseconds()) / float64(r.N) }
	for _, row := range []struct {
		name string
		r    testing.BenchmarkResult
	}{{"settlement.ParseMoney and Add", ours}, {"shopspring/decimal NewFromString and Add", theirs}} {
		fmt.Printf("| parse an amount and add it | %s | %.1f ns | %d allocations | %.2f |\n", row.name, each(row.r), row.r.AllocsPerOp(), each(row.r)/each(ours))
	}
}

func number(text []byte) (int64, error) { return strconv.ParseInt(string(text), 10, 64) }
