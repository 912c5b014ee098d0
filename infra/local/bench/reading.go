package bench

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"beian/infra/local/browser"
	"beian/infra/local/cards"
	"beian/infra/local/dynamodb"
	"beian/infra/local/models"
)

// Aims of reading certificates, and of judging photographs, in the browser.
const (
	readFieldsAim = .98
	readBytesAim  = 9_000_000
	judgedAim     = .9
)

// measureReading prints how much of invented certificates a browser reads, with the models as the portal serves them and with the original weights.
func (b *Bench) measureReading(context.Context) error {
	modules, err := dynamodb.FindModules(".")
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\nCertificates read in Chromium: %d photographs   fields right   numbers checked   unsure, wrong unnoticed   s, p50\n", cards.Set)
	for _, weights := range []models.Weights{models.Reduced, models.Original} {
		folder := filepath.Join(b.folder, "models", string(weights))
		if err := models.Build(string(modules), folder, weights); err != nil {
			return err
		}
		unknown, err := unknownFields(folder)
		if err != nil {
			return err
		}
		score, took, err := readCards(folder)
		if err != nil {
			return fmt.Errorf("weights %s: %w", weights, err)
		}
		files, err := models.Read(folder)
		if err != nil {
			return err
		}
		size := models.Compressed(files, "")
		share := float64(score.Right) / float64(score.Fields)
		aim := ""
		if weights == models.Reduced {
			aim = compareWithAim(share >= readFieldsAim && score.WronglyPassed == 0 && size < readBytesAim, "aim: 98 %, no wrong number, under 9 MB")
		}
		fmt.Fprintf(b.out, "  %-8s weights, %4.1f MB %16d/%d = %.1f %% %7d, %d wrong %8d, %d %17.1f   %s\n", weights, float64(size)/1e6, score.Right, score.Fields, 100*share,
			score.Checked, score.WronglyPassed, score.Unsure, score.Unnoticed, took.Seconds(), aim)
		fmt.Fprintf(b.out, "    %d of the fields have characters that the models do not know\n", unknown)
		for _, wrong := range score.Wrong {
			fmt.Fprintf(b.out, "    %s\n", wrong)
		}
	}
	return nil
}

// measureJudge prints how many photographs with and without faults the papers page judges rightly before they are sent.
func (b *Bench) measureJudge(context.Context) error {
	server := cards.Serve(os.DirFS(b.folder))
	defer server.Close()
	chromium, err := browser.Start()
	if err != nil {
		return err
	}
	defer chromium.Close()
	page, err := chromium.NewPage(browser.Phone)
	if err != nil {
		return err
	}
	if err := page.Visit(server.URL); err != nil {
		return err
	}
	score, err := cards.JudgeAll(page, cards.Samples())
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "\nPhotographs judged before the upload, in Chromium: %d of %d good ones without advice, %d of %d with a fault get the right advice, at most %d ms   %s\n",
		score.GoodPassed, score.Good, score.BadNamed, score.Bad, score.Slowest.Milliseconds(),
		compareWithAim(score.GoodPassed == score.Good && float64(score.BadNamed) >= judgedAim*float64(score.Bad), "aim: all good ones, 90 % of the others"))
	for _, wrong := range score.Wrong {
		fmt.Fprintf(b.out, "    %s\n", wrong)
	}
	return nil
}

// unknownFields returns the number of fields in the set with a character that is not in the dictionary of the models in a folder.
func unknownFields(folder string) (n int, err error) {
	f, err := os.Open(filepath.Join(folder, "characters.txt.gz"))
	if err != nil {
		return 0, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return 0, err
	}
	known, err := io.ReadAll(z)
	if err != nil {
		return 0, err
	}
	for i := range cards.Set {
		for _, want := range cards.Invented(i).Want {
			if strings.ContainsFunc(want, func(c rune) bool { return c != ' ' && !strings.ContainsRune(string(known), c) }) {
				n++
			}
		}
	}
	return n, nil
}

// readCards reads the whole set with the models in a folder. It returns the median duration of a reading, too.
func readCards(folder string) (cards.Score, time.Duration, error) {
	var all cards.Score
	server := cards.Serve(os.DirFS(folder))
	defer server.Close()
	chromium, err := browser.Start()
	if err != nil {
		return all, 0, err
	}
	defer chromium.Close()
	page, err := chromium.NewPage(browser.Phone)
	if err != nil {
		return all, 0, err
	}
	if err := page.Visit(server.URL); err != nil {
		return all, 0, err
	}
	reader, err := cards.Open(page)
	if err != nil {
		return all, 0, err
	}
	var took []time.Duration
	for n := range cards.Set {
		card := cards.Invented(n)
		read, err := reader.Read(card)
		if err != nil {
			return all, 0, fmt.Errorf("card %d: %w", n, err)
		}
		score := card.Score(read)
		all.Add(score)
		took = append(took, score.Took)
	}
	slices.Sort(took)
	return all, took[len(took)/2], nil
}
