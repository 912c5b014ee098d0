package api_test

import (
	"encoding/base64"

	"beian/shared/filing"
	provider "beian/shared/partners/liveness"
	"beian/shared/rules/liveness"
)

// startChallenge starts the liveness check of a site's leader.
func (f *fixture) startChallenge(me client, id string, site int) liveness.Challenge {
	f.t.Helper()
	a := me.do("POST /orders/"+id+"/challenges", map[string]any{"site": site}).wantStatus(201)
	c := liveness.Challenge{ID: a.id(), Leader: filing.Order{ID: filing.ID(id)}.LeaderReference(site)}
	for i := range a.value("actions").([]any) {
		c.Actions = append(c.Actions, liveness.Action(a.value("actions", i, "action").(string)))
	}
	return c
}

// passLiveness passes the liveness check of a site's leader.
func (f *fixture) passLiveness(me client, id string, site int) answer {
	f.t.Helper()
	c := f.startChallenge(me, id, site)
	return me.do("PUT /orders/"+id+"/challenges/"+c.ID, captureBody(provider.PassingCapture(c)))
}

func captureBody(data []byte) map[string]any {
	return map[string]any{"capture": base64.StdEncoding.EncodeToString(data)}
}
