package pages_test

import (
	"bytes"
	"image"
	"image/png"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"beian/infra/local/browser"
	"beian/shared/filing"
)

// TestHandOff: a PC hands the papers over to a phone, follows it, and goes on when they are complete (S2).
func TestHandOff(t *testing.T) {
	a := applicantAt(t, 9510, filing.CollectEvidence)
	pc := newVisitor(t, browser.Desktop)
	pc.logIn(a.mobile)
	pc.at(a, "/papers")
	pc.shoot("pc-list")
	pc.sees("资料在手机上拍照上传")
	pc.at(a, front)
	pc.sees("用手机上传资料")
	pc.shoot("pc-paper")
	pc.press("用手机上传资料")
	pc.sees("正在等手机", "只能用一次")
	pc.shoot("pc-code")
	code := pc.code()

	phone := newVisitor(t, browser.Phone)
	phone.visit("/phone")
	phone.shoot("phone-code")
	phone.fill("代码", strings.ToLower(code))
	phone.press("继续")
	phone.sees("在这部手机上上传资料", "invented-9510-example.com", "别人发来的链接")
	phone.shoot("phone-ask")
	phone.accessible()
	phone.press("在这部手机上继续")
	phone.sees("还差 3 份")
	phone.shoot("phone-papers")
	phone.accessible()
	pc.await("手机已连上")
	pc.shoot("pc-connected")
	pc.accessible()
	for range 3 {
		phone.press("上传下一份")
		phone.upload("选择照片", photo(t, "photo.jpg", 1200, 900))
		phone.await("照片已选好")
		phone.press("上传")
		phone.sees("已收下")
		phone.press("全部资料")
	}
	phone.sees("需要的资料都已收下", "请回到电脑上继续")
	phone.shoot("phone-complete")
	pc.await("需要的资料都已收下")
	pc.shoot("pc-complete")
	pc.press("在电脑上继续")
	pc.sees("需要的资料都已收下")

	phone.at(a, "/papers") // the PC took the step back
	phone.sees("手机上的这一步已经结束")
	phone.shoot("phone-ended")
	phone.accessible()
	phone.at(a, "/papers")
	phone.sees("手机号码或邮箱")
}

// code returns the code on the page of a PC.
func (v visitor) code() string {
	v.Helper()
	code, err := browser.Evaluate[string](v.page, `document.getElementById("code").textContent`)
	v.must(err)
	return code
}

// TestHandOffLimits: a code works once, for ten minutes, for one step of one order. The phone gets a session that cannot do anything else.
func TestHandOffLimits(t *testing.T) {
	a, other := applicantAt(t, 9511, filing.CollectEvidence), applicantAt(t, 9512, filing.CollectEvidence)
	pc := newVisitor(t, browser.Desktop)
	pc.logIn(a.mobile)
	offer := func() string {
		t.Helper()
		pc.at(a, "/papers")
		pc.press("用手机上传资料")
		return pc.code()
	}
	code := offer()
	phone := newVisitor(t, browser.Phone)
	phone.visit("/phone?code=" + strings.ReplaceAll(code, " ", "-"))
	before := phone.cookies("__Host-phone")
	phone.press("在这部手机上继续")
	phone.sees("还差 3 份")
	cookie := phone.cookies("__Host-phone")
	if len(before) > 0 || len(cookie) != 1 {
		t.Errorf("cookies %v, then %v", before, cookie)
	}
	for _, path := range []string{"", "/subject", "/product", "/check", "/contact", "/liveness", "/liveness/0", "/papers/phone", "/papers/phone/state"} {
		phone.at(a, path)
		phone.sees("这部手机只能做一步")
	}
	phone.shoot("only")
	phone.accessible()
	for _, path := range []string{"", "/papers", front} {
		phone.at(other, path)
		phone.sees("这部手机只能做一步")
	}
	phone.visit("/filings")
	phone.sees("手机号码或邮箱")

	thief := newVisitor(t, browser.Phone)
	thief.visit("/phone/" + strings.ReplaceAll(code, " ", ""))
	thief.sees("这个二维码已经用过了")
	thief.shoot("used")
	thief.visit("/phone/BCDFGHJK")
	thief.sees("没有这个代码")
	thief.visit("/phone/%3Cimg%20src=x%20onerror=alert(1)%3E")
	thief.sees("没有这个代码")
	second := offer()
	phone.at(a, "/papers")
	phone.sees("手机上的这一步已经结束")
	thief.visit("/phone/" + strings.ReplaceAll(code, " ", ""))
	thief.sees("这一步已经回到电脑上")

	// A cookie that somebody put into the phone before does not become the session.
	thief.setCookie("__Host-phone", cookie[0])
	thief.visit("/phone/" + strings.ReplaceAll(second, " ", ""))
	thief.press("在这部手机上继续")
	thief.sees("还差 3 份")
	if after := thief.cookies("__Host-phone"); len(after) != 1 || after[0] == cookie[0] {
		t.Errorf("the phone's session has the cookie from before: %v", after)
	}
	// The cookie of a phone is none of an account.
	pc.setCookie("__Host-session", thief.cookies("__Host-phone")[0])
	pc.visit("/filings")
	pc.sees("手机号码或邮箱")
}

func (v visitor) cookies(name string) []string {
	v.Helper()
	all, err := v.page.Cookies(name)
	v.must(err)
	return all
}

func (v visitor) setCookie(name, value string) {
	v.Helper()
	v.must(v.page.SetCookie(suite.System.PortalURL, name, value))
}

