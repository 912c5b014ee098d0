package late

import (
	"strconv"
	"time"

	"beian/shared/process/exchange"
	"beian/shared/rules/finding"
)

// fileItems returns what is late of the exchange with the bureau.
func fileItems(s exchange.Status, now time.Time) []Item {
	var items []Item
	add := func(id string, name ClockName, since time.Time, action Action, cause, help finding.Words) {
		items = append(items, Item{ID: id, Clock: name, Since: since, Due: since, Action: action, Cause: cause, Help: help})
	}
	resendHelp := finding.Words{Chinese: "消除原因后点“重新上报”：下一次交换会再发这个文件，序号不变，管局只收一次。",
		English: "Remove the cause, then send the file again: the next run sends it under its number, which the bureau accepts once."}
	if at := s.Upload.Since; !at.IsZero() {
		cause := finding.Words{Chinese: "上报已停止，要由运营人员处理。管局的应答码：" + strconv.Itoa(s.Upload.Code) + "。",
			English: "Uploads have stopped until an operator acts. The bureau's code: " + strconv.Itoa(s.Upload.Code) + "."}
		if s.Flight != nil {
			add("sent~"+strconv.FormatInt(s.Flight.Sequence, 10), "uploads-stopped", at, Resend, cause, resendHelp)
		} else {
			add("uploads~stopped", "uploads-stopped", at, NoAction, cause,
				finding.Words{Chinese: "请看“管局”页上的应答，按应答处理账号、密码或密钥。", English: "See the bureau's response, and correct the account, password or key that it names."})
		}
	}
	if at := s.Download.Since; !at.IsZero() {
		add("downloads~stopped", "downloads-stopped", at, NoAction,
			finding.Words{Chinese: "下载已停止，要由运营人员处理。管局的应答码：" + strconv.Itoa(s.Download.Code) + "。",
				English: "Downloads have stopped until an operator acts. The bureau's code: " + strconv.Itoa(s.Download.Code) + "."},
			finding.Words{Chinese: "请先处理下面不能用的文件；没有的，按应答处理账号、密码或密钥。", English: "Process the unusable files first; if there are none, correct the account, password or key that the response names."})
	}
	for _, sequence := range s.Missing {
		if s.Flight != nil && s.Flight.Sequence == sequence && !s.Upload.Since.IsZero() {
			continue
		}
		add("sent~"+strconv.FormatInt(sequence, 10), "file-missing", now, Resend,
			finding.Words{Chinese: "管局说没有收到序号为 " + strconv.FormatInt(sequence, 10) + " 的文件。", English: "The bureau reports that it lacks file " + strconv.FormatInt(sequence, 10) + "."}, resendHelp)
	}
	for _, file := range s.Poison {
		add("file~"+file.ID, "file-unusable", file.At, Replay,
			finding.Words{Chinese: "管局的一个文件不能用，或其中一部分不能用。", English: "A file of the bureau is unusable, or a part of it is."},
			finding.Words{Chinese: "升级后或原因消除后点“重新处理文件”；已做过的不会再做一遍。", English: "After an update, or once the cause is gone, process it again; nothing is done twice."})
	}
	return items
}
