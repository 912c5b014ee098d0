package attacks_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"beian/infra/local/scenario"
	"beian/infra/local/system"
	"beian/shared/bureau/simulator"
	"beian/shared/filing"
	"beian/shared/rules/gbk"
	"beian/shared/rules/sitename"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// TestStoredBytes: whoever reads the tables, the buckets, the workflow's history or the disk finds nothing in clear that somebody entered
// about a filing. A filing goes through all its steps, with a return by the reviewer and a refusal by the bureau. The values that were entered
// are then searched in every attribute of every row, and in every file of the data folder.
//
// In clear are, as they must be: the domains, the province and the server, by which orders are found. Two folders belong to others: the
// messages as phones and mailboxes received them, and the records of the simulated bureau.
func TestStoredBytes(t *testing.T) {
	app := scenario.Invented(485).WithExplainedName()
	picture := scenario.SamplePicture("a paper of TestStoredBytes", 485)
	subject, site := app.Details.Subject, app.Details.Sites[0]
	subject["remark"], subject["address"] = "主体备注示例印记", "东城区示例印记胡同85号"
	site["remark"], site["homeUrl"] = "网站备注示例印记", "http://"+site["domains"].([]string)[0]+"/secret-mark-home"
	app.Details.Explanations[0].Text = "说明印记：作品名就是 2046。"
	typed := append(textsIn(t, app.Open), textsIn(t, app.Contact)...)
	typed = append(typed, textsIn(t, app.Details)...)

	const reason, override, courier, tracking, opinion, reply = "审核印记：请把备注写得更具体", "改判印记：作品已出版", "印记快递公司", "SFMARK12345678901",
		"管局印记意见：请核实", "印记回复"
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	applicant, err := client.LoginApplicant(ctx, admin, app, sys.Clock.Now())
	must(err)
	must(sys.Bureau.Apply(simulator.Scenario{Rules: []simulator.Rule{{
		Match: simulator.Match{Domain: site["domains"].([]string)[0]}, Times: 1,
		Then: simulator.Action{Decision: simulator.Refuse, Codes: []int64{1002}, Opinion: opinion},
	}}}))
	id, err := app.AdvanceTo(ctx, applicant, reviewer, filing.CollectEvidence)
	must(err)
	must(applicant.UploadMissing(ctx, id, picture))
	must(applicant.PassLiveness(ctx, id, 0))
	must(applicant.Confirm(ctx, id))
	must(reviewer.Claim(ctx, id))
	must(reviewer.Review(ctx, id, "return", scenario.Remark{Pointer: "/sites/0/remark", Message: map[string]string{"zh-CN": reason, "en": "Mark of the reviewer"}}))
	advance := func() {
		t.Helper()
		must(applicant.EnterDetails(ctx, id, app.Details))
		must(applicant.UploadMissing(ctx, id, picture))
		must(applicant.Confirm(ctx, id))
		must(reviewer.Claim(ctx, id))
		must(reviewer.Call(ctx, "POST", "/orders/"+string(id)+"/review", map[string]any{
			"verdict": "pass", "documents": []string{"sites/0/verification-form"},
			"overrides": []filing.OverrideRequest{{Code: sitename.OnlyDigits, Pointer: "/sites/0/name", Reason: override}},
		}, nil))
		must(applicant.MailOriginals(ctx, id, courier, tracking))
		must(reviewer.ConfirmOriginals(ctx, id))
	}
	_, err = applicant.AwaitStep(ctx, id, filing.CollectDetails)
	must(err)
	advance()
	mobile := scenario.LeaderMobiles(app.Details)[0]
	_, err = applicant.AwaitStep(ctx, id, filing.VerifySMS)
	must(err)
	if err := client.ReplySMS(ctx, "mark-485", mobile, reply); !errors.Is(err, scenario.ErrReplyIgnored) {
		t.Errorf("a reply without code: %v", err)
	}
	answerSMS(t, applicant, app, id)
	refused, err := applicant.AwaitStep(ctx, id, filing.Done)
	must(err)
	if refused.Status != filing.BureauRejected {
		t.Fatalf("the bureau did not refuse: %s", refused.Status)
	}

	typed = append(typed, reason, "Mark of the reviewer", override, courier, tracking, opinion, reply)
	needles := map[string][][]byte{}
	for _, text := range typed {
		needles[text] = formsOf(t, text)
	}
	needles["paper.jpg"] = formsOf(t, "paper.jpg") // the name of the file that is uploaded
	needles["the picture"] = [][]byte{picture[len(picture)/2 : len(picture)/2+32]}
	if len(needles) < 20 {
		t.Fatalf("only %d values are searched", len(needles))
	}
	domain, found := formsOf(t, site["domains"].([]string)[0]), map[string]bool{}
	for place, stored := range storedBytes(t) {
		if slices.ContainsFunc(domain, func(form []byte) bool { return bytes.Contains(stored, form) }) {
			kind, _, _ := strings.Cut(place, ",")
			found[kind] = true
		}
		for text, forms := range needles {
			if slices.ContainsFunc(forms, func(form []byte) bool { return bytes.Contains(stored, form) }) {
				t.Errorf("%s has %q in clear", place, text)
			}
		}
	}
	if !found["table "+system.Table] || !found["file filings.db"] && !found["file filings.db-wal"] {
		t.Errorf("the search does not find the domain, which is stored in clear: it was found in %v", found)
	}
}

