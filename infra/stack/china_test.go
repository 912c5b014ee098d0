package stack_test

import (
	"encoding/json"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/regioninfo"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"beian/infra/stack"
)

// TestTagsInChina: resources that have no tags there get none, others do.
func TestTagsInChina(t *testing.T) {
	for environment, tagged := range map[string]bool{"china": false, "default": true} {
		document := readTemplate(t, environment+"-system")
		for _, kind := range []string{"AWS::Lambda::EventSourceMapping", "AWS::CloudWatch::Dashboard"} {
			for id, r := range document.resourcesOf(kind) {
				if (r.Properties["Tags"] != nil) != tagged {
					t.Errorf("%s has the tags %v", id, r.Properties["Tags"])
				}
			}
		}
		for id, r := range document.resourcesOf("AWS::Lambda::Function") {
			if r.Properties["Tags"] == nil {
				t.Errorf("%s has no tags", id)
			}
		}
	}
}

// regionsOfChina are the Regions of the partition aws-cn.
var regionsOfChina = []string{"cn-north-1", "cn-northwest-1"}

// TestServicesInChina: deploy.md lists each type of resource that is deployed in China, with the page of its service, and no other. TestLint asks
// the registry of CloudFormation whether both Regions have the types.
func TestServicesInChina(t *testing.T) {
	doc, err := os.ReadFile("../../.github/docs/deploy.md")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for _, row := range regexp.MustCompile(`(?m)^\| [^|]+ \| (\x60.*::.*) \| (.*) \|$`).FindAllStringSubmatch(string(doc), -1) {
		if !strings.Contains(row[2], "](https://docs.amazonaws.cn/") {
			t.Errorf("%s has no page of the provider", row[1])
		}
		for _, kind := range strings.Split(row[1], ", ") {
			listed["AWS::"+strings.Trim(kind, "`")] = true
		}
	}
	used := map[string]bool{}
	for _, name := range []string{"china-records", "china-system"} {
		for _, r := range readTemplate(t, name).Resources {
			used[r.Type] = true
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(listed))); diff != "" {
		t.Errorf("types of the template (-) and of deploy.md (+):\n%s", diff)
	}
}

// TestPartitionOfChina: what the CDK knows of the Regions is what the settings and this test assume.
func TestPartitionOfChina(t *testing.T) {
	for _, name := range regionsOfChina {
		region := regioninfo.RegionInfo_Get(jsii.String(name))
		if *region.Partition() != "aws-cn" || *region.DomainSuffix() != "amazonaws.com.cn" {
			t.Errorf("%s is in %s with %s", name, *region.Partition(), *region.DomainSuffix())
		}
	}
	for _, one := range *regioninfo.RegionInfo_Regions() {
		if strings.HasPrefix(*one.Name(), "cn-") != slices.Contains(regionsOfChina, *one.Name()) {
			t.Errorf("%s is not known as a Region of China", *one.Name())
		}
	}
}

var (
	regionElsewhere = regexp.MustCompile(`\b(us|us-gov|eu|ap|sa|ca|af|me|il|mx)-(north|south|east|west|central)[a-z]*-[0-9]\b`)
	// principal matches the name of a service of AWS in policies, which is the same in all partitions.
	principal = regexp.MustCompile(`^[a-z][a-z0-9.-]*\.amazonaws\.com$`)
	webHost   = regexp.MustCompile(`(?:https?|smtps?)://[^\s"]+`)
)

// TestDataStayInChina: no resource is in another Region, no ARN in another partition, and no host is named but those of the settings, which the operator chooses in China. Nothing is looked
// up in public directories, whose servers are abroad.
func TestDataStayInChina(t *testing.T) {
	for name, one := range manifest(t) {
		if strings.HasPrefix(name, "beian-china-") && one.Environment != "aws://unknown-account/cn-north-1" {
			t.Errorf("%s is in %s", name, one.Environment)
		}
	}
	s, err := stack.Load(environments, "china")
	if err != nil {
		t.Fatal(err)
	}
	chosen := map[string]bool{s.Mail.SMTP.Host: true}
	for _, text := range []string{s.Portal, s.Staff, s.Identity.Issuer, s.SMS.Endpoint, s.Bureau.UpDownLoad, s.Bureau.Status, s.Bureau.VerifyPassword} {
		chosen[hostOf(t, text)] = true
	}
	for _, name := range []string{"china-records", "china-system"} {
		checkStrings(t, name, readTemplate(t, name).Resources, func(path, text string) {
			switch {
			case regionElsewhere.MatchString(text):
				t.Errorf("%s names a Region elsewhere: %s", path, text)
			case strings.Contains(text, "arn:aws"), regexp.MustCompile(`arn:[^$"]`).MatchString(text):
				t.Errorf("%s has an ARN with a partition: %s", path, text)
			case strings.Contains(text, "amazonaws.com") && !principal.MatchString(text), strings.Contains(text, "amazoncognito"):
				t.Errorf("%s has an endpoint without the partition's suffix: %s", path, text)
			case strings.HasPrefix(text, "ses:"), text == "sns:Publish" && strings.Contains(path, "NotResource"):
				t.Errorf("%s is about a service that is missing: %s", path, text)
			}
			for _, link := range webHost.FindAllString(text, -1) {
				if !chosen[hostOf(t, link)] {
					t.Errorf("%s names %s, which is not in the settings", path, link)
				}
			}
		})
	}
	for id, r := range readTemplate(t, "china-system").resourcesOf("AWS::Lambda::Function") {
		variables, _ := r.property("Environment.Variables").(map[string]any)
		if variables["ISSUER_URL"] != nil && variables["ISSUER_URL"] != s.Identity.Issuer {
			t.Errorf("%s trusts %v", id, variables["ISSUER_URL"])
		}
	}
	_, verify := readTemplate(t, "china-system").function(t, "china", "verifytype")
	if got := verify.property("Environment.Variables.DOMAIN_LOOKUPS"); got != "off" {
		t.Errorf("domains are looked up: %v", got)
	}
}

func hostOf(t *testing.T, text string) string {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u.Hostname()
}

// checkStrings calls check for each text in a value of a template, with its JSON pointer.
func checkStrings(t *testing.T, name string, value any, check func(path, text string)) {
	t.Helper()
	doc, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	var plain any
	if err := json.Unmarshal(doc, &plain); err != nil {
		t.Fatal(err)
	}
	var walk func(path string, value any)
	walk = func(path string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, one := range value {
				walk(path+"/"+key, one)
			}
		case []any:
			for _, one := range value {
				walk(path, one)
			}
		case string:
			check(path, value)
		}
	}
	walk(name, plain)
}

// TestNoPartitionInTheSource: the functions and the stack take partition and endpoints from AWS, and link to no console.
func TestNoPartitionInTheSource(t *testing.T) {
	inText := regexp.MustCompile(`arn:aws[:-]|console\.aws|amazoncognito|[^"\s]*amazonaws\.com[^"\s]*`)
	known := []string{"amazoncognito", ".amazonaws.com"} // package stack: the log-in pages of Cognito, which no Region of China has, and the endings of addresses that are refused there
	for _, folder := range []string{"../../functions", "../../shared", "."} {
		err := filepath.WalkDir(folder, func(path string, entry os.DirEntry, err error) error {
			if err != nil || entry.IsDir() || strings.HasSuffix(path, "_test.go") || strings.Contains(path, "testdata") {
				return err
			}
			text, err := os.ReadFile(path)
			for _, found := range inText.FindAllString(string(text), -1) {
				if !principal.MatchString(found) && !slices.Contains(known, found) {
					t.Errorf("%s has %s", path, found)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}
