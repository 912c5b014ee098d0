package pages_test

import (
	"bytes"
	"fmt"
	"image"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
	"beian/shared/web"
)

// An applicant is an invented person with an order at a step.
type applicant struct {
	*scenario.User
	app    scenario.Application
	id     filing.ID
	mobile string
}

// applicantAt returns the n-th invented person, with an order that the API has brought to a step.
func applicantAt(t *testing.T, n int, step filing.Step) applicant {
	t.Helper()
	return advance(t, scenario.Invented(n), step)
}

// advance logs an applicant in and brings an order of theirs to a step.
func advance(t *testing.T, a scenario.Application, step filing.Step) applicant {
	t.Helper()
	user, err := suite.Client.LoginApplicant(t.Context(), suite.Admin, a, suite.System.Clock.Now())
	if err != nil {
		t.Fatal(err)
	}
	id, err := a.AdvanceTo(t.Context(), user, suite.Reviewer, step)
	if err != nil {
		t.Fatal(fmt.Errorf("to %s: %w", step, err))
	}
	return applicant{user, a, id, strings.TrimPrefix(a.Login, "+86")}
}

// given returns an accepted paper.
func (a applicant) given(t *testing.T, slot evidence.Slot) (web.Given, bool) {
	t.Helper()
	var o web.Order
	if err := a.Call(t.Context(), "GET", "/orders/"+string(a.id), nil, &o); err != nil {
		t.Fatal(err)
	}
	given, has := o.Evidence[slot]
	return given, has
}

// at opens a page of the applicant's order.
func (v visitor) at(a applicant, page string) { v.Helper(); v.visit("/orders/" + string(a.id) + page) }

// photo writes a photo of a paper of a size in pixels and returns its path.
func photo(t *testing.T, name string, width, height int) string {
	t.Helper()
	paper, _, err := image.Decode(bytes.NewReader(scenario.SamplePicture("paper", 7)))
	if err != nil {
		t.Fatal(err)
	}
	noise := rand.New(rand.NewPCG(1, 2))
	large := image.NewRGBA(image.Rect(0, 0, width, height))
	bounds := paper.Bounds()
	for y := range height {
		for x := range width {
			large.Set(x, y, paper.At(x*bounds.Dx()/width, y*bounds.Dy()/height))
			large.Pix[y*large.Stride+4*x] ^= byte(noise.IntN(8)) // as a sensor in poor light
		}
	}
	var out bytes.Buffer
	if err := jpeg.Encode(&out, large, &jpeg.Options{Quality: 95}); err != nil {
		t.Fatal(err)
	}
	return file(t, name, out.Bytes())
}