// textsIn returns the texts of a value that identify somebody or were typed freely: not codes, dates and domains.
func textsIn(t *testing.T, value any) []string {
	t.Helper()
	doc, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var decoded any
	if err := json.Unmarshal(doc, &decoded); err != nil {
		t.Fatal(err)
	}
	var texts []string
	var walk func(key string, value any)
	walk = func(key string, value any) {
		switch v := value.(type) {
		case map[string]any:
			for name, one := range v {
				walk(name, one)
			}
		case []any:
			for _, one := range v {
				walk(key, one)
			}
		case string:
			if !slices.Contains([]string{"domains", "province", "division", "from", "to", "code", "pointer"}, key) && utf8.RuneCountInString(v) > 2 {
				texts = append(texts, v)
			}
		}
	}
	walk("", decoded)
	slices.Sort(texts)
	return slices.Compact(texts)
}

// formsOf returns the bytes of a text in the forms in which it can be stored: UTF-8, GBK, JSON in ASCII, and base64 of UTF-8 at each of
// three positions. A text of four digits, such as 2046, is looked for only in quotation marks.
func formsOf(t *testing.T, text string) [][]byte {
	t.Helper()
	if len(text) <= 4 {
		return [][]byte{[]byte(`"` + text + `"`)}
	}
	inGBK, err := gbk.GB18030.Append(nil, text)
	if err != nil {
		t.Fatal(err)
	}
	escaped := ""
	for _, r := range text {
		escaped += fmt.Sprintf("\\u%04x", r)
	}
	forms := [][]byte{[]byte(text), inGBK, []byte(escaped)}
	for shift := range 3 {
		inner := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + text))
		forms = append(forms, []byte(inner[(shift*8+5)/6:(shift+len(text))*8/6]))
	}
	return forms
}

// storedBytes returns all that is stored, by place: the rows of both tables, the objects' metadata, the files of the data folder, and the log.
func storedBytes(t *testing.T) map[string][]byte {
	t.Helper()
	all := map[string][]byte{"the log": []byte(log.String())}
	client := dynamodb.NewFromConfig(sys.Parts.AWS)
	for _, table := range []string{system.Table, system.KeysTable} {
		pages := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: aws.String(table)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, row := range page.Items {
				place := fmt.Sprintf("table %s, row %s %s", table, attributeBytes(row["pk"]), attributeBytes(row["sk"]))
				all[place] = attributeBytes(&types.AttributeValueMemberM{Value: row})
			}
		}
	}
	rows := len(all)
	objects := s3.NewFromConfig(sys.Parts.AWS, func(o *s3.Options) { o.UsePathStyle = true })
	for _, bucket := range []string{system.Bucket, system.Uploads} {
		pages := s3.NewListObjectsV2Paginator(objects, &s3.ListObjectsV2Input{Bucket: aws.String(bucket)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, one := range page.Contents {
				head, err := objects.HeadObject(t.Context(), &s3.HeadObjectInput{Bucket: aws.String(bucket), Key: one.Key})
				if err != nil {
					t.Fatal(err)
				}
				all["metadata of "+bucket+"/"+*one.Key] = fmt.Append(nil, head.Metadata, aws.ToString(head.ContentType), aws.ToString(head.ContentDisposition))
			}
		}
	}
	if err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		place, _ := filepath.Rel(folder, path)
		switch {
		case err != nil:
			return err
		case entry.IsDir() && (place == "messages" || place == "bureau"):
			return filepath.SkipDir
		case entry.IsDir():
			return nil
		}
		content, err := os.ReadFile(path)
		if os.IsNotExist(err) { // a temporary file
			return nil
		}
		all["file "+place] = append([]byte(place+"\n"), content...)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if rows < 20 || len(all) < rows+10 {
		t.Fatalf("%d rows and %d files", rows, len(all)-rows)
	}
	return all
}

// attributeBytes returns the names and values in an attribute, binary values as their bytes.
func attributeBytes(value types.AttributeValue) []byte {
	var out []byte
	switch v := value.(type) {
	case *types.AttributeValueMemberS:
		out = append(out, v.Value...)
	case *types.AttributeValueMemberN:
		out = append(out, v.Value...)
	case *types.AttributeValueMemberB:
		out = append(out, v.Value...)
	case *types.AttributeValueMemberSS:
		out = append(out, strings.Join(v.Value, "\n")...)
	case *types.AttributeValueMemberL:
		for _, one := range v.Value {
			out = append(append(out, attributeBytes(one)...), '\n')
		}
	case *types.AttributeValueMemberM:
		for name, one := range v.Value {
			out = append(append(append(append(out, name...), ' '), attributeBytes(one)...), '\n')
		}
	}
	return out
}
