package limits

import (
	"context"
	"fmt"
	"time"

	"beian/shared/filing"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// refusals are the messages by scope. Their arguments are what is limited, and the time to wait.
var refusals = map[Scope]finding.Words{
	Account: {
		Chinese: "您的账号今天%[1]s的次数已到上限，请 %[2]s后再试。已保存的资料不会丢失；如果急用，请联系客服提高上限。",
		English: "Your account has reached the limit of %[1]s. Try again in %[2]s; what you saved is kept. If it is urgent, ask the provider for a higher limit.",
	},
	Address: {
		Chinese: "您所在的网络（例如同一间办公室的所有人）今天%[1]s的次数已到上限，请 %[2]s后再试，或换用手机网络。已保存的资料不会丢失；如果急用，请联系客服。",
		English: "Your network (for example, everybody in your office) has reached the limit of %[1]s. Try again in %[2]s, or use a mobile network. What you saved is kept. If it is urgent, contact the provider.",
	},
	Requester: {
		Chinese: "您今天对这个号码%[1]s的次数已到上限，请 %[2]s后再试；如果急用，请联系客服。",
		English: "You have reached the limit of %[1]s for this number. Try again in %[2]s. If it is urgent, contact the provider.",
	},
	Recipient: {
		Chinese: "这个号码或邮箱今天%[1]s的次数已到上限，请 %[2]s后再试；如果急用，请联系客服。",
		English: "This number or mailbox has reached the limit of %[1]s. Try again in %[2]s. If it is urgent, contact the provider.",
	},
}

// refusal returns the fault for a key that has reached its limit.
func refusal(rule Rule, scope Scope, wait time.Duration) *fault.Fault {
	words, time := refusals[scope], waitWords(wait)
	return &fault.Fault{Kind: fault.TooMany, RetryAfter: wait, Message: finding.Words{
		Chinese: fmt.Sprintf(words.Chinese, rule.Words.Chinese, time.Chinese),
		English: fmt.Sprintf(words.English, rule.Words.English, time.English),
	}}
}

// waitWords returns a time in whole minutes below an hour, else in whole hours. It rounds up.
func waitWords(wait time.Duration) finding.Words {
	unit, chinese, english := time.Minute, "分钟", "minute"
	if wait > time.Hour-time.Minute {
		unit, chinese, english = time.Hour, "小时", "hour"
	}
	n := max(1, int((wait+unit-1)/unit))
	if n > 1 {
		english += "s"
	}
	return finding.Words{Chinese: fmt.Sprintf("%d %s", n, chinese), English: fmt.Sprintf("%d %s", n, english)}
}

// CheckDrafts returns a fault of kind TooMany if an account has as many orders that are not submitted as it may have. Orders that are opened at the
// same moment are not counted, so that a few more are possible; [Open] limits them.
func (l *Limiter) CheckDrafts(ctx context.Context, account filing.Account) error {
	if l == nil {
		return nil
	}
	drafts, err := l.Store.CountDrafts(ctx, account)
	if limit := l.Settings.drafts(account); err != nil || drafts < limit {
		return err
	}
	return fault.New(fault.TooMany, fmt.Sprintf("您的账号有 %d 份还没有提交的备案订单，已到上限。请先提交或放弃其中一些，再开立新的订单。", drafts),
		fmt.Sprintf("Your account has %d orders that are not submitted, which is the limit. Submit or abandon some of them first.", drafts))
}
