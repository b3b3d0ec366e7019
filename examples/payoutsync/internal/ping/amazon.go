package ping

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/diagnose"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/spapi"
)

// amazon looks at the seller's account. It costs one call of each operation that a round uses.
func (r *Report) amazon(ctx context.Context, in *installation.Installation, s config.Seller, secrets config.AmazonCredentials) error {
	client, err := in.AmazonClient(ctx, s, secrets)
	if err != nil {
		return err
	}
	about := r.account(ctx, in, s)
	markets, err := client.Sellers.MarketplaceParticipations(ctx)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && !errors.Is(err, spapi.ErrDenied) || errors.Is(err, spapi.ErrCredentials) || errors.Is(err, spapi.ErrExpiredToken) {
		r.fail(AmazonLogIn, diagnose.Amazon(err, about))
		return nil
	}
	reports := first(client.Reports.List(ctx, spapi.ReportsQuery{Types: []spapi.ReportType{spapi.ReportSettlementV2}, PageSize: 1}))
	if errors.Is(err, spapi.ErrDenied) && errors.Is(reports, spapi.ErrDenied) {
		about.Answers = r.otherRegion(ctx, in, s, secrets)
	}
	r.pass(AmazonLogIn, "logged in to Amazon, region "+s.Amazon.Region)
	if about.Answers != "" {
		r.fail("amazon.region", diagnose.Amazon(reports, about))
		return nil
	}
	about.Allowed = err == nil || reports == nil
	r.marketplaces(s, markets, err, about)
	r.operation("amazon.settlement_reports", "settlement reports may be listed", reports, about)
	owner, err := r.payouts(ctx, client)
	r.operation("amazon.payouts", "payouts may be listed", err, about)
	day := spapi.SummariesQuery{PeriodStart: spapi.Date(time.Now().AddDate(0, 0, -1).UTC().Format(time.DateOnly)), PeriodEnd: spapi.Date(time.Now().UTC().Format(time.DateOnly))}
	r.operation("amazon.finances", "summaries may be asked for", first(client.Finances.Summaries(ctx, day)), about)
	r.owner(s, owner)
	return ctx.Err()
}

func (r *Report) account(ctx context.Context, in *installation.Installation, s config.Seller) diagnose.Account {
	about := diagnose.Account{Region: s.Amazon.Region, Needs: diagnose.FinanceAndAccounting, Now: time.Now()}
	if known, err := in.Store.SellerNamed(ctx, s.Name); err == nil {
		about.Secret, about.Authorised = known.Secret, known.Authorised
	}
	return about
}

// otherRegion asks Amazon's other hosts, which know the same credentials, whether they answer for the seller. Where the
// configuration names a host there are no others.
func (r *Report) otherRegion(ctx context.Context, in *installation.Installation, s config.Seller, secrets config.AmazonCredentials) spapi.Region {
	if s.Amazon.Endpoint != "" {
		return ""
	}
	for _, region := range []spapi.Region{spapi.NorthAmerica, spapi.Europe, spapi.FarEast} {
		if string(region) == s.Amazon.Region {
			continue
		}
		other := s
		other.Amazon.Region = string(region)
		client, err := in.AmazonClient(ctx, other, secrets)
		if err != nil {
			continue
		}
		if _, err := client.Sellers.MarketplaceParticipations(ctx); err == nil {
			return region
		}
	}
	return ""
}

// operation notes whether the seller's application may use an operation that needs the role Finance and Accounting.
func (r *Report) operation(name, message string, err error, about diagnose.Account) {
	if err != nil {
		r.fail(name, diagnose.Amazon(err, about))
		return
	}
	r.pass(name, message)
}

// marketplaces notes where the seller sells, and which configured marketplace is not among them. That they cannot be listed
// hinders nothing.
func (r *Report) marketplaces(s config.Seller, markets []spapi.MarketplaceParticipation, err error, about diagnose.Account) {
	const name = "amazon.marketplaces"
	if err != nil {
		about.Needs = diagnose.SellingPartnerInsights
		d := diagnose.Amazon(err, about)
		r.warn(name, "the seller's marketplaces cannot be listed, which hinders nothing: "+d.What, d.Remedy())
		return
	}
	var words, ids []string
	for _, m := range markets {
		ids = append(ids, m.Marketplace.ID)
		if m.Participation.IsParticipating {
			words = append(words, fmt.Sprintf("%s (%s, %s)", m.Marketplace.Name, m.Marketplace.CountryCode, m.Marketplace.Currency))
		}
	}
	message := fmt.Sprintf("seller %s sells on %s", s.Amazon.SellerID, strings.Join(words, ", "))
	if len(words) == 0 {
		message = fmt.Sprintf("seller %s sells on no marketplace of region %s", s.Amazon.SellerID, s.Amazon.Region)
	}
	var missing []string
	for _, id := range s.Amazon.Marketplaces {
		if !slices.Contains(ids, id) {
			missing = append(missing, id)
		}
	}
	if len(missing) > 0 {
		r.warn(name, message+"; not on the configured "+strings.Join(missing, ", "), "payoutsync.yaml, amazon.marketplaces: name the marketplaces of this seller")
		return
	}
	r.pass(name, message)
}

// payouts asks for the payouts of two weeks, and returns whose they are if there are any.
func (r *Report) payouts(ctx context.Context, client *spapi.Client) (owner string, err error) {
	for payout, err := range client.Transfers.Payouts(ctx, spapi.PayoutsQuery{CreatedAfter: time.Now().AddDate(0, 0, -14)}) {
		return payout.Partner.PartnerID, err
	}
	return "", nil
}

// owner notes whether the credentials are those of the configured seller, where Amazon tells.
func (r *Report) owner(s config.Seller, id string) {
	switch id {
	case "": // no payout yet
	case s.Amazon.SellerID:
		r.pass(amazonSeller, "the payouts are those of seller "+id)
	default:
		r.fail(amazonSeller, diagnose.Diagnosis{
			What: fmt.Sprintf("these are the credentials of seller %s, not of %s", id, s.Amazon.SellerID), Screen: "payoutsync.yaml, amazon.seller_id",
			Next: "correct it, or enter the credentials of the right seller with `payoutsync connect`",
		})
	}
}

// first asks for the first item of a sequence, and returns only whether that is allowed.
func first[T any](items func(func(T, error) bool)) error {
	for _, err := range items {
		return err
	}
	return nil
}
