package cards

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"beian/functions/portal"
	"beian/infra/local/browser"
)

// A Sample is a photograph with what the page should say about it before it is sent.
type Sample struct {
	Card
	Name  string
	Shape string // kind of paper for the judge: card, paper or picture
	Want  string // the fault, such as "blurred"; "" for a good photograph
}

// A Verdict is what the judge says of a photograph.
type Verdict struct {
	Faults       []string `json:"faults"`
	Milliseconds float64  `json:"milliseconds"`
}

// Samples returns photographs with and without faults. Those without are like those that package bench reads.
func Samples() []Sample {
	var all []Sample
	add := func(name string, n int, want string, change func(*Photo)) {
		c := Invented(n)
		c.Photo.Quarters = 0
		shape := "paper"
		if strings.HasPrefix(c.Paper, "resident-id") {
			shape = "card"
		}
		if change != nil {
			change(&c.Photo)
		}
		all = append(all, Sample{c, fmt.Sprintf("%s %d", name, n), shape, want})
	}
	for n := range 16 {
		add("readable", n, "", nil)
	}
	for n := range 4 {
		add("wood", n, "", func(p *Photo) { p.Grain, p.Table = .25, "#7a5c43" })
		add("cut at the left", n, "cut", func(p *Photo) { p.Across = -.17 })
		add("cut at the bottom", n+8, "cut", func(p *Photo) { p.Down = .2 })
		add("too near", n+16, "cut", func(p *Photo) { p.Zoom = 1.45 })
		add("on its side", n+24, "sideways", func(p *Photo) { p.Quarters = 1 + 2*(n%2) })
		add("blurred", n, "blurred", func(p *Photo) { p.Blur = float64(p.Width) / 2200 * 8 })
		add("glare", n+8, "glare", func(p *Photo) { p.Glare, p.Core, p.Shadow = 1, .6, 0 })
		add("small", n+16, "small", func(p *Photo) { p.Width = 640 })
		add("far", n+24, "far", func(p *Photo) { p.Zoom = .35 })
	}
	return all
}

// Judge draws a photograph and returns what the page says about it. The page shows one of the portal.
func Judge(page *browser.Page, s Sample) (Verdict, error) {
	address, err := portal.AssetAddress("judge.js")
	if err != nil {
		return Verdict{}, err
	}
	about, err := json.Marshal(s.Card)
	if err != nil {
		return Verdict{}, err
	}
	text, err := browser.Evaluate[string](page, `(async () => {
		const { judge } = await import("`+address+`");
		const bitmap = await createImageBitmap(await (`+strings.TrimSpace(drawing)+`)(`+string(about)+`));
		const began = performance.now();
		const faults = judge(bitmap, "`+s.Shape+`").map(f => f.fault);
		return JSON.stringify({faults, milliseconds: performance.now() - began});
	})()`)
	if err != nil {
		return Verdict{}, err
	}
	var v Verdict
	return v, json.Unmarshal([]byte(text), &v)
}

// A JudgeScore counts photographs.
type JudgeScore struct {
	Good, GoodPassed int // without a fault; of those, without advice
	Bad, BadNamed    int // with a fault; of those, with the right advice
	Slowest          time.Duration
	Wrong            []string
}

// JudgeAll judges samples.
func JudgeAll(page *browser.Page, samples []Sample) (JudgeScore, error) {
	var score JudgeScore
	for _, s := range samples {
		v, err := Judge(page, s)
		if err != nil {
			return score, fmt.Errorf("%s: %w", s.Name, err)
		}
		score.Slowest = max(score.Slowest, time.Duration(v.Milliseconds*float64(time.Millisecond)))
		right := s.Want == "" && len(v.Faults) == 0 || slices.Contains(v.Faults, s.Want)
		if s.Want == "" {
			score.Good++
		} else {
			score.Bad++
		}
		switch {
		case !right:
			score.Wrong = append(score.Wrong, fmt.Sprintf("%s (%s): %q", s.Name, s.Paper, v.Faults))
		case s.Want == "":
			score.GoodPassed++
		default:
			score.BadNamed++
		}
	}
	return score, nil
}
