package cards

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"beian/infra/local/browser"
)

// A Reading is what a browser read on a photograph.
type Reading struct {
	Fields []struct {
		Name       string  `json:"name"`
		Text       string  `json:"text"`
		Confidence float64 `json:"confidence"`
		Check      string  `json:"check"` // passed, failed or ""
	} `json:"fields"`
	Lines        []string `json:"lines"`
	Milliseconds int      `json:"milliseconds"`
	Bytes        int      `json:"bytes"` // of the photograph
	Error        string   `json:"error"`
}

// sure is the confidence from which the page does not ask the person to look closely; see functions/portal/assets/recognition.js.
const sure = .9

// A Score counts fields.
type Score struct {
	Fields, Right int
	// Checked are the numbers whose check digit passed; WronglyPassed are those among them that are wrong.
	Checked, WronglyPassed int
	// Unsure are the fields that the page asks the person to look at closely; Unnoticed are the wrong ones among the others.
	Unsure, Unnoticed int
	Took              time.Duration
	Wrong             []string // the fields that differ; the people are invented
}

// Add adds another score.
func (s *Score) Add(o Score) {
	s.Fields += o.Fields
	s.Right += o.Right
	s.Checked += o.Checked
	s.WronglyPassed += o.WronglyPassed
	s.Unsure += o.Unsure
	s.Unnoticed += o.Unnoticed
	s.Took += o.Took
	s.Wrong = append(s.Wrong, o.Wrong...)
}

// Score compares a reading with the card.
func (c Card) Score(r Reading) Score {
	s := Score{Fields: len(c.Want), Took: time.Duration(r.Milliseconds) * time.Millisecond}
	got := map[string]string{}
	for _, f := range r.Fields {
		if _, asked := c.Want[f.Name]; !asked {
			continue
		}
		got[f.Name] = f.Text
		switch {
		case f.Check == "failed" || f.Check == "" && f.Confidence < sure:
			s.Unsure++
		case f.Text != c.Want[f.Name]:
			s.Unnoticed++
		}
		if f.Check == "passed" {
			s.Checked++
			if f.Text != c.Want[f.Name] {
				s.WronglyPassed++
			}
		}
	}
	for name, want := range c.Want {
		if got[name] == want {
			s.Right++
		} else {
			s.Wrong = append(s.Wrong, fmt.Sprintf("%s %s: %q, want %q", c.Paper, name, got[name], want))
		}
	}
	return s
}

// patience is how long a reading may take on a busy machine.
const patience = 3 * time.Minute

// A Reader reads photographs in a browser with the modules of the portal.
type Reader struct {
	page *browser.Page
}

// Open loads the models in a page, which shows one of the portal.
func Open(page *browser.Page) (Reader, error) {
	failed, err := browser.EvaluateFor[string](page, patience, `(async () => {
		const about = await (await fetch("/recognition")).json();
		window.reader = new Worker(about.worker, {type: "module"});
		window.ask = message => new Promise((done, fail) => {
			reader.onmessage = ({data}) => { if (data.ready || data.fields || data.error) done(data); };
			reader.onerror = e => done({error: e.message || "the worker did not start"});
			reader.postMessage(message);
		});
		return (await ask({load: about.files})).error || "";
	})()`)
	if err == nil && failed != "" {
		err = fmt.Errorf("the reader did not start: %s", failed)
	}
	return Reader{page}, err
}

// Read draws the photograph of a card and reads it.
func (r Reader) Read(c Card) (Reading, error) {
	about, err := json.Marshal(c)
	if err != nil {
		return Reading{}, err
	}
	text, err := browser.EvaluateFor[string](r.page, patience, `(async () => {
		const about = `+string(about)+`;
		window.photo = await (`+strings.TrimSpace(drawing)+`)(about);
		return JSON.stringify({...await ask({read: photo, paper: about.paper}), bytes: photo.size});
	})()`)
	if err != nil {
		return Reading{}, err
	}
	var out Reading
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		return Reading{}, err
	}
	if out.Error != "" {
		return out, fmt.Errorf("%s was not read: %s", c.Paper, out.Error)
	}
	return out, nil
}

// Draw returns the photograph of a card as a JPEG. It draws on a page of the portal.
func Draw(page *browser.Page, c Card) ([]byte, error) {
	about, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	text, err := browser.Evaluate[string](page, `(async () => {
		const photo = await (`+strings.TrimSpace(drawing)+`)(`+string(about)+`);
		return new Uint8Array(await photo.arrayBuffer()).toBase64();
	})()`)
	if err != nil {
		return nil, err
	}
	return base64.StdEncoding.DecodeString(text)
}
