package simulator_test

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"beian/shared/bureau"
	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
)

// TestStockClient lets a client of another project, npm's soap, work from the WSDL alone.
func TestStockClient(t *testing.T) {
	modules, err := filepath.Abs("../../../infra/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(modules, "soap")); err != nil {
		t.Fatalf("the npm package soap is not installed; run: npm ci --prefix infra (%v)", err)
	}
	h := newHarness(t, func(c *simulator.Config) { c.ReviewDelay = 0 })
	h.applyScenario(filedScenario)
	upload := document.NewUpload(providerID)
	upload.ICP.New = []document.NewFiling{companyFiling()}
	content, err := upload.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	a := account()
	command := exec.CommandContext(t.Context(), "node", "testdata/stock-client.cjs")
	command.Env = append(os.Environ(), "NODE_PATH="+modules, "BUREAU="+h.server.URL, "DOCUMENT="+base64.StdEncoding.EncodeToString(content),
		"DOMAIN=example.com", "NUMBER=浙ICP备12345678号", "FILING_PASSWORD=Beian@2016",
		"ISP_ID=990000000001", "USER_NAME="+a.User, "PASSWORD="+a.Password, "KEY="+a.Key, "IV="+a.IV)
	var complaint strings.Builder
	command.Stderr = &complaint
	output, err := command.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, complaint.String())
	}
	var got struct {
		Services                                                 []map[string]map[string]map[string]struct{ Input, Output map[string]any }
		Files                                                    []string
		Upload, Previous, Acknowledged, Filed, Password, Refused string
		Fault                                                    struct{ Faultcode, Faultstring string }
	}
	if err := json.Unmarshal(output, &got); err != nil {
		t.Fatalf("%v: %s", err, output)
	}
	for _, c := range []struct{ what, answer, part string }{
		{"upload", got.Upload, "<msg_code>0</msg_code>"},
		{"previous upload", got.Previous, "<dataSequence>1</dataSequence>"},
		{"results", strings.Join(got.Files, ""), "<Shjg>1</Shjg>"},
		{"filed data", strings.Join(got.Files, ""), "<Baxh>京ICP备2026000001号-1</Baxh>"},
		{"acknowledgement", got.Acknowledged, "<msg_code>0</msg_code>"},
		{"query", got.Filed, "<Wzbah>京ICP备2026000001号-1</Wzbah>"},
		{"password", got.Password, "<VerifyRes>0</VerifyRes>"},
		{"refusal", got.Refused, "<msg_code>5</msg_code><msg>密码错误</msg>"},
		{"fault", got.Fault.Faultcode + got.Fault.Faultstring, "soap:Clientthe address has no such method"},
	} {
		if !strings.Contains(c.answer, c.part) {
			t.Errorf("%s: %q lacks %s", c.what, c.answer, c.part)
		}
	}
	if len(got.Files) != 2 {
		t.Errorf("%d files", len(got.Files))
	}
	if input := got.Services[0]["UpDownLoadService"]["UpDownLoadPort"]["isp_upload"].Input; len(input) != 10 || input["dataSequence"] != "xsd:long" {
		t.Errorf("the client reads isp_upload as %v", input)
	}
}

// A description is what a stock client reads of a WSDL.
type description struct {
	Namespace string `xml:"targetNamespace,attr"`
	Schema    struct {
		Namespace string `xml:"targetNamespace,attr"`
		Form      string `xml:"elementFormDefault,attr"`
		Elements  []struct {
			Name  string `xml:"name,attr"`
			Parts []struct {
				Name  string `xml:"name,attr"`
				Type  string `xml:"type,attr"`
				Least string `xml:"minOccurs,attr"`
			} `xml:"complexType>sequence>element"`
		} `xml:"element"`
	} `xml:"types>schema"`
	Messages []struct {
		Name string `xml:"name,attr"`
		Part struct {
			Name    string `xml:"name,attr"`
			Element string `xml:"element,attr"`
		} `xml:"part"`
	} `xml:"message"`
	Address struct {
		Location string `xml:"location,attr"`
	} `xml:"service>port>address"`
}