func file(t *testing.T, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func (v visitor) upload(label, path string) {
	v.Helper()
	v.must(v.page.Upload(v.control(label), path))
}
func (v visitor) await(words string) { v.Helper(); v.must(v.page.Await(v.in(words))) }

// accessible checks the page with axe.
func (v visitor) accessible() {
	v.Helper()
	found, err := v.page.Violations(string(modules))
	if v.must(err); len(found) > 0 {
		v.Errorf("axe finds:\n%s", strings.Join(found, "\n"))
	}
}

const front, back = "/papers/subject-certificate-front", "/papers/subject-certificate-back"

// TestUpload: a person uploads the papers on the phone, and sees what the bureau receives of each.
func TestUpload(t *testing.T) {
	a := applicantAt(t, 9500, filing.CollectEvidence)
	v := newVisitor(t, browser.Phone)
	v.logIn(a.mobile)
	v.at(a, "/papers")
	v.shoot("list")
	v.press("上传下一份")
	v.sees("主体证件（正面）")
	v.shoot("paper")
	v.upload("选择照片", photo(t, "IMG_0001<img src=x onerror=alert(1)>.jpg", 4000, 3000))
	v.await("照片已缩小")
	v.shoot("picked")
	v.accessible()
	v.press("上传")
	v.sees("已收下", "管局收到的就是这一张")
	v.shoot("accepted")
	v.accessible()
	shown, err := browser.Evaluate[bool](v.page, `document.querySelector("figure img").decode().then(() => document.querySelector("figure img").naturalWidth > 300)`)
	if v.must(err); !shown {
		t.Error("the copy is not shown")
	}
	if given, has := a.given(t, "subject-certificate-front"); !has || given.Size > evidence.MaxOriginal {
		t.Errorf("accepted: %v, %d bytes", has, given.Size)
	}
	v.press("看得清，下一份")
	v.sees("主体证件（反面）")

	v.upload("选择照片", file(t, "letter.jpg", []byte("%PDF-1.4 not a photo")))
	v.await("打不开这张照片")
	v.shoot("not-a-photo")
	v.accessible()
	v.upload("选择照片", photo(t, "tiny.jpg", 200, 120))
	v.await("照片太小")
	v.sees("重拍一张", "仍然上传这张")
	v.shoot("advised")
	v.accessible()
	v.script(`document.querySelector("[data-send]").click()`)
	v.await("1 处需要处理")
	v.shoot("refused")
	focused, err := browser.Evaluate[bool](v.page, `document.activeElement.matches(".summary")`)
	if v.must(err); !focused {
		t.Error("the focus is not on what is wrong")
	}
	v.page.Visit(suite.System.PortalURL + "/orders/" + string(a.id) + "/papers?lang=en")
	v.shoot("list-en")
}

// act runs a script in the page.
func (v visitor) script(script string) {
	v.Helper()
	_, err := browser.Evaluate[any](v.page, "(() => {"+script+"; return null})()")
	v.must(err)
}

// TestUploadWithoutScript: the forms work where JavaScript is switched off.
func TestUploadWithoutScript(t *testing.T) {
	a := applicantAt(t, 9501, filing.CollectEvidence)
	v := newVisitor(t, browser.Phone)
	v.must(v.page.DisableScript())
	v.logIn(a.mobile)
	v.at(a, front)
	v.upload("选择照片", photo(t, "photo.jpg", 1200, 800))
	v.shoot("form")
	v.press("上传")
	v.sees("照片已上传。最后一步")
	v.shoot("arrived")
	v.press("检查这张照片")
	v.sees("已收下", "管局收到的就是这一张")
	v.at(a, back)
	v.upload("选择照片", file(t, "letter.jpg", []byte("%PDF-1.4 not a photo")))
	v.press("上传")
	v.press("检查这张照片")
	v.sees("1 处需要处理", "PDF")
	v.shoot("refused")
	v.upload("选择照片", file(t, "large.jpg", append([]byte("\xff\xd8\xff"), make([]byte, evidence.MaxUpload)...)))
	v.press("上传")
	v.press("检查这张照片")
	v.sees("1 处需要处理", "20 MB")
	if _, has := a.given(t, "subject-certificate-back"); has {
		t.Error("a PDF was accepted")
	}
}

// TestUploadOffline: an upload whose connection breaks off goes on when it is back.
func TestUploadOffline(t *testing.T) {
	a := applicantAt(t, 9502, filing.CollectEvidence)
	v := newVisitor(t, browser.Phone)
	v.logIn(a.mobile)
	v.at(a, front)
	v.upload("选择照片", photo(t, "photo.jpg", 1600, 1200))
	v.await("照片已")
	v.must(v.page.Connect(true, 20_000))
	v.script(`document.querySelector("[data-send]").click()`)
	v.await("正在上传")
	v.must(v.page.Connect(false, 0))
	v.await("网络断了")
	v.shoot("offline")
	v.accessible()
	v.must(v.page.Connect(true, 0))
	v.await("已收下")
	if _, has := a.given(t, "subject-certificate-front"); !has {
		t.Error("the upload did not arrive")
	}
}

// TestExplainPaper: who cannot get a paper that a bureau requires by its practice says why.
func TestExplainPaper(t *testing.T) {
	app := scenario.Invented(9503)
	app.Open["province"], app.Server.Placement = "32", "32"
	app.Details.Subject["division"] = "320102"
	a := advance(t, app, filing.CollectEvidence)
	v := newVisitor(t, browser.Phone)
	v.must(v.page.DisableScript())
	v.logIn(a.mobile)
	v.at(a, "/papers/residence-permit")
	v.script(`document.querySelector("details").open = true`)
	v.shoot("form")
	v.press("保存说明")
	v.sees("1 处需要处理")
	v.shoot("empty")
	v.fill("为什么没有这份资料？", "户籍已迁入南京，<b>身份证</b>住址就在本省。")
	v.press("保存说明")
	v.at(a, "/papers")
	v.sees("已说明原因")
	v.at(a, "/papers/residence-permit")
	text, err := browser.Evaluate[string](v.page, `document.querySelector("textarea").value`)
	if v.must(err); text != "户籍已迁入南京，<b>身份证</b>住址就在本省。" {
		t.Errorf("the explanation is %q", text)
	}
}

// TestReturnedPaper: a paper that a reviewer refuses says what is wrong with it, and is uploaded again.
func TestReturnedPaper(t *testing.T) {
	a := applicantAt(t, 9504, filing.InitialReview)
	for _, err := range []error{suite.Reviewer.Claim(t.Context(), a.id),
		suite.Reviewer.Review(t.Context(), a.id, "return", scenario.Remark{Pointer: "/evidence/sites~10~1verification-form", Message: map[string]string{"zh-CN": "签名看不清。", "en": "The signature is not legible."}})} {
		if err != nil {
			t.Fatal(err)
		}
	}
	v := newVisitor(t, browser.Phone)
	v.logIn(a.mobile)
	v.at(a, "")
	v.shoot("order")
	v.at(a, "/papers")
	v.sees("需要重传", "签名看不清。")
	v.shoot("list")
	v.press("上传下一份")
	v.sees("签名看不清。", "请按审核意见")
	v.shoot("paper")
	v.upload("选择照片", photo(t, "form.jpg", 1300, 900))
	v.await("照片已选好")
	v.press("上传")
	v.sees("已收下")
	v.shoot("accepted")
	v.at(a, "/papers")
	v.shoot("after")
	v.sees("需要的资料都已收下")
}
