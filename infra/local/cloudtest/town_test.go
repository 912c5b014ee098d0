package cloudtest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"beian/infra/local/people"
	"beian/shared/filing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
)

// A town is the people who use what was deployed.
type town struct {
	*people.World
	w                          *world
	applicant, reviewer, admin *people.Person
	app                        people.Application
}

// town has people log in.
func (w *world) town(t *testing.T, made map[string]map[string]string) *town {
	t.Helper()
	to := &town{w: w, World: &people.World{Portal: made[systemStack]["API"], HTTP: &http.Client{Timeout: 30 * time.Second}, Sent: w.account.Sent}}
	for group, into := range map[string]**people.Person{"applicant": &to.applicant, "reviewer": &to.reviewer, "admin": &to.admin} {
		token, err := w.account.Token(made[recordsStack]["UserPoolClient"], group+"@provider.example", group)
		if err != nil {
			t.Fatal(err)
		}
		*into = to.With(token)
	}
	return to
}

// ticking has the exchange take turns while something happens, which it would each minute. The sweeper is not hurried:
// what it has to tell people it hears from the table's stream.
func (to *town) ticking(t *testing.T, do func() error) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() {
		var err error
		for ; err == nil && ctx.Err() == nil; time.Sleep(100 * time.Millisecond) {
			err = to.w.account.Tick(ctx, "beian-default-exchange")
		}
		ended <- err
	}()
	err := do()
	stop()
	if turn := <-ended; turn != nil {
		t.Errorf("a schedule: %v", turn)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// toSMS takes an application to where its leader has to answer an SMS.
func (to *town) toSMS(t *testing.T, a people.Application) (id filing.ID) {
	t.Helper()
	to.app = a
	now := time.Now()
	if err := to.admin.List(t.Context(), a.Server, to.applicant.Me(), now.AddDate(0, -1, 0), now.AddDate(1, 0, 0)); err != nil {
		t.Fatal(err)
	}
	to.ticking(t, func() (err error) {
		id, err = a.To(t.Context(), to.applicant, to.reviewer, filing.VerifySMS)
		if err == nil {
			_, err = to.CodeAbout(t.Context(), people.Mobiles(a.Details)[0], id)
		}
		return err
	})
	return id
}

// finish has the leader answer, and waits for the number and for the word of it.
func (to *town) finish(t *testing.T, id filing.ID) {
	t.Helper()
	mobile := people.Mobiles(to.app.Details)[0]
	to.ticking(t, func() error {
		code, err := to.CodeAbout(t.Context(), mobile, id)
		if err != nil {
			return err
		}
		if err := to.Reply(t.Context(), "reply-1", mobile, "验证码："+code); err != nil {
			return err
		}
		return people.Until(t.Context(), func() (bool, error) {
			o, err := to.applicant.Order(t.Context(), id)
			if err != nil || o.Status != filing.Approved || o.Bureau == nil || len(o.Bureau.Sites) != 1 || o.Bureau.Sites[0].Number == "" {
				return false, err
			}
			number := o.Bureau.Sites[0].Number
			for _, contact := range []string{"+86" + mobile, fmt.Sprint(to.app.Contact["email"])} {
				told := false
				for _, m := range to.Sent(contact) {
					told = told || strings.Contains(m.Text, number)
				}
				if !told {
					return false, nil
				}
			}
			return true, nil
		})
	})
}

// path holds the states that the execution went through to those of a first filing.
func (to *town) path(t *testing.T, id filing.ID, machine string) {
	t.Helper()
	pages := sfn.NewGetExecutionHistoryPaginator(sfn.NewFromConfig(to.w.sdk()), &sfn.GetExecutionHistoryInput{
		ExecutionArn: aws.String(fmt.Sprintf("%s:%s-1", strings.Replace(machine, ":stateMachine:", ":execution:", 1), id)),
	})
	var path []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			if e.StateEnteredEventDetails != nil {
				path = append(path, aws.ToString(e.StateEnteredEventDetails.Name))
			}
		}
	}
	want := []string{"VerifyType", "VerifyProduct", "CollectDetails", "CollectEvidence", "VerifyAuthenticity", "AwaitConfirmation", "InitialReview",
		"VerifySMS", "Transmit", "AwaitBureau", "Announce", "FollowUp"}
	at := 0
	for _, state := range path {
		if at < len(want) && state == want[at] {
			at++
		}
	}
	if at < len(want) {
		t.Errorf("the execution went %v, and not by %s", path, want[at])
	}
	if slices.Contains(path, "Pause") {
		t.Errorf("the execution paused: %v", path)
	}
}

// putSecret puts a secret's value as an operator does.
func (w *world) putSecret(t *testing.T, name, value string) {
	t.Helper()
	_, err := secretsmanager.NewFromConfig(w.sdk()).PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &name, SecretString: &value})
	if err != nil {
		t.Fatal(err)
	}
}

// secret reads a field of a secret.
func (w *world) secret(t *testing.T, name, field string) string {
	t.Helper()
	got, err := secretsmanager.NewFromConfig(w.sdk()).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &name})
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]string
	if err := json.Unmarshal([]byte(aws.ToString(got.SecretString)), &fields); err != nil {
		t.Fatal(err)
	}
	return fields[field]
}
