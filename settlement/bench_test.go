package settlement_test

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"io"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"

	"github.com/ml-connector/amazon-vantagepoint/settlement"
	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// benchRows is the size of the benchmark report: some 176 MB at a million.
var benchRows = sync.OnceValue(func() int {
	if n, err := strconv.Atoi(os.Getenv("SETTLEMENT_BENCH_ROWS")); err == nil {
		return n
	}
	return 200_000
})

// benchReport is a report as Amazon writes it: a few rows per order, a few dozen
// kinds, all 24 columns where they apply.
var benchReport = sync.OnceValue(func() []byte {
	return settlementtest.Seller{Seed: 1, Count: 1, Rows: benchRows()}.Settlements()[0].V2()
})

var benchZipped = sync.OnceValue(func() []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(benchReport()); err != nil {
		panic(err)
	}
	if err := w.Close(); err != nil {
		panic(err)
	}
	return b.Bytes()
})

// BenchmarkReader uses what it is given. Run it with -cpu 1 and with -cpu 2, each
// in a process of its own.
func BenchmarkReader(b *testing.B) {
	report := benchReport()
	b.SetBytes(int64(len(report)))
	b.ReportAllocs()
	for b.Loop() {
		r := settlement.NewReader(bytes.NewReader(report), settlement.Options{})
		var sum int64
		for line, err := range r.Lines() {
			if err != nil {
				b.Fatal(err)
			}
			sum += line.Amount.Minor()
		}
		s, err := r.Statement()
		if err != nil || sum != s.Total.Minor() || s.Rows != benchRows() {
			b.Fatal(s, err)
		}
	}
	b.ReportMetric(float64(benchRows())*float64(b.N)/1e6/b.Elapsed().Seconds(), "Mrows/s")
}

// BenchmarkEncodingCSV does the same with the standard library: all fields, the
// same conversions of money and time, the sum, but neither kinds, nor charset.
func BenchmarkEncodingCSV(b *testing.B) { benchmarkCSV(b, false) }

// BenchmarkEncodingCSVDigest also makes the digest, as the Reader does.
func BenchmarkEncodingCSVDigest(b *testing.B) { benchmarkCSV(b, true) }

func benchmarkCSV(b *testing.B, withDigest bool) {
	report := benchReport()
	usd := currency(b, "USD")
	b.SetBytes(int64(len(report)))
	b.ReportAllocs()
	for b.Loop() {
		var src io.Reader = bytes.NewReader(report)
		if withDigest {
			src = io.TeeReader(src, sha256.New())
		}
		r := csv.NewReader(src)
		r.Comma, r.LazyQuotes, r.ReuseRecord = '\t', true, true
		header, err := r.Read()
		if err != nil {
			b.Fatal(err)
		}
		column := map[string]int{}
		for i, name := range header {
			column[name] = i
		}
		id, orderID, merchantOrderID, adjustmentID, shipmentID := column["settlement-id"], column["order-id"], column["merchant-order-id"], column["adjustment-id"], column["shipment-id"]
		marketplace, fulfillment, transaction, amountType, description := column["marketplace-name"], column["fulfillment-id"], column["transaction-type"], column["amount-type"], column["amount-description"]
		amount, posted, item, merchantItem, adjustmentItem := column["amount"], column["posted-date-time"], column["order-item-code"], column["merchant-order-item-id"], column["merchant-adjustment-item-id"]
		sku, quantity, promotion := column["sku"], column["quantity-purchased"], column["promotion-id"]
		var total, sum settlement.Money
		rows := 0
		for {
			row, err := r.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				b.Fatal(err)
			}
			if row[amount] == "" {
				if total, err = settlement.ParseMoney(row[column["total-amount"]], usd); err != nil {
					b.Fatal(err)
				}
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
			if line.Amount, err = settlement.ParseMoney(row[amount], usd); err != nil {
				b.Fatal(err)
			}
			if line.Posted, err = time.Parse("2006-01-02 15:04:05 UTC", row[posted]); err != nil {
				b.Fatal(err)
			}
			if sum, err = sum.Add(line.Amount); err != nil || row[id] == "" || line.Posted.IsZero() {
				b.Fatal(err)
			}
			rows++
		}
		if sum != total || rows != benchRows() {
			b.Fatal(sum, total, rows)
		}
	}
	b.ReportMetric(float64(benchRows())*float64(b.N)/1e6/b.Elapsed().Seconds(), "Mrows/s")
}

// BenchmarkOpenGzip reads a gzipped file; compare with the larger of
// BenchmarkGunzip and BenchmarkReader.
func BenchmarkOpenGzip(b *testing.B) {
	name := write(b, "report.txt.gz", benchZipped())
	b.SetBytes(int64(len(benchReport())))
	b.ReportAllocs()
	for b.Loop() {
		f, err := settlement.Open(name, settlement.Options{})
		if err != nil {
			b.Fatal(err)
		}
		for _, err := range f.Lines() {
			if err != nil {
				b.Fatal(err)
			}
		}
		if _, err := f.Statement(); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}

func BenchmarkGunzip(b *testing.B) {
	name := write(b, "report.txt.gz", benchZipped())
	b.SetBytes(int64(len(benchReport())))
	for b.Loop() {
		f, err := os.Open(name)
		if err != nil {
			b.Fatal(err)
		}
		r, err := gzip.NewReader(bufio.NewReaderSize(f, 64<<10))
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, r); err != nil {
			b.Fatal(err)
		}
		f.Close()
	}
}
