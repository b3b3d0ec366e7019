package spapitest

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/settlement/settlementtest"
)

// apiError is an answer that is not 2xx in Amazon's form.
type apiError struct {
	status                 int
	code, message, details string
}

func (e *apiError) Error() string { return e.code + ": " + e.message }

func invalid(message, details string) *apiError {
	return &apiError{http.StatusBadRequest, "InvalidInput", message, details}
}

func notFound(what string) *apiError {
	return &apiError{http.StatusNotFound, "NotFound", "The resource you requested does not exist.", what}
}

type wireError struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Details string `json:"details"`
}

type wireErrors struct {
	Errors []wireError `json:"errors"`
}

// number is an amount of minor units that is written as a JSON number, exactly.
type number struct {
	minor    int64
	currency string
}

// MarshalJSON implements json.Marshaler.
func (n number) MarshalJSON() ([]byte, error) {
	return []byte(settlementtest.Decimal(n.minor, n.currency)), nil
}

// money is the Currency of the models of 2024.
type money struct {
	Code   string `json:"currencyCode"`
	Amount number `json:"currencyAmount"`
}

func amount(minor int64, currency string) money { return money{currency, number{minor, currency}} }

// moneyV0 is the Currency of Finances v0.
type moneyV0 struct {
	Code   string `json:"CurrencyCode"`
	Amount number `json:"CurrencyAmount"`
}

func amountV0(minor int64, currency string) *moneyV0 {
	return &moneyV0{currency, number{minor, currency}}
}

// instant is written as Finances and Transfers write it.
type instant time.Time

// MarshalJSON implements json.Marshaler.
func (t instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(t).UTC().Format("2006-01-02T15:04:05Z"))
}

// offset is an instant as Reports writes it: "+00:00" and no "Z".
type offset time.Time

// MarshalJSON implements json.Marshaler.
func (t offset) MarshalJSON() ([]byte, error) {
	return json.Marshal(time.Time(t).UTC().Format("2006-01-02T15:04:05+00:00"))
}

// asin makes a product id out of a SKU: ten characters that start with B0.
func asin(sku string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(sku))
	return "B0" + strings.ToUpper(strconv.FormatUint(h.Sum64()|1<<63, 36))[:8]
}

func quantity(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0 // blank on refunds
	}
	return n
}

func domain(marketplaceName string) string { return strings.ToLower(marketplaceName) }
