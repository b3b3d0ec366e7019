package ping

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/config"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/diagnose"
	"github.com/ml-connector/amazon-vantagepoint/examples/payoutsync/internal/installation"
	"github.com/ml-connector/amazon-vantagepoint/ledgermap"
	"github.com/ml-connector/amazon-vantagepoint/vantagepoint"
)

// tenant looks at the company that keeps the books. It writes nothing, so that it cannot try the right to enter.
func (r *Report) tenant(ctx context.Context, in *installation.Installation, s config.Seller, secrets config.VantagepointCredentials) {
	about := diagnose.Tenant{Database: s.Vantagepoint.Database, User: secrets.Username}
	client, err := in.TenantClient(s, secrets)
	if err == nil {
		err = client.LogIn(ctx)
	}
	if err != nil {
		r.fail(TenantLogIn, diagnose.Vantagepoint(err, about))
		return
	}
	r.pass(TenantLogIn, fmt.Sprintf("logged in to Vantagepoint as %s, database %s", secrets.Username, s.Vantagepoint.Database))
	v := tenant{r, client, s, about}
	rules, _, _ := in.Rules() // what is wrong with the rules is for `rules lint`
	v.company(ctx, rules)
	v.period(ctx)
	v.style()
	v.banks()
	v.references(ctx)
	v.rights(ctx, rules)
}

type tenant struct {
	*Report
	client *vantagepoint.Client
	seller config.Seller
	about  diagnose.Tenant
}

// refused notes a call that failed although the log-in did not.
func (v tenant) refused(name, needs string, err error) {
	v.about.Needs = needs
	v.fail(name, diagnose.Vantagepoint(err, v.about))
}

// company notes which company the documents go to.
func (v tenant) company(ctx context.Context, rules *ledgermap.Rules) {
	const name, screen = "vantagepoint.company", "payoutsync.yaml, vantagepoint.company"
	active, err := v.client.Settings.ActiveCompany(ctx)
	if err != nil {
		v.refused(name, "Settings (active company)", err)
		return
	}
	all, err := v.client.Settings.Companies(ctx)
	if err != nil {
		v.refused(name, "Settings (companies)", err)
		return
	}
	codes := make([]string, len(all))
	for i, c := range all {
		codes[i] = c.Company
	}
	want := v.seller.Vantagepoint.Company
	i := slices.IndexFunc(all, func(c vantagepoint.Company) bool { return vantagepoint.MatchKey(c.Company, want) })
	switch {
	case want == "" && len(all) > 1:
		v.fail(name, diagnose.Diagnosis{
			What: fmt.Sprintf("the tenant has the companies %s, and no company is configured: documents would go to whichever is active, now %s", strings.Join(codes, ", "), active.Company), Screen: screen,
			Next: "name the company that keeps this seller's books",
		})
		return
	case want == "":
		want = active.Company
	case i < 0:
		v.fail(name, diagnose.Diagnosis{
			What: fmt.Sprintf("user %s may not work in company %s; it may work in %s", v.about.User, want, strings.Join(codes, ", ")), Screen: screen,
			Next: "correct it, or let the user into that company in Vantagepoint, Settings » Security » Roles",
		})
		return
	default:
		active = all[i]
	}
	message := "books are kept in the tenant's only company"
	if want != "" {
		message = "books are kept in company " + want
	}
	currency := active.FunctionalCurrencyCode
	if currency != "" {
		message += ", functional currency " + currency
	}
	if rules != nil && currency != "" && rules.FunctionalCurrency().String() != currency {
		v.fail(name, diagnose.Diagnosis{What: fmt.Sprintf("%s, but the rules say %s", message, rules.FunctionalCurrency()), Screen: "rules.yaml, company.currency", Next: "write " + currency})
		return
	}
	v.pass(name, message)
}

