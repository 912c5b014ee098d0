// Package result defines the codes of a bureau: [Message], the answer to a call (MIIT-IF30 6.1), and [Code], the result of an
// uploaded record in a download (MIIT-IF30 6.2). [Lookup] finds a code, [Message.Disposition] says what to do.
//
//	code, known := result.Lookup(1004)
//	f := code.Finding(len(sites)) // for the applicant
//
// Decide by the code only. The texts differ between bureaus, which append names and values to them: they are personal data.
package result

import "beian/shared/rules/finding"

// A Disposition says what to do after an answer.
type Disposition string

const (
	// Done: the call succeeded.
	Done Disposition = "done"
	// RetryLater: repeat the same call when the bureau is ready again.
	RetryLater Disposition = "retry-later"
	// FixAndResend: the content must change first.
	FixAndResend Disposition = "fix-and-resend"
	// Settle: it is unknown whether, and with which number, an upload was accepted. Call isp_querypreviousupload and continue
	// with its number; never send the next upload before.
	Settle Disposition = "settle"
	// Stop: calls will fail until an operator has acted. Raise an alarm.
	Stop Disposition = "stop"
)

// A Message is a msg_code.
type Message int

// The codes of V3.0.
const (
	OK                  Message = 0
	AllDownloaded       Message = 1
	NothingToDownload   Message = 2
	MoreToDownload      Message = 3
	WrongUser           Message = 4
	WrongPassword       Message = 5
	DecryptionFailed    Message = 6
	HashMismatch        Message = 7
	UnzipFailed         Message = 8
	BadEncryption       Message = 9
	BadHash             Message = 10
	BadCompression      Message = 11
	NotAuthenticated    Message = 12
	OtherProvince       Message = 13
	SequenceGap         Message = 14
	QueueFull           Message = 15
	RandomTooShort      Message = 16
	WrongFileCount      Message = 17
	TooLarge            Message = 18
	NoPermission        Message = 19
	OutsideHours        Message = 20
	FileNameEmpty       Message = 21
	TooManyChecks       Message = 22
	UploadMaintenance   Message = 901
	DownloadMaintenance Message = 902
	Other               Message = 999
	// Unknown means no answer: the network failed, or the answer was unreadable. Bureaus never send it.
	Unknown Message = -1
)

type messageEntry struct {
	wire        string
	english     string
	disposition Disposition
}

var messages = map[Message]messageEntry{
	OK:                  {"操作成功", "success", Done},
	AllDownloaded:       {"操作成功，数据已经下载完毕", "success, everything has been downloaded", Done},
	NothingToDownload:   {"目前服务器端没有可以下载的数据", "nothing to download at present", Done},
	MoreToDownload:      {"服务器端数据需要下载，请继续调用本接口进行下载", "the bureau has data to download; call again", Done},
	WrongUser:           {"用户名错误", "wrong user name", Stop},
	WrongPassword:       {"密码错误", "wrong password", Stop},
	DecryptionFailed:    {"解密失败", "decryption failed: key or IV differ from those that the bureau issued", Stop},
	HashMismatch:        {"哈希值验证未通过", "the hash does not match the content", Stop},
	UnzipFailed:         {"解压缩失败", "the content is not a readable zip", Stop},
	BadEncryption:       {"加密算法类型错误", "unknown encryption algorithm", Stop},
	BadHash:             {"Hash算法类型错误", "unknown hash algorithm", Stop},
	BadCompression:      {"压缩格式错误", "unknown compression format", Stop},
	NotAuthenticated:    {"认证信息错误，服务器拒绝响应", "not authenticated; check that the calling IP address is registered with the bureau", Stop},
	OtherProvince:       {"非本省ISP，服务器拒绝响应", "the provider does not belong to this bureau's province", Stop},
	SequenceGap:         {"本次上载没有受理，请首先上载漏报的数据，然后再上载本次数据", "earlier uploads are missing", Settle},
	QueueFull:           {"本次上载没有受理，已上报的数据文件已超过最大受理数量，请稍后再提交", "too many uploads wait for the bureau's decision", RetryLater},
	RandomTooShort:      {"认证错误，随机数小于20个字符，服务器拒绝响应", "the random value is shorter than 20 characters", Stop},
	WrongFileCount:      {"您上报的备案数据文件数量不符合要求（每次必须上报1个文件），服务器拒绝受理，请调整后重新上报", "not exactly one file in the upload", Stop},
	TooLarge:            {"上报的备案数据文件过大，服务器拒绝响应，请将上报的备案数据文件调整为50MB内并重新上报", "the document is larger than 50 MB; send fewer records at once", FixAndResend},
	NoPermission:        {"您的报备权限未开放，请联系所在省通信管理局", "the bureau has not permitted this provider to report", Stop},
	OutsideHours:        {"请您在规定的时间段内进行报备，报备时间为：", "outside the bureau's reporting hours", RetryLater},
	FileNameEmpty:       {"回调响应文件名称不能为空，请核实后继续调用", "the acknowledged file name is empty", Stop},
	TooManyChecks:       {"备案密码校验超过X次，请仔细核对备案密码", "the filing password was checked too often; ask the applicant for the correct one", FixAndResend},
	UploadMaintenance:   {"系统正在维护中，您的报备请求未被受理，请稍后重新报备", "maintenance; the upload was not accepted", RetryLater},
	DownloadMaintenance: {"系统正在维护中，您的下载请求未被受理，请稍后重新下载", "maintenance; the download was not accepted", RetryLater},
	Other:               {"其他错误", "another error; inform the operator if it persists", RetryLater},
	Unknown:             {"没有收到管局的应答", "no answer from the bureau", Settle},
}

// Disposition returns what to do: [Stop] for a code that is not in V3.0.
func (m Message) Disposition() Disposition {
	if e, known := messages[m]; known {
		return e.disposition
	}
	return Stop
}

// Known reports whether the code is in V3.0.
func (m Message) Known() bool {
	_, known := messages[m]
	return known && m != Unknown
}

// Words returns the meaning of the code, in the bureau's Chinese and in English.
func (m Message) Words() finding.Words {
	e, known := messages[m]
	if !known {
		return finding.Words{Chinese: "未知的应答代码", English: "a code that the interface does not define"}
	}
	return finding.Words{Chinese: e.wire, English: e.english}
}
