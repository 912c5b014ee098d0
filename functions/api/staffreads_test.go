package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"beian/functions/api"
	"beian/shared/aws/dynamo"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/process/decide"
	"beian/shared/rules/fault"
	"beian/shared/web"
)

// unwritable is a table that can be read but not written.
type unwritable struct {
	*dynamo.Store
	order filing.Order
}

func (s unwritable) Order(context.Context, filing.ID) (filing.Order, error) { return s.order, nil }
func (s unwritable) AddReads(context.Context, ...filing.StaffRead) error {
	return fault.Wrap(fault.Unavailable, errors.New("the table cannot be written"))
}
func (s unwritable) LeaderMatches(context.Context, filing.Order, int) ([]filing.LeaderMatch, error) {
	return nil, nil
}

// TestNoAnswerWithoutRecord: staff read nothing while the read cannot be recorded. The owner is not affected.
func TestNoAnswerWithoutRecord(t *testing.T) {
	w := filingtest.OpenAt(t, filingtest.EnterpriseBeijing(), filingtest.December2019, filing.InitialReview)
	w.Order.ID = "01JCZK3V7M8N9P0Q1R2S3T4V5W"
	store := unwritable{order: w.Order}
	a := api.New(api.Config{Config: web.Config{Decisions: &decide.Service{Store: store, Now: fixedNow, Log: silent}, Wall: fixedNow}, Store: store})
	for _, c := range []struct {
		account, group string
		status         int
	}{{"r1", "reviewer", 503}, {"a1", "admin", 503}, {string(w.Order.Account), "applicant", 200}} {
		out := sendEvent(t, a, "GET /orders/"+string(w.Order.ID), "", map[string]string{"sub": c.account, "cognito:groups": "[" + c.group + "]", "email": "staff@provider.example"})
		if out.StatusCode != c.status || strings.Contains(out.Body, string(w.Order.Domains[0])) != (c.status == 200) {
			t.Errorf("%s: %d %.300s", c.group, out.StatusCode, out.Body)
		}
	}
}
