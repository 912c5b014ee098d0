package regulator

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"beian/shared/finding"
	"beian/shared/regulator/schema"
)

// Codes of what keeps an application from being uploaded.
const (
	UploadMissing   finding.Code = "upload-missing"
	UploadLength    finding.Code = "upload-length"
	UploadCharacter finding.Code = "upload-character"
	UploadFormat    finding.Code = "upload-format"
	UploadSize      finding.Code = "upload-size"
	UploadValue     finding.Code = "upload-value"
)

var newFilingPath = regexp.MustCompile(`^UploadData/ICP/XZBA/Baxx\[(\d+)\]/(.*)$`)

// subjectPointers lead from elements of Zt_xx to the application.
var subjectPointers = map[string]string{
	"Dwmc": "/name", "Dwxz": "/certificate/kind", "Tzr": "/investor", "Bz": "/remark",
	"Txdz/Shengid": "/division", "Txdz/Shiid": "/division", "Txdz/Xianid": "/division", "Txdz/Xxdz": "/address",
	"Zj/Zjlx": "/certificate/kind", "Zj/Zjhm": "/certificate/number", "Zj/Zjzs": "/certificateAddress",
}

// sitePointers lead from elements of Wz_xx to a site of the application.
var sitePointers = map[string]string{
	"Wzmc": "/name", "Syurl": "/homeUrl", "Wz_Bz": "/remark", "Nrlx": "/preApprovals", "Fwnr": "/serviceContent",
	"Yylb": "/languages", "Ym_xx": "/domains", "Jr_xx": "/access",
}

// leaderPointers lead from elements of Fzr and Wz_Fzr to a leader of the application.
var leaderPointers = map[string]string{
	"Fzr_xm": "/name", "Fzr_dhhm": "/officePhone", "Fzr_sjhm": "/mobile", "Fzr_dzyj": "/email",
	"Fzr_zjlx": "/certificate/kind", "Fzr_zjhm": "/certificate/number",
}

// Findings turns what [Client.Prepare] objected to about one new filing into findings about its application. Filing
// counts the upload's new filings from 0; for an err that is of another kind the list is empty.
func Findings(err error, filing int) finding.List {
	problems, is := errors.AsType[schema.Problems](err)
	if !is {
		return nil
	}
	var list finding.List
	for _, p := range problems {
		m := newFilingPath.FindStringSubmatch(p.Path)
		if m == nil || m[1] != strconv.Itoa(filing+1) {
			continue
		}
		list = append(list, finding.New(problemCode(p.Rule), pointer(m[2]), "detail", p.Detail))
	}
	return list
}

func problemCode(rule schema.Rule) finding.Code {
	switch rule {
	case schema.Missing:
		return UploadMissing
	case schema.Length:
		return UploadLength
	case schema.Character:
		return UploadCharacter
	case schema.Format:
		return UploadFormat
	case schema.Size:
		return UploadSize
	}
	return UploadValue
}

var sitePath = regexp.MustCompile(`^Wz_xx\[(\d+)\]/(.*)$`)

// pointer returns where in the application an element below Baxx comes from; "" if from no one place.
func pointer(path string) string {
	if below, is := strings.CutPrefix(path, "Zt_xx/"); is {
		if leader, is := strings.CutPrefix(below, "Fzr/"); is {
			return "/subject/leader" + leaderPointers[leader]
		}
		return "/subject" + subjectPointers[below]
	}
	if m := sitePath.FindStringSubmatch(path); m != nil {
		number, _ := strconv.Atoi(m[1])
		site := fmt.Sprintf("/sites/%d", number-1)
		if leader, is := strings.CutPrefix(m[2], "Wz_Fzr/"); is {
			return site + "/leader" + leaderPointers[leader]
		}
		first, _, _ := strings.Cut(m[2], "/")
		first, _, _ = strings.Cut(first, "[")
		return site + sitePointers[first]
	}
	if strings.HasPrefix(path, "Fj[") {
		return "/evidence"
	}
	return ""
}
