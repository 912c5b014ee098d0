package soap_test

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"beian/shared/bureau/soap"
)

func TestCallIsReadBack(t *testing.T) {
	data := bytes.Repeat([]byte{0, 1, 2, 250, 251}, 1000)
	for _, length := range []int{1, 2, 3, 4, 5, 4999, 5000} {
		body, announced := soap.Call("isp_upload",
			soap.Parameter{Name: "userName", Text: `a<b>&"c"`},
			soap.Parameter{Name: "beianInfo", Data: data[:length]},
			soap.Parameter{Name: "beianInfoHash"})
		sent, err := io.ReadAll(iotest.OneByteReader(body))
		if err != nil || int64(len(sent)) != announced {
			t.Fatalf("%d bytes, announced %d: %v", len(sent), announced, err)
		}
		request, err := soap.ParseRequest(sent)
		if err != nil {
			t.Fatal(err)
		}
		if request.Method != "isp_upload" || string(request.Parameters["userName"]) != `a<b>&"c"` ||
			string(request.Parameters["beianInfo"]) != base64.StdEncoding.EncodeToString(data[:length]) {
			t.Errorf("read back %q", request.Method)
		}
	}
}

// TestFieldRequest parses a request in the form of a client used in production.
func TestFieldRequest(t *testing.T) {
	request, err := soap.ParseRequest([]byte(`<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"
    xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
 <soapenv:Header><x/></soapenv:Header>
 <soapenv:Body>
  <isp_querybeianstatus xmlns="http://www.miibeian.gov.cn">
   <ispID xmlns="">990000000001</ispID>
   <queryCondition xmlns="">example.com</queryCondition>
  </isp_querybeianstatus>
 </soapenv:Body>
</soapenv:Envelope>`))
	if err != nil || request.Method != "isp_querybeianstatus" || string(request.Parameters["queryCondition"]) != "example.com" {
		t.Errorf("%v, %v", request, err)
	}
}

func TestAnswer(t *testing.T) {
	const inner = `<?xml version="1.0" encoding="GBK"?><return><msg>成功 &amp; more</msg></return>`
	if got, err := soap.ParseAnswer(soap.Answer("isp_download", inner), "isp_download"); err != nil || string(got) != inner {
		t.Errorf("%s, %v", got, err)
	}
	inCDATA := `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<isp_downloadResponse xmlns="http://www.miibeian.gov.cn"><return xmlns=""><![CDATA[` + inner + `]]></return>
</isp_downloadResponse></s:Body></s:Envelope>`
	if got, err := soap.ParseAnswer([]byte(inCDATA), "isp_download"); err != nil || string(got) != inner {
		t.Errorf("%s, %v", got, err)
	}
	if _, err := soap.ParseAnswer(soap.ClientFault("no <such> method"), "isp_download"); !errors.Is(err, soap.ErrFault) {
		t.Errorf("fault: %v", err)
	}
}

func TestParseRefuses(t *testing.T) {
	good := string(soap.Answer("isp_download", "x"))
	for name, body := range map[string]string{
		"nothing":            "",
		"HTML":               "<html><body>busy</body></html>",
		"other method":       strings.ReplaceAll(good, "isp_download", "isp_upload"),
		"other namespace":    strings.ReplaceAll(good, soap.Namespace, "urn:x"),
		"SOAP 1.2":           strings.ReplaceAll(good, soap.EnvelopeNamespace, "http://www.w3.org/2003/05/soap-envelope"),
		"empty":              strings.ReplaceAll(good, "<return>x</return>", ""),
		"another element":    strings.ReplaceAll(good, "return>", "result>"),
		"element in it":      strings.ReplaceAll(good, ">x<", "><x/><"),
		"cut short":          good[:len(good)-70],
		"no body":            `<e:Envelope xmlns:e="` + soap.EnvelopeNamespace + `"/>`,
		"something for Body": `<e:Envelope xmlns:e="` + soap.EnvelopeNamespace + `"><e:Bodice/></e:Envelope>`,
	} {
		if got, err := soap.ParseAnswer([]byte(body), "isp_download"); err == nil {
			t.Errorf("%s: read %q", name, got)
		}
	}
	call, _ := soap.Call("isp_download", soap.Parameter{Name: "a"}, soap.Parameter{Name: "a"})
	body, err := io.ReadAll(call)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := soap.ParseRequest(body); err == nil {
		t.Error("a parameter twice was read")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(soap.Answer("isp_download", "<return/>"))
	f.Add(soap.ClientFault("x"))
	f.Fuzz(func(t *testing.T, body []byte) {
		_, _ = soap.ParseRequest(body)
		_, _ = soap.ParseAnswer(body, "isp_download")
	})
}
