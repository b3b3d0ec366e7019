// Anyoperation calls operations that the clients have no method for.
//
// Both clients have one door for the rest of their vendor's API, Client.Do. A call through it has everything that a
// method has: the access token, the pace, the repetition of what may be repeated, the typed error. What it lacks is a
// type for the answer, which the caller brings.
//
//	go run -C examples ./anyoperation
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/ml-connector/amazon-vantagepoint/examples/internal/trial"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

func main() {
	ctx := context.Background()
	solicitations(ctx)
	postings(ctx)
}

// solicitations asks Amazon which messages may be sent about an order.
func solicitations(ctx context.Context) {
	const path = "/solicitations/v1/orders/111-5784799-3571457"
	client, err := spapi.NewClient(trial.Amazon(map[string]string{path: `{"_links":{"actions":[{"name":"productReviewAndSellerFeedback"}]}}`}))
	if err != nil {
		log.Fatal(err)
	}
	var answer struct {
		Links struct {
			Actions []struct {
				Name string `json:"name"`
			} `json:"actions"`
		} `json:"_links"`
	}
	err = client.Do(ctx, spapi.Request{
		Operation: "solicitations.getSolicitationActionsForOrder", // names the call in errors, and its bucket
		Path:      path,
		Plan:      spapi.Plan{Rate: 1, Burst: 5}, // from Amazon's page of the operation
	}, &answer)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("Amazon:", answer.Links.Actions)
}

// postings asks Vantagepoint which accounts it posts to by itself.
func postings(ctx context.Context) {
	client, err := vantagepoint.NewClient(trial.Vantagepoint())
	if err != nil {
		log.Fatal(err)
	}
	var accounts []struct {
		Receivables string `json:"ARAccount"`
		Payables    string `json:"APAccount"`
	}
	// The path is relative to the tenant's /api. GET is repeated after faults; any other method is sent once, and if its
	// answer is lost the error is ErrUnanswered: look before you send again.
	err = client.Do(ctx, vantagepoint.Request{Path: []string{"AccountingCompanyConfig", "CFGAutoPosting"}}, &accounts)
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range accounts {
		fmt.Println("Vantagepoint: receivables", a.Receivables, "payables", a.Payables)
	}
}