// TestHandOffEnds: who logs out on the PC takes back what was handed over; the phone can finish by itself.
func TestHandOffEnds(t *testing.T) {
	a := applicantAt(t, 9513, filing.VerifyAuthenticity)
	pc, phone := newVisitor(t, browser.Desktop), newVisitor(t, browser.Phone)
	pc.logIn(a.mobile)
	for _, end := range []func(){
		func() { pc.press("不用手机了，回到电脑"); pc.sees("真实性核验") },
		func() { phone.press("在手机上结束"); phone.sees("手机上已经结束") },
		func() { pc.press("退出") },
	} {
		pc.at(a, "/liveness")
		pc.press("用手机做真人核验")
		phone.visit("/phone/" + strings.ReplaceAll(pc.code(), " ", ""))
		phone.sees("在这部手机上做真人核验")
		phone.press("在这部手机上继续")
		phone.sees("真实性核验", "示例人")
		end()
		phone.at(a, "/liveness")
		if text, err := phone.page.Text(); err != nil || !strings.Contains(text, "已经结束") && !strings.Contains(text, "手机号码或邮箱") {
			t.Errorf("the phone goes on: %s %v", text, err)
		}
	}
}

// TestHandOffWithoutScript: without JavaScript, the PC shows the code, and the progress after a press. After ten minutes it offers a new code.
func TestHandOffWithoutScript(t *testing.T) {
	a := applicantAt(t, 9517, filing.CollectEvidence)
	pc, phone := newVisitor(t, browser.Desktop), newVisitor(t, browser.Phone)
	pc.must(pc.page.DisableScript())
	phone.must(phone.page.DisableScript())
	pc.logIn(a.mobile)
	pc.at(a, "/papers/phone")
	pc.sees("现在没有手机与本页相连")
	pc.press("生成新的二维码")
	phone.visit("/phone")
	phone.fill("代码", pc.code())
	phone.press("继续")
	phone.press("在这部手机上继续")
	phone.sees("还差 3 份")
	pc.press("刷新，看看手机上的进展")
	pc.sees("手机已连上")
	pc.press("不用手机了，回到电脑")
	pc.press("我正在用手机，请在这里继续")
	pc.at(a, front)
	pc.sees("选择照片")
}

// TestQRCode: the QR code on the page has the address of the phone's page, as a camera reads it.
func TestQRCode(t *testing.T) {
	a := applicantAt(t, 9514, filing.CollectEvidence)
	pc := newVisitor(t, browser.Desktop)
	pc.logIn(a.mobile)
	pc.at(a, "/papers")
	pc.press("用手机上传资料")
	shot, err := pc.page.Screenshot()
	pc.must(err)
	picture, err := png.Decode(bytes.NewReader(shot))
	pc.must(err)
	text, err := readQR(picture)
	pc.must(err)
	if want := suite.System.PortalURL + "/phone/" + strings.ReplaceAll(pc.code(), " ", ""); text != want {
		t.Errorf("the QR code says %q, want %q", text, want)
	}
}

// TestLiveness: the site's leader passes the check in front of the phone's camera.
func TestLiveness(t *testing.T) {
	a := applicantAt(t, 9515, filing.VerifyAuthenticity)
	v := newVisitor(t, browser.Phone)
	v.logIn(a.mobile)
	v.at(a, "/liveness")
	v.shoot("list")
	v.press("第 1 个网站的负责人")
	v.sees("演示环境", "本人做不了真人核验")
	v.shoot("before")
	v.script(`document.querySelector("[data-begin]").click()`)
	v.await("1/3 请")
	v.shoot("recording")
	v.accessible()
	v.must(v.page.Connect(false, 0))
	v.await("网络断了")
	v.shoot("offline")
	v.must(v.page.Connect(true, 0))
	v.await("真人核验都已通过")
	v.shoot("passed")
	if _, err := a.AwaitStep(t.Context(), a.id, filing.AwaitConfirmation); err != nil {
		t.Error(err)
	}
}

// TestLivenessRefused: a recording that does not pass says why, and can be made again. Without a camera, the page says what to do.
func TestLivenessRefused(t *testing.T) {
	a := applicantAt(t, 9516, filing.VerifyAuthenticity)
	v := newVisitor(t, browser.Phone)
	v.logIn(a.mobile)
	v.at(a, "/liveness/0")
	v.script(`MediaRecorder.prototype.start = function () { setTimeout(() => 0); }; MediaRecorder.prototype.stop = function () { this.dispatchEvent(new BlobEvent("dataavailable", {data: new Blob(["short"])})); this.dispatchEvent(new Event("stop")); };
		document.querySelector("[data-begin]").click()`)
	v.await("画面中没有人脸")
	v.shoot("refused")
	v.accessible()
	v.sees("没有通过也不要紧", "再试一次")
	v.script(`navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotFoundError")); document.querySelector("[data-begin]").click()`)
	v.await("这台设备没有摄像头")
	v.at(a, "/liveness/9")
	v.sees("没有这个页面")
}

// readQR reads the QR code in a picture.
func readQR(picture image.Image) (string, error) {
	bitmap, err := gozxing.NewBinaryBitmapFromImage(picture)
	if err != nil {
		return "", err
	}
	found, err := qrcode.NewQRCodeReader().Decode(bitmap, nil)
	if err != nil {
		return "", err
	}
	return found.GetText(), nil
}
