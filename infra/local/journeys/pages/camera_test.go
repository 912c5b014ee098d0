package pages_test

import (
	"context"
	_ "embed"
	"testing"

	"beian/infra/local/browser"
	"beian/infra/local/cards"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/evidence"
)

// heicPhoto is a photo of an invented card, as iPhones store it.
//
//go:embed testdata/sample.heic
var heicPhoto []byte

// restart starts the system again, with or without the setting for uploads on a PC.
func restart(t *testing.T, pcUploads bool) {
	t.Helper()
	suite.Config.PCUploads = pcUploads
	if err := suite.System.Close(); err != nil {
		t.Fatal(err)
	}
	if err := suite.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
}

// photographed writes the photograph of a card with a fault and returns its path.
func (v visitor) photographed(n int, change func(*cards.Photo)) string {
	v.Helper()
	c := cards.Invented(n)
	c.Photo.Quarters = 0
	change(&c.Photo)
	picture, err := cards.Draw(v.page, c)
	v.must(err)
	return file(v.T, "photo.jpg", picture)
}

// TestPCUploads: where the provider permits it, papers are uploaded on a PC. Before a photo is sent, the page says what may be wrong with it; the person turns it,
// takes another, or sends it all the same. A HEIC photo, which Chromium cannot show, arrives as JPEG.
func TestPCUploads(t *testing.T) {
	restart(t, true)
	t.Cleanup(func() { restart(t, false) })
	app := scenario.Invented(9960)
	app.Details.Readings = []filing.Reading{{Pointer: "/subject/name", Text: "示列人", Confidence: .95}, {Pointer: "/subject/certificate/validity/to", Text: "2031-01-01", Confidence: .5}}
	a := advance(t, app, filing.CollectEvidence)
	v := newVisitor(t, browser.Desktop)
	v.logIn(a.mobile)
	v.at(a, "/papers")
	v.shoot("list")
	v.press("上传下一份")
	v.sees("与您填写的不一致", "照片上：示列人")
	v.shoot("paper")

	v.upload("选择照片", v.photographed(0, func(p *cards.Photo) { p.Across, p.Blur = -.17, 8 }))
	v.await("左边可能没拍全")
	v.sees("字可能是糊的", "换一张照片", "仍然上传这张", "本机自动看的")
	v.shoot("advice")
	v.accessible()

	v.upload("选择照片", v.photographed(0, func(p *cards.Photo) { p.Quarters = 3 }))
	v.await("照片可能是横着的")
	v.shoot("sideways")
	v.script(`const turn = document.querySelector("[data-turn]"); turn.focus(); turn.click()`)
	v.await("照片已转好")
	focus, err := v.page.Focus()
	if v.must(err); focus.Words != "向右转 90°" {
		t.Errorf("the focus is on %q", focus.Words)
	}
	v.shoot("turned")
	v.press("上传")
	v.sees("已收下")
	level, err := browser.Evaluate[bool](v.page, `document.querySelector("figure img").decode().then(() => document.querySelector("figure img").naturalWidth > document.querySelector("figure img").naturalHeight)`)
	if v.must(err); !level {
		t.Error("the bureau receives the photo on its side")
	}

	v.at(a, back)
	v.upload("选择照片", file(t, "IMG_0001.HEIC", heicPhoto))
	v.await("照片已缩小")
	v.sees("照片上：2031-01-01", "可能读错，请仔细核对")
	v.shoot("heic")
	v.accessible()
	v.press("上传")
	v.sees("已收下")
	if given, has := a.given(t, evidence.Slot("subject-certificate-back")); !has || given.ContentType != "image/jpeg" {
		t.Errorf("the HEIC photo: %+v", given)
	}

	v.must(v.page.Resize(320, 740))
	v.at(a, front+"?lang=en")
	v.upload("Choose the photo", v.photographed(8, func(p *cards.Photo) { p.Glare, p.Core = 1, .6 }))
	v.await("This photo may not do")
	v.sees("Switch off the flash", "Choose another photo", "Upload this one anyway")
	v.shoot("advice-en")
	v.must(v.page.Overflow())
	v.accessible()
	v.must(v.page.Resize(360, 740))
	v.at(a, "/check")
	v.shoot("check-en")
	v.at(a, "/check?lang=zh-CN")
	v.sees("证件照片上读到的是“示列人”", "证件照片上像是“2031-01-01”，可能读错了")
	v.shoot("check")
}
