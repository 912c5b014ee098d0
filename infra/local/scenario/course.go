package scenario

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"beian/shared/filing"
	"beian/shared/filing/register"
	"beian/shared/rules/evidence"
)

// A Course takes an order of any kind from its opening to the bureau's decision. At each step it does what the step waits for, as applicant, leader
// or reviewer. Originals are never mailed, because its reviewer asks for none.
type Course struct {
	Applicant, Reviewer *User
	Server              string  // is chosen where the kind asks for one
	Details             Details // are entered where the kind asks for details
	// Picture, if not nil, returns the picture that is uploaded for a slot. Without it, each slot gets another one.
	Picture func(slot string) []byte
	// AtBureau, if not nil, is called when the order waits for the bureau's decision.
	AtBureau func(context.Context, Order) error
	// Did, if not nil, is called after each action: who did what.
	Did func(who, what string)
}

// Finish takes an order to its end and returns it. It fails if the bureau does not approve the order.
func (c Course) Finish(ctx context.Context, id filing.ID) (Order, error) {
	known := filing.Type("")
	for {
		o, err := c.awaitAction(ctx, id, filing.Done)
		if err != nil {
			return o, err
		}
		if k := kindOf(o); k.Begins == filing.Determined && k.Type != known {
			known = k.Type
			_ = c.did("beian", "asks the bureau what is filed, and determines the type: "+string(known), nil)
		}
		if o.Step == filing.Done {
			if o.Status != filing.Approved || o.Bureau == nil {
				return o, fmt.Errorf("order %s ended as %s: %v", id, o.Status, o.Findings)
			}
			return o, nil
		}
		if err := c.act(ctx, o); err != nil {
			return o, fmt.Errorf("order %s at %s: %w", id, o.Step, err)
		}
	}
}

// ToReview takes an order to the initial review and returns it.
func (c Course) ToReview(ctx context.Context, id filing.ID) (Order, error) {
	return c.To(ctx, id, filing.InitialReview)
}

// To takes an order to a step and returns it. It fails if the order goes past the step.
func (c Course) To(ctx context.Context, id filing.ID, step filing.Step) (Order, error) {
	for {
		o, err := c.awaitAction(ctx, id, step)
		switch {
		case err != nil || o.Step == step:
			return o, err
		case step.Before(o.Step):
			return o, fmt.Errorf("order %s is at %s without having waited at %s", id, o.Step, step)
		}
		if err := c.act(ctx, o); err != nil {
			return o, fmt.Errorf("order %s at %s: %w", id, o.Step, err)
		}
	}
}

// awaitAction reads an order about once a second, as an open page does, until it ends, is at a step, or waits for an action of the course.
func (c Course) awaitAction(ctx context.Context, id filing.ID, step filing.Step) (Order, error) {
	return c.Applicant.await(ctx, id, func(o Order) bool {
		return o.Step == step || o.Step == filing.Done || o.Step == filing.InitialReview || o.Step == filing.VerifySMS || o.Step == filing.AwaitBureau && c.AtBureau != nil ||
			o.Step.IsApplicantStep() && o.Step != filing.VerifyType
	})
}

// act does what an order waits for.
func (c Course) act(ctx context.Context, o Order) error {
	switch o.Step {
	case filing.VerifyProduct:
		return c.did("applicant", "chooses the server "+c.Server, c.Applicant.ChooseServer(ctx, o.ID, c.Server))
	case filing.CollectDetails:
		return c.did("applicant", "enters the data of subject, leaders and sites", c.Applicant.EnterDetails(ctx, o.ID, c.Details))
	case filing.CollectEvidence:
		return c.uploadPapers(ctx, o)
	case filing.VerifyAuthenticity:
		return c.passLiveness(ctx, o)
	case filing.AwaitConfirmation:
		if slices.ContainsFunc(o.Channels, func(c Channel) bool { return !c.Verified }) {
			return c.did("applicant", "enters the code that verifies the contact", c.Applicant.VerifyContact(ctx, o.ID))
		}
		return c.did("applicant", "reads the summary and confirms it", c.Applicant.Confirm(ctx, o.ID))
	case filing.InitialReview:
		return c.did("reviewer", "claims the order and passes it", c.Reviewer.Approve(ctx, o.ID))
	case filing.VerifySMS:
		return c.answerCodes(ctx, o)
	case filing.AwaitBureau:
		if err := c.AtBureau(ctx, o); err != nil {
			return err
		}
		_, err := c.Applicant.AwaitStep(ctx, o.ID, filing.Done)
		return err
	}
	return fmt.Errorf("nothing to do for %s", o.Next.Who)
}

