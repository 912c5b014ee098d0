package demo

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"beian/infra/local/importer"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/finding"
)

// An AccountChange gives a filing to an account. It is no application, and the bureau learns nothing of it (icp-filing 2.1).
type AccountChange struct {
	Name  string
	Words finding.Words
	play  func(*Demo, context.Context, scenario.Application) error
}

// AccountChanges are all ways in which a filing gets to an account without an application.
var AccountChanges = []AccountChange{
	{"CLAIM", finding.Words{Chinese: "认领", English: "claim of an imported filing"}, (*Demo).claim},
	{"TRANSFER", finding.Words{Chinese: "转移", English: "transfer to another account"}, (*Demo).transfer},
}

// AccountChangeNamed returns the change of a name, which may be written in small letters.
func AccountChangeNamed(name string) (AccountChange, bool) {
	i := slices.IndexFunc(AccountChanges, func(c AccountChange) bool { return c.Name == strings.ToUpper(name) })
	if i < 0 {
		return AccountChange{}, false
	}
	return AccountChanges[i], true
}

// PlayAccountChange plays how an applicant claims a filing, or transfers it.
func (d *Demo) PlayAccountChange(ctx context.Context, change AccountChange, app scenario.Application) error {
	fmt.Fprintf(d.out, "\n%s · %s · %s\n", d.today(), change.Words.English, change.Words.Chinese)
	return change.play(d, ctx, app)
}

// claim imports a filing without an account, and claims it with the code that its leader gets.
func (d *Demo) claim(ctx context.Context, app scenario.Application) error {
	const number = "京ICP备2019008888号"
	if err := d.importFiling(ctx, app, number); err != nil {
		return fmt.Errorf("importing: %w", err)
	}
	d.print("operator", "imports what the subject filed before: "+number)
	c, err := d.NewCustomer(ctx, app)
	if err != nil {
		return err
	}
	if _, err := c.user.ClaimFiling(ctx, number); err != nil {
		return err
	}
	d.print("applicant", "claims "+number)
	code, err := d.Client.AwaitClaimCode(ctx, scenario.LeaderMobiles(app.Details)[0], number)
	if err != nil {
		return err
	}
	d.print("leader", "gives the code of the SMS to the applicant")
	if c.Filing, err = c.user.AnswerClaim(ctx, code); err != nil {
		return err
	}
	d.print("applicant", "enters the code: the filing belongs to the account")
	c.printFiling()
	return nil
}

// importFiling imports a filing of the application's subject and site with a number and without an account.
func (d *Demo) importFiling(ctx context.Context, app scenario.Application, number string) (err error) {
	certificate, _ := app.Open["certificate"].(map[string]any)
	site := app.Details.Sites[0]
	domains, _ := site["domains"].([]any)
	leader, _ := app.Details.Subject["leader"].(map[string]any)
	file, err := os.CreateTemp("", "beian-register-*.csv")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.Remove(file.Name())) }()
	table := csv.NewWriter(file)
	err = table.WriteAll([][]string{
		{"subjectName", "entityKind", "certificateKind", "certificateNumber", "leaderName", "leaderMobile", "siteNumber", "siteName", "domains"},
		{fmt.Sprint(app.Open["name"]), fmt.Sprint(app.Open["entityKind"]), fmt.Sprint(certificate["kind"]), fmt.Sprint(certificate["number"]),
			fmt.Sprint(leader["name"]), scenario.LeaderMobiles(app.Details)[0], number + "-1", fmt.Sprint(site["name"]), fmt.Sprint(domains[0])},
	})
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	_, err = (&importer.Importer{Operator: d.admin, Language: "en", Out: io.Discard}).Run(ctx, file.Name(), "", nil)
	return err
}

// transfer files a first application, and gives the filing to another account: a code is given and entered, and the owner confirms.
func (d *Demo) transfer(ctx context.Context, app scenario.Application) error {
	c, err := d.NewCustomer(ctx, app)
	if err != nil {
		return err
	}
	first, _ := filing.KindOf(filing.First)
	if err := c.play(ctx, first, nil, plays[filing.First].want); err != nil {
		return err
	}
	offer, err := c.user.OfferTransfer(ctx, c.Filing.ID)
	if err != nil {
		return err
	}
	d.print("owner", "offers the filing, and gives the code to the holder of another account")
	other, err := d.Client.Login(ctx, "new.owner@xinghe-example.com")
	if err != nil {
		return err
	}
	if _, err := other.TakeTransfer(ctx, offer.Code); err != nil {
		return err
	}
	d.print("taker", "enters the code")
	if _, err := c.user.ConfirmTransfer(ctx, c.Filing.ID); err != nil {
		return err
	}
	d.print("owner", "compares mobile and email address of the other account, and confirms")
	if c.Filing, err = other.Filing(ctx, c.Filing.ID); err != nil {
		return err
	}
	d.print("taker", "has the filing")
	c.printFiling()
	return nil
}
