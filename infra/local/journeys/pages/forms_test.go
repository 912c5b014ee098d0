package pages_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"maps"
	"strings"
	"testing"

	"golang.org/x/image/draw"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/filing/filingtest"
	"beian/shared/rules/qrcode/qrcodetest"
)

// companyAt returns an invented company in Nanjing with two leaders, with an order at a step.
func companyAt(t *testing.T, n int, step filing.Step) applicant {
	t.Helper()
	app := scenario.Invented(n)
	leader := maps.Clone(app.Details.Subject["leader"].(map[string]any))
	leader["name"], leader["officePhone"] = "样例人", "025-82000009"
	leader["certificate"] = map[string]any{"kind": 2, "number": scenario.WithCheckDigit("32010219800101111"), "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}
	clerk := maps.Clone(leader)
	clerk["name"], clerk["legalRepresentative"], clerk["email"] = "样例戊", false, fmt.Sprintf("clerk%d@invented-example.com", n)
	clerk["mobile"], clerk["emergencyPhone"] = fmt.Sprintf("187%08d", 2*n), fmt.Sprintf("187%08d", 2*n+1)
	clerk["certificate"] = map[string]any{"kind": 2, "number": scenario.WithCheckDigit("32010219880101113"), "validity": map[string]any{"from": "2015-05-01", "to": "2035-05-01"}}
	app.Open["province"], app.Open["entityKind"], app.Open["name"], app.Server.Placement = "32", 4, "南京样例科技有限公司", "32"
	app.Open["certificate"] = map[string]any{"kind": 1, "number": filingtest.UnifiedCode("91320102", fmt.Sprintf("%08d", n))}
	app.Details.Subject = map[string]any{"certificate": map[string]any{"validity": map[string]any{"from": "2015-05-01", "longTerm": true}}, "leader": leader,
		"certificateAddress": "江苏省南京市玄武区示例路100号样例科技园区1幢101室", "division": "320102", "address": "示例路100号样例科技园区1幢101室", "investor": "样例人"}
	app.Details.Sites[0]["leader"], app.Details.Sites[0]["serviceContent"], app.Details.Sites[0]["name"] = clerk, []int{8}, "样例科技"
	return advance(t, app, step)
}

// forms returns the forms of the applicant's order.
func (a applicant) forms(t *testing.T) []filing.Form {
	t.Helper()
	var forms struct {
		Items []filing.Form `json:"items"`
	}
	if err := a.Call(t.Context(), "GET", "/orders/"+string(a.id)+"/forms", nil, &forms); err != nil {
		t.Fatal(err)
	}
	return forms.Items
}

// TestForms: a form is printed on one sheet, filled in and black on white. A photograph of it is accepted, with no warning; that of a form of another
// application is refused.
func TestForms(t *testing.T) {
	const form, paper = "/forms/sites/0/verification-form", "/papers/sites/0/verification-form"
	a, other := companyAt(t, 9950, filing.CollectEvidence), applicantAt(t, 9951, filing.CollectEvidence)
	pc := newVisitor(t, browser.Desktop)
	pc.logIn(a.mobile)
	pc.at(a, paper)
	pc.press("打开并打印")
	pc.sees("打印签字：网站备案信息真实性核验单", "这份表已按您填写的信息填好", "加盖公章", a.mobile)
	pc.shoot("screen")
	pc.must(pc.page.Resize(688, 1000)) // the width of A4 between the margins, at 96 dots per inch
	var printed []byte
	for _, f := range a.forms(t) {
		pc.at(a, "/forms/"+string(f.Slot))
		pc.must(pc.page.SetPrint(true))
		look, err := browser.Evaluate[string](pc.page, `(s => [s.backgroundColor, s.color, document.querySelector("main h1").getClientRects().length].join(" "))(getComputedStyle(document.querySelector(".sheet")))`)
		if pc.must(err); look != "rgb(255, 255, 255) rgb(0, 0, 0) 0" {
			t.Errorf("%s is printed as %s", f.Slot, look)
		}
		sheets, err := pc.page.PrintedPages()
		if pc.must(err); sheets != 1 {
			t.Errorf("%s: %d sheets", f.Slot, sheets)
		}
		pc.shoot("printed-" + string(f.Slot.Kind()))
		if strings.HasSuffix(form, string(f.Slot)) {
			printed, err = pc.page.Screenshot()
			pc.must(err)
		}
	}

	phone := newVisitor(t, browser.Phone)
	phone.logIn(a.mobile)
	phone.at(a, paper)
	phone.shoot("paper")
	upload := func(name string, content []byte) {
		t.Helper()
		phone.upload("选择照片", file(t, name, content))
		phone.await("照片已")
		phone.script(`document.querySelector("[data-send]").click()`)
	}
	upload("other.jpg", qrcodetest.Photograph(t, qrcodetest.Page(t, other.forms(t)[0].Code), 2, 1, 1, 60))
	phone.await("照片里的表是另一份申请的")
	phone.shoot("refused")
	upload("signed.jpg", photographOf(t, printed))
	phone.await("已收下")
	phone.shoot("accepted")
	if given, has := a.given(t, "sites/0/verification-form"); !has || given.Form != "verification-form.1" || len(given.Warnings) > 0 {
		t.Errorf("accepted: %v, of template %q with %d warnings", has, given.Form, len(given.Warnings))
	}

	var o map[string]any // what is changed now is not on the form
	phone.must(a.Call(t.Context(), "GET", "/orders/"+string(a.id), nil, &o))
	o["sites"].([]any)[0].(map[string]any)["name"] = "样例科技园地"
	phone.must(a.Call(t.Context(), "PUT", "/orders/"+string(a.id)+"/details", map[string]any{"subject": o["subject"], "sites": o["sites"]}, nil))
	for _, page := range []string{"/papers", "/check", paper} {
		phone.at(a, page)
		phone.sees("打印这份表以后，申请里的信息改过")
		phone.shoot("outdated" + strings.ReplaceAll(page, "/", "-"))
	}
	phone.at(a, form)
	phone.sees("拍照上传")
	phone.shoot("screen")
	phone.visit("/orders/" + string(a.id) + form + "?lang=en")
	phone.shoot("screen-en")
	phone.visit("/orders/" + string(other.id) + form)
	phone.sees("There is no such order")
}

// photographOf returns a photograph of a printed sheet on a table: larger, in warm light, with a red seal.
func photographOf(t *testing.T, screenshot []byte) []byte {
	t.Helper()
	sheet, err := png.Decode(bytes.NewReader(screenshot))
	if err != nil {
		t.Fatal(err)
	}
	size := sheet.Bounds().Size().Mul(2)
	photo := image.NewRGBA(image.Rect(0, 0, size.X+80, size.Y+80))
	draw.Draw(photo, photo.Rect, image.NewUniform(color.RGBA{140, 110, 80, 255}), image.Point{}, draw.Src)
	draw.CatmullRom.Scale(photo, image.Rectangle{Max: size}.Add(image.Pt(40, 40)), sheet, sheet.Bounds(), draw.Src, nil)
	for y := range size.Y {
		for x := range size.X {
			i := photo.PixOffset(x, y)
			photo.Pix[i+2] = byte(int(photo.Pix[i+2]) * 225 / 255)
		}
	}
	for n := range 360 { // a seal beside the signatures
		x, y := size.X/2+n%19*4, size.Y*3/4+n/19*4
		draw.Draw(photo, image.Rect(x, y, x+2, y+2), image.NewUniform(color.RGBA{200, 20, 20, 255}), image.Point{}, draw.Src)
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, photo, &jpeg.Options{Quality: 75}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