// period notes the active period, and whether documents of today find an open one.
func (v tenant) period(ctx context.Context) {
	const name, screen = "vantagepoint.period", "Vantagepoint, accounting periods"
	active, err := v.client.Settings.ActivePeriod(ctx)
	if err != nil {
		v.refused(name, "Settings (active period)", err)
		return
	}
	message := fmt.Sprintf("active period %s", active.Period)
	today, err := v.client.Settings.PeriodOf(ctx, vantagepoint.DateOf(time.Now()))
	switch {
	case errors.Is(err, vantagepoint.ErrNotFound):
		v.fail(name, diagnose.Diagnosis{What: message + "; no fiscal period holds today", Screen: screen, Next: "open the fiscal year"})
	case errors.Is(err, vantagepoint.ErrConflict):
		v.pass(name, message+"; several periods hold today, the rules choose")
	case err != nil:
		v.refused(name, "Settings (periods)", err)
	case bool(today.ActiveCompanyClosed):
		v.warn(name, fmt.Sprintf("%s; today's period %s is closed", message, today.Period), screen+": open it, or let rules.yaml say what happens with closed periods")
	default:
		v.pass(name, fmt.Sprintf("%s; today is in period %s, which is open", message, today.Period))
	}
}

// style repeats what is configured: Vantagepoint does not tell, and refuses the first document where it is wrong.
func (v tenant) style() {
	yes := "Yes"
	if v.seller.Vantagepoint.Style == "no-files" {
		yes = "No"
	}
	v.pass("vantagepoint.style", fmt.Sprintf("style %s, as configured; it is right if Settings » Accounting » Transactions » Use Files to Group Transactions says %s", v.seller.Vantagepoint.Style, yes))
}

// banks repeats the configured bank codes: Vantagepoint tells no list of them, and refuses the first document with a wrong one.
func (v tenant) banks() {
	var words []string
	for _, currency := range slices.Sorted(maps.Keys(v.seller.Vantagepoint.Banks)) {
		words = append(words, fmt.Sprintf("%s for %s", v.seller.Vantagepoint.Banks[currency], currency))
	}
	if len(words) > 0 {
		v.pass("vantagepoint.banks", "bank code "+strings.Join(words, ", ")+", as configured; Vantagepoint lists none, so compare it with the bank's own screen there")
	}
}

// What a reference number needs: a settlement id of eleven digits and a letter, and the revision where the settlement is booked
// again after a reversal.
const referenceLength, referenceLengthAgain = 12, 13

// references notes how long reference numbers may be: they are never cut.
func (v tenant) references(ctx context.Context) {
	const name, screen, next = "vantagepoint.reference_length", "Vantagepoint, Settings, key formats", "raise the length of reference numbers to 13"
	formats, err := v.client.Settings.KeyFormats(ctx)
	length := formats.RefnoLength
	message := fmt.Sprintf("reference numbers have %d characters", length)
	switch {
	case err != nil || length == 0:
		v.pass(name, "Vantagepoint does not tell how long reference numbers may be; 12 characters are assumed")
	case length < referenceLength:
		v.fail(name, diagnose.Diagnosis{What: message + ", and a settlement's id and letter have 12", Screen: screen, Next: next})
	case length < referenceLengthAgain:
		v.warn(name, message+": enough, but not to book a settlement again after `payoutsync reverse`", screen+": "+next)
	default:
		v.pass(name, message)
	}
}

// rights notes which kinds of documents and ledgers the user's role may look at.
func (v tenant) rights(ctx context.Context, rules *ledgermap.Rules) {
	one := vantagepoint.Query{PageSize: 1}
	v.right("journals", "Journal Entries", first(v.client.Journals.Landing(ctx, one)))
	if rules != nil && rules.Mode() == ledgermap.ModeInvoice {
		v.right("invoices", "Invoices", first(v.client.Invoices.Landing(ctx, one)))
	}
	if len(v.seller.Vantagepoint.Banks) > 0 {
		v.right("receipts", "Cash Receipts", first(v.client.Receipts.Landing(ctx, one)))
		v.right("disbursements", "Cash Disbursements", first(v.client.Disbursements.Landing(ctx, one)))
	}
	v.right("ledger", "the posted ledger (PSALedger)", first(v.client.Ledger.Rows(ctx, "JE", one)))
	v.right("accounts", "the chart of accounts", first(v.client.Accounts.List(ctx, one)))
	v.right("projects", "the Projects hub", first(v.client.Projects.List(ctx, vantagepoint.LevelProject, one)))
}

func (v tenant) right(name, needs string, err error) {
	name = "vantagepoint.rights." + name
	if err != nil {
		v.refused(name, needs, err)
		return
	}
	v.pass(name, "may read "+needs)
}