func kindOf(o Order) filing.Kind {
	k, _ := filing.KindOf(o.Type)
	return k
}

func (c Course) did(who, what string, err error) error {
	if err == nil && c.Did != nil {
		c.Did(who, what)
	}
	return err
}

func (c Course) uploadPapers(ctx context.Context, o Order) error {
	slots, err := c.Applicant.MissingPapers(ctx, o.ID)
	if err != nil {
		return err
	}
	papers := map[string][]byte{}
	for i, slot := range slots {
		if c.Picture != nil {
			papers[slot] = c.Picture(slot)
			continue
		}
		papers[slot] = SamplePicture(slot, uint64(i))
		if strings.HasSuffix(slot, "/"+string(evidence.AppIcon)) {
			papers[slot] = SampleIcon(512)
		}
	}
	return c.did("applicant", fmt.Sprintf("photographs and uploads the required documents (%d)", len(slots)), c.Applicant.Upload(ctx, o.ID, papers, "image/jpeg"))
}

func (c Course) passLiveness(ctx context.Context, o Order) error {
	for _, site := range o.Liveness {
		if err := c.Applicant.PassLiveness(ctx, o.ID, site); err != nil {
			return err
		}
	}
	return c.did("leader", "passes the liveness check on the phone (simulated)", nil)
}

// answerCodes replies to the SMS of each leader who gets one, and waits until the order has moved on.
func (c Course) answerCodes(ctx context.Context, o Order) error {
	o, err := c.Applicant.await(ctx, o.ID, func(o Order) bool { return o.SMS != nil && len(o.SMS.Codes) > 0 || o.Step != filing.VerifySMS })
	if err != nil || o.SMS == nil {
		return err
	}
	for i, code := range o.SMS.Codes {
		mobile := o.mobileOf(code.Roles[0])
		digits, err := c.Applicant.Client.AwaitOrderCode(ctx, mobile, o.ID)
		if err != nil {
			return fmt.Errorf("no SMS with a code: %w", err)
		}
		reply := c.Applicant.Client.ReplySMS(ctx, fmt.Sprintf("reply-%s-%d-%d", o.ID, o.Round, i), mobile, "验证码 "+digits)
		if err := c.did("leader", "answers the SMS with the code", reply); err != nil {
			return err
		}
	}
	_, err = c.Applicant.await(ctx, o.ID, func(o Order) bool { return o.Step != filing.VerifySMS })
	return err
}

// mobileOf returns the mobile of the leader at a JSON pointer: /subject/leader or /sites/0/leader.
func (o Order) mobileOf(role string) string {
	of := o.Subject
	if site, ok := strings.CutPrefix(role, "/sites/"); ok {
		n, _ := strconv.Atoi(strings.TrimSuffix(site, "/leader"))
		of = o.Sites[n]
	}
	leader, _ := of["leader"].(map[string]any)
	return fmt.Sprint(leader["mobile"])
}

// OpenChange opens a change of a filing of the account, which moves the sites with these indexes to another server. The order has the details as they
// are filed.
func (u *User) OpenChange(ctx context.Context, id register.ID, a Application, moved ...int) (Order, error) {
	var o Order
	body := map[string]any{"language": a.Language, "contact": a.Contact}
	if len(moved) > 0 {
		body["access"] = moved
	}
	err := u.Call(ctx, http.MethodPost, "/filings/"+url.PathEscape(string(id))+"/changes", body, &o)
	return o, err
}

// OpenSubmission opens an order that sends documents of the subject of a filing on their own.
func (u *User) OpenSubmission(ctx context.Context, id register.ID, a Application, papers ...string) (Order, error) {
	var o Order
	body := map[string]any{"language": a.Language, "contact": a.Contact, "papers": papers}
	err := u.Call(ctx, http.MethodPost, "/filings/"+url.PathEscape(string(id))+"/evidence-submissions", body, &o)
	return o, err
}
