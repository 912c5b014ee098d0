package notify_test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"beian/shared/filing"
	"beian/shared/process/notify"
)

func TestRecipients(t *testing.T) {
	both := []notify.Recipient{
		{Medium: notify.SMS, Mobile: "13800000000"}, {Medium: notify.Email, Email: "applicant@example.cn"},
	}
	for _, kind := range filing.NoticeKinds {
		o := orderFor(kind, "zh-CN")
		want := both
		switch kind {
		case filing.NoticeSMSCode:
			want = []notify.Recipient{{Medium: notify.SMS, Mobile: "13800000001"}}
		case filing.NoticeSMSReminder:
			want = []notify.Recipient{{Medium: notify.SMS, Mobile: "13800000001"}, both[1]}
		case filing.NoticeContactCode:
			want = both[1:]
		case filing.NoticeContactChanged:
			want = []notify.Recipient{{Medium: notify.SMS, Mobile: "13800000009"}, {Medium: notify.Email, Email: "former@example.cn"}}
		default:
			o.Private.Contact.Mobile = "13900000000" // not verified
		}
		if notify.EmailFirst(o, filing.Notice{Kind: kind}) {
			want = []notify.Recipient{both[1], {Medium: notify.SMS, Mobile: both[0].Mobile, Instead: true}}
		}
		if got := notify.Recipients(o, filing.Notice{Kind: kind, Channel: filing.ChannelEmail}); !slices.Equal(got, want) {
			t.Errorf("%s: %d recipients, or wrong ones", kind, len(got))
		}
		o.Private = filing.Private{}
		if got := notify.Recipients(o, filing.Notice{Kind: kind}); len(got) != 0 {
			t.Errorf("%s: %d recipients of an order whose personal data are erased", kind, len(got))
		}
	}
	second := notify.Recipients(orderFor(filing.NoticeSMSCode, "en"), filing.Notice{Kind: filing.NoticeSMSCode, Code: 1})
	if len(second) != 1 || second[0].Mobile != "13800000002" {
		t.Error("the second code does not go to the second leader")
	}
	reminded := orderFor(filing.NoticeSMSReminder, "en")
	if got := notify.Recipients(reminded, filing.Notice{Kind: filing.NoticeSMSReminder, Code: 1}); len(got) != 1 || got[0].Mobile != "13800000002" {
		t.Error("the second reminder does not go to the second leader alone")
	}
	reminded.SMS.Codes[0].VerifiedAt = noon
	if got := notify.Recipients(reminded, filing.Notice{Kind: filing.NoticeSMSReminder, Code: 1}); len(got) != 2 {
		t.Error("after the first leader's answer, the applicant gets no email")
	}
	if text := fmt.Sprintf("%v %+v %#v", second, both, both); strings.Contains(text, "1380") || strings.Contains(text, "applicant") {
		t.Error("a printed recipient shows the address")
	}
}

func TestLanguagesHaveTheSameTemplates(t *testing.T) {
	want := []string{"common"}
	for _, kind := range filing.NoticeKinds {
		want = append(want, string(kind))
	}
	slices.Sort(want)
	parts := map[string]map[string][]string{}
	for _, language := range languages {
		parts[language] = map[string][]string{}
		var names []string
		paths, err := fs.Glob(os.DirFS("templates/"+language), "*.txt")
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range paths {
			name := strings.TrimSuffix(path, ".txt")
			names = append(names, name)
			parts[language][name] = definedTemplates(t, filepath.Join("templates", language, path))
		}
		if !slices.Equal(names, want) {
			t.Errorf("%s has templates %v, want %v", language, names, want)
		}
	}
	definedTemplates(t, "templates/layout.html")
	for name, got := range parts["en"] {
		if !slices.Equal(got, parts["zh-CN"][name]) {
			t.Errorf("%s defines %v in English and %v in Chinese", name, got, parts["zh-CN"][name])
		}
	}
}

func definedTemplates(t *testing.T, path string) []string {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	trees, err := parse.Parse("outside", string(text), "", "")
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	var names []string
	for name, tree := range trees {
		names = append(names, name)
		checkSupported(t, tree.Root)
	}
	slices.Sort(names)
	return names
}

// checkSupported checks that all nodes of a template are supported, including branches that no other test executes.
func checkSupported(t *testing.T, node parse.Node) {
	branch := func(n parse.BranchNode) {
		checkSupported(t, n.Pipe)
		checkSupported(t, n.List)
		if n.ElseList != nil {
			checkSupported(t, n.ElseList)
		}
	}
	switch n := node.(type) {
	case *parse.ListNode:
		for _, one := range n.Nodes {
			checkSupported(t, one)
		}
	case *parse.TextNode:
	case *parse.ActionNode:
		checkSupported(t, n.Pipe)
	case *parse.IfNode:
		branch(n.BranchNode)
	case *parse.RangeNode:
		branch(n.BranchNode)
	case *parse.TemplateNode:
		checkSupported(t, n.Pipe)
	case *parse.PipeNode:
		if text := n.String(); !regexp.MustCompile(`^\.(\w+(\.\w+)*)?$`).MatchString(text) {
			t.Errorf("{{%s}} is neither the dot nor a field", text)
		}
	default:
		t.Errorf("%s is not supported", node)
	}
}