// TestWSDL: each address describes its methods, with the parameters of the specification in their order (MIIT-IF30 5), and itself as
// the caller reached it.
func TestWSDL(t *testing.T) {
	h := newHarness(t)
	const start = "ispID long, userName string, randVal string, pwdHash string, "
	signatures := map[string]map[string]string{
		bureau.UpDownLoadPath: {
			"isp_upload": start + "beianInfo string, beianInfoHash string, dataSequence long, encryptAlgorithm int, hashAlgorithm int, " +
				"compressionFormat int, ",
			"isp_download":            start + "hashAlgorithm int, ",
			"isp_downloadack":         start + "hashAlgorithm int, fileName string, ",
			"isp_querypreviousupload": "ispId" + strings.TrimPrefix(start, "ispID") + "hashAlgorithm int, ",
		},
		bureau.BeianStatusPath: {
			"isp_querybeianstatus": start + "hashAlgorithm int, queryConditionType int, queryCondition string, ",
		},
		bureau.VerifyPasswordPath: {"isp_verifybamm": start + "hashAlgorithm int, baxh string, bamm string, "},
	}
	for path, want := range signatures {
		for query, host := range map[string]string{
			"?wsdl": "bureau.example", "?WSDL": "bureau.example:8090", "?singleWsdl": "[::1]:8090", "?wsdl=1": "a&b.example",
		} {
			request := httptest.NewRequest(http.MethodGet, path+query, nil)
			request.Host = host
			recorder := httptest.NewRecorder()
			h.bureau.Handler().ServeHTTP(recorder, request)
			var d description
			if err := xml.Unmarshal(recorder.Body.Bytes(), &d); err != nil || recorder.Code != http.StatusOK {
				t.Fatalf("%s: %d, %v", path, recorder.Code, err)
			}
			if strings.Contains(recorder.Body.String(), "<!DOCTYPE") || strings.Contains(recorder.Body.String(), "import") {
				t.Error("the description refers to another document")
			}
			if d.Namespace != "http://www.miibeian.gov.cn" || d.Schema.Namespace != d.Namespace || d.Schema.Form != "unqualified" ||
				d.Address.Location != "http://"+host+path {
				t.Errorf("%s: %+v", path, d)
			}
			got := map[string]string{}
			for _, e := range d.Schema.Elements {
				signature := ""
				for _, p := range e.Parts {
					signature += p.Name + " " + strings.TrimPrefix(p.Type, "xsd:") + ", "
					if p.Least != "0" {
						t.Errorf("%s: %s is required", e.Name, p.Name)
					}
				}
				if method, answer := strings.CutSuffix(e.Name, "Response"); !answer {
					got[method] = signature
				} else if signature != "return string, " {
					t.Errorf("%s: %s", e.Name, signature)
				}
			}
			if !reflect.DeepEqual(got, want) || len(d.Messages) != 2*len(want) {
				t.Errorf("%s describes %v, want %v", path, got, want)
			}
		}
	}
}

func TestWSDLOverTLS(t *testing.T) {
	h := newHarness(t)
	behindProxy := httptest.NewRequest(http.MethodGet, bureau.BeianStatusPath+"?wsdl", nil)
	behindProxy.Header.Set("X-Forwarded-Proto", "https")
	recorder := httptest.NewRecorder()
	h.bureau.Handler().ServeHTTP(recorder, behindProxy)
	if !strings.Contains(recorder.Body.String(), `location="https://example.com`+bureau.BeianStatusPath+`"`) {
		t.Errorf("behind a proxy: %s", recorder.Body)
	}
	server := httptest.NewTLSServer(h.bureau.Handler())
	defer server.Close()
	response, err := server.Client().Get(server.URL + bureau.BeianStatusPath + "?wsdl")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil || !strings.Contains(string(text), `location="`+server.URL+bureau.BeianStatusPath+`"`) {
		t.Errorf("%s, %v", text, err)
	}
}
