package journeys_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"beian/infra/local/scenario"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
)

// soleTrader returns the application of an invented sole trader in a city. Its licence has no name. The operator, 示例人, is both leaders.
func soleTrader(n int, city string) scenario.Application {
	app := scenario.Invented(n)
	operator := scenario.WithCheckDigit(fmt.Sprintf("%s19800101%03d", city, n%999+1))
	leader := map[string]any{"name": "示例人", "certificate": map[string]any{"kind": 2, "number": operator, "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}}
	for key, value := range app.Details.Subject["leader"].(map[string]any) {
		leader[key] = value
	}
	leader["officePhone"] = "010-82000009"
	app.Open["province"], app.Open["entityKind"], app.Open["name"] = city[:2], 4, "*****"
	app.Open["certificate"] = map[string]any{"kind": 1, "number": unifiedCode("92" + city + fmt.Sprintf("%08d", n))}
	app.Details.Subject = map[string]any{
		"certificate":        map[string]any{"validity": map[string]any{"from": "2015-05-01", "longTerm": true}},
		"certificateAddress": "示例路1号1幢101室", "division": city, "address": "示例路1号1幢101室", "investor": "示例人", "leader": leader,
	}
	app.Details.Sites[0]["leader"], app.Details.Sites[0]["serviceContent"], app.Details.Sites[0]["name"] = leader, []int{8}, "样例餐饮店"
	return app
}

// unifiedCode completes the first sixteen digits of a unified social credit code (GB 11714, GB 32100).
func unifiedCode(digits string) string {
	sum := 0
	for i, weight := range []int{3, 7, 9, 10, 5, 8, 4, 2} {
		sum += int(digits[8+i]-'0') * weight
	}
	code := digits + string("0X987654321"[sum%11])
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range code {
		sum += strings.IndexByte(alphabet, code[i]) * weight
		weight = weight * 3 % 31
	}
	return code + string(alphabet[(31-sum%31)%31])
}

// TestSoleTraderWithoutName: the finding about a licence without a name says what to enter in the province, and the application that
// follows it is filed to the end.
func TestSoleTraderWithoutName(t *testing.T) {
	for i, tc := range []struct {
		city   string
		remedy string
		name   string
		follow func(*scenario.Application)
	}{
		{"110105", "经营者的姓名，并在主体备注中写明“个体工商户无字号”", "示例人", func(a *scenario.Application) {
			a.Open["name"], a.Details.Subject["remark"] = "示例人", "个体工商户无字号"
		}},
		{"460105", "单位性质选“个人”", "示例人", func(a *scenario.Application) {
			leader := a.Details.Subject["leader"].(map[string]any)
			a.Open["entityKind"], a.Open["name"], a.Open["certificate"] = 5, "示例人", map[string]any{"kind": 2, "number": leader["certificate"].(map[string]any)["number"]}
			a.Details.Subject["remark"], a.Details.Subject["certificate"] = "无字号工商户", leader["certificate"]
			a.Details.Sites[0]["name"], a.Details.Sites[0]["serviceContent"] = "木作手记", []int{6}
		}},
	} {
		t.Run(tc.city, func(t *testing.T) {
			j := startJourney(t, soleTrader(920+i, tc.city))
			refused := j.send(scenario.Request{Method: "POST", Path: "/orders", Body: jsonBody(t, j.opening(nil))}, 422, "sole-trader-unnamed /name")
			if remedy := refused.Problem().Findings[0].Remedy; !strings.Contains(remedy.Chinese, tc.remedy) || remedy.English == "" {
				t.Errorf("remedy %s", remedy.Chinese)
			}
			var rules struct {
				Requirements []struct {
					Words         map[string]string
					Source, Since string
				}
			}
			j.must(j.applicant.Call(t.Context(), "GET", "/provinces/"+tc.city[:2]+"?entityKind=4", nil, &rules))
			if !slices.ContainsFunc(rules.Requirements, func(r struct {
				Words         map[string]string
				Source, Since string
			}) bool {
				return strings.Contains(r.Words["zh-CN"], tc.remedy) && r.Source != "" && r.Since != ""
			}) {
				t.Errorf("the province's rules do not say it: %+v", rules)
			}
			tc.follow(&j.app)
			j.advanceTo(filing.VerifySMS)
			j.onName(tc.name, simulator.Action{Silent: true})
			j.replySMS()
			j.awaitStep(filing.AwaitBureau, filing.BureauReview)
			j.releaseBureau()
			j.awaitStep(filing.Done, filing.Approved)
		})
	}
}
