package simulator

import (
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"

	"beian/shared/bureau/result"
	"beian/shared/bureau/wire"
)

// answer is the content of the return document (MIIT-IF30 7).
type answer struct {
	code    result.Message
	text    string  // appended to the text of the code, or in place of its X
	missing []int64 // dataSequences, with 14
	file    *packedFile
	status  *status
	verdict string
	err     error
}

// packedFile is the content of fileInfos. Only isp_querypreviousupload sets sequence.
type packedFile struct {
	name     string
	parcel   wire.Parcel
	sequence *int64
}

// status is the content of StatusInfo.
type status struct {
	queryType                           int64
	query                               string
	filed                               bool
	siteName, subjectNumber, siteNumber string
}

func missingParameter(parameter string) answer {
	return answer{code: result.Other, text: "：参数 " + parameter + " 缺失或无效"}
}

// internalFailure is the answer if the simulator fails.
func internalFailure(err error) answer { return answer{code: result.Other, err: err} }

func checkPassword(c *call) answer {
	randVal, hash := c.text("randVal"), c.text("pwdHash")
	if len(randVal) < wire.RandLength {
		return answer{code: result.RandomTooShort}
	}
	if kind, given := c.integer("hashAlgorithm"); !given || kind != wire.MD5Hash {
		return answer{code: result.BadHash}
	}
	want, err := wire.PasswordHash(c.account.Password, randVal)
	if err != nil || subtle.ConstantTimeCompare([]byte(hash), []byte(want)) != 1 {
		return answer{code: result.WrongPassword}
	}
	return answer{}
}

var escape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// document returns the return document. Like real ones it declares GBK although it is inside a UTF-8 envelope.
func (a answer) document() string {
	var d strings.Builder
	if a.file != nil {
		d.Grow(len(a.file.parcel.Data)*3/2 + 1024)
	}
	element := func(name, value string) {
		d.WriteString("<" + name + ">")
		_, _ = escape.WriteString(&d, value)
		d.WriteString("</" + name + ">")
	}
	d.WriteString(`<?xml version="1.0" encoding="GBK"?><return version="V.3.0">`)
	element("msg_code", strconv.Itoa(int(a.code)))
	message := a.code.Words().Chinese
	if a.code == result.TooManyChecks {
		element("msg", strings.Replace(message, "X", a.text, 1))
	} else {
		element("msg", message+a.text)
	}
	if len(a.missing) > 0 {
		d.WriteString("<dataSequences>")
		for _, n := range a.missing {
			element("dataSequence", strconv.FormatInt(n, 10))
		}
		d.WriteString("</dataSequences>")
	}
	if a.file != nil {
		d.WriteString("<fileInfos>")
		element("hashAlgorithm", strconv.Itoa(a.file.parcel.HashKind))
		element("compressionFormat", strconv.Itoa(a.file.parcel.Compression))
		element("encryptAlgorithm", strconv.Itoa(a.file.parcel.Encryption))
		if a.file.sequence != nil {
			element("dataSequence", strconv.FormatInt(*a.file.sequence, 10))
		}
		element("return_FileName", a.file.name)
		d.WriteString("<beianInfo>")
		writeLines(&d, a.file.parcel.Data)
		d.WriteString("</beianInfo>")
		element("beianInfoHash", a.file.parcel.Hash)
		d.WriteString("</fileInfos>")
	}
	if s := a.status; s != nil {
		d.WriteString("<StatusInfo>")
		element("Cxtjlx", strconv.FormatInt(s.queryType, 10))
		element("Cxtj", s.query)
		if s.siteName != "" {
			element("Wzmc", s.siteName)
		}
		if s.filed {
			element("Ztbah", s.subjectNumber)
		}
		if s.siteNumber != "" {
			element("Wzbah", s.siteNumber)
		}
		element("Bazt", map[bool]string{true: "0", false: "1"}[s.filed])
		d.WriteString("</StatusInfo>")
	}
	if a.verdict != "" {
		element("VerifyRes", a.verdict)
	}
	d.WriteString("</return>")
	return d.String()
}

// writeLines writes base64 in lines of 76 columns, like real bureaus.
func writeLines(d *strings.Builder, data []byte) {
	const perLine = 57
	for start := 0; start < len(data); start += perLine {
		if start > 0 {
			d.WriteByte('\n')
		}
		d.WriteString(base64.StdEncoding.EncodeToString(data[start:min(start+perLine, len(data))]))
	}
}
