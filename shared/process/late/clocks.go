package late

import (
	"fmt"
	"time"

	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A ClockName names a row of [Clocks].
type ClockName string

// An Action repairs an item. Each is safe to repeat.
type Action string

const (
	NoAction Action = ""
	Deliver  Action = "deliver" // deliver an outbox entry, or move a dead letter back to the outbox
	Restart  Action = "restart" // stop the order's execution if it runs, and start another at the order's step
	Resend   Action = "resend"  // send a file to the bureau again in the next run
	Replay   Action = "replay"  // process a file of the bureau again
)

// Words returns the words of the action, for a button.
func (a Action) Words() finding.Words {
	return map[Action]finding.Words{
		Deliver: {Chinese: "重新投递", English: "Deliver again"},
		Restart: {Chinese: "重新启动流程", English: "Restart the execution"},
		Resend:  {Chinese: "重新上报", English: "Send the file again"},
		Replay:  {Chinese: "重新处理文件", English: "Process the file again"},
	}[a]
}

// A Clock says how long something may wait, why it waits longer, and what to do.
type Clock struct {
	Name ClockName
	// Step is the step whose orders the clock is for; Entry the kind of outbox entries. Both are "" for executions and files of the bureau.
	Step  filing.Step
	Entry decide.EntryKind
	// Least is the shortest time after which something is late.
	Least time.Duration
	// Due returns when an order at the step is late; the zero time if it does not wait for what the clock measures.
	Due           func(filing.Order) time.Time
	Cause         finding.Words
	Action        Action
	Help          finding.Words
	WaitsForStaff bool // a person of the provider has to act; the staff's pages say where
}

const (
	// Grace is how long an execution may take to follow its order, and how long a step without waiting may take: the retries of a task take up to 13
	// minutes. A machine that pauses after a failure does so for 15 minutes.
	Grace = 15 * time.Minute
	// timeoutSlack is how long after its time limit a waiting step may take to end.
	timeoutSlack = 24 * time.Hour
	day          = 24 * time.Hour
)

// Words that several clocks share.
var (
	restartHelp = finding.Words{Chinese: "点“重新启动流程”：停止旧的执行，从订单现在的步骤重新开始。订单内容不变。",
		English: "Restart the execution: the old one is stopped, and another starts at the order's step. The order's data stay."}
	sweeperHelp = finding.Words{Chinese: "系统每分钟自动重试。请查看 sweeper 函数的日志：其中的 cause 写明是哪个服务出错；修好后会自动投递，不用再操作。",
		English: "It is retried each minute. The log of the function sweeper names the service that fails (cause); once that works, the entry is delivered by itself."}
	noTimeout = finding.Words{Chinese: "申请人长期没有操作，早该失效的订单还开着：流程没有按时处理超时。",
		English: "The applicant has been idle for longer than the limit, but the order is still open: the execution did not handle the timeout."}
	didNotRun = finding.Words{Chinese: "这一步由系统自动完成，一般几秒钟；到现在还没有完成。", English: "Beian completes this step by itself, usually in seconds; it is not complete yet."}
)

// Clocks returns all clocks of a provider that promises a review within a number of working days.
func Clocks(promise filing.ReviewPromise) []Clock {
	return append([]Clock{reviewClock(promise)}, otherClocks...)
}

// reviewClock returns the clock of the initial review.
func reviewClock(promise filing.ReviewPromise) Clock {
	return Clock{Name: "review", Step: filing.InitialReview, WaitsForStaff: true,
		Least: time.Duration(min(promise, filing.SecondReadingDays)) * day, // a further reading may be late before the review is
		Due:   func(o filing.Order) time.Time { return promise.Due(o.MovedAt) },
		Cause: finding.Words{Chinese: fmt.Sprintf("订单等待初审已超过%d个工作日。", promise),
			English: fmt.Sprintf("The order has waited for its initial review for longer than promised (working days: %d).", promise)},
		Help: finding.Words{Chinese: "请安排审核人员在待审列表中领取。", English: "Have a reviewer claim it in the queue."}}
}

// readingClock is the clock of an order that waits for the reading of another reviewer, instead of the clock of its review.
var readingClock = Clock{Name: "second-reading", WaitsForStaff: true,
	Due: func(o filing.Order) time.Time {
		return filing.ReviewPromise(filing.SecondReadingDays).Due(o.Readings[len(o.Readings)-1].At)
	},
	Cause: finding.Words{Chinese: fmt.Sprintf("订单已有审核员审过，等待另一位审核员再审已超过%d个工作日。", filing.SecondReadingDays),
		English: fmt.Sprintf("The order was read, and has waited for the reading of another reviewer for more than %d working days.", filing.SecondReadingDays)},
	Help: finding.Words{Chinese: "请安排另一位审核员领取；没有别人时，在“管局”页的任务里写明原因，改由一位审核员决定。",
		English: "Have another reviewer claim it. If there is none, let one reviewer decide: see the tasks on the page of the bureau."}}

// byHandClock is the clock of an order that operators enter into the bureau's console, instead of the bureau's.
var byHandClock = Clock{Name: "by-hand", WaitsForStaff: true, Due: bureauDue,
	Cause: finding.Words{Chinese: fmt.Sprintf("人工录入的订单超过%d个工作日还没有录入，或录入以后管局超过了法定期限。", filing.EntryDays),
		English: fmt.Sprintf("An application that is filed by hand was not entered within %d working days, or the bureau is past its legal time limit since.", filing.EntryDays)},
	Help: finding.Words{Chinese: "请打开录入单：录入管局系统，记下录入日期；管局有了结果的，记下结果。",
		English: "Open its sheet: enter it into the bureau's console and record the day, or record the bureau's result."}}

// otherClocks are the clocks that do not depend on the provider's settings.
var otherClocks = []Clock{
	{Name: "idle-type", Step: filing.VerifyType, Least: idleLimit, Due: expiry, Cause: noTimeout, Action: Restart, Help: restartHelp},
	{Name: "idle-product", Step: filing.VerifyProduct, Least: idleLimit, Due: expiry, Cause: noTimeout, Action: Restart, Help: restartHelp},
	{Name: "idle-details", Step: filing.CollectDetails, Least: idleLimit, Due: expiry, Cause: noTimeout, Action: Restart, Help: restartHelp},
	{Name: "idle-evidence", Step: filing.CollectEvidence, Least: idleLimit, Due: expiry, Cause: noTimeout, Action: Restart, Help: restartHelp},
	{Name: "idle-liveness", Step: filing.VerifyAuthenticity, Least: idleLimit, Due: expiry, Cause: noTimeout, Action: Restart, Help: restartHelp},
	{Name: "idle-confirmation", Step: filing.AwaitConfirmation, Least: idleLimit, Due: expiry, Cause: noTimeout, Action: Restart, Help: restartHelp},
	{Name: "idle-mail", Step: filing.MailDocuments, Least: idleLimit, Due: expiry, Cause: noTimeout, Action: Restart, Help: restartHelp},
	{Name: "sms", Step: filing.VerifySMS, Least: Grace, Due: smsDue, Action: Restart, Help: restartHelp,
		Cause: finding.Words{Chinese: "短信验证码没有按时发出，或已过期而订单没有退回：流程没有按时处理。",
			English: "The SMS codes were not sent in time, or have expired without returning the order: the execution did not handle it."}},
	{Name: "transmit", Step: filing.Transmit, Least: Grace, Due: graceAfterMove, Cause: didNotRun, Action: Restart, Help: restartHelp},
	{Name: "bureau", Step: filing.AwaitBureau, Least: filing.EntryDays * day, Due: bureauDue, WaitsForStaff: true,
		Cause: finding.Words{Chinese: "管局审核超过了法定期限。", English: "The bureau is past its legal time limit."},
		Help: finding.Words{Chinese: "请打电话问管局，并看“管局”页上有没有没处理的结果文件。",
			English: "Call the bureau, and look for result files that were not processed on the page of the bureau."}},
	{Name: "announce", Step: filing.Announce, Least: Grace, Due: graceAfterMove, Cause: didNotRun, Action: Restart, Help: restartHelp},
	{Name: "follow-up", Step: filing.FollowUp, Least: Grace, Due: graceAfterMove, Cause: didNotRun, Action: Restart, Help: restartHelp},

	{Name: "start", Entry: decide.StartExecution, Least: Grace, Action: Deliver,
		Cause: finding.Words{Chinese: "订单已保存，但流程没有启动：Step Functions 没有接受请求。", English: "The order is stored, but its execution has not started: Step Functions did not accept the request."},
		Help:  finding.Words{Chinese: "点“重新投递”马上再启动一次；重复启动没有影响。", English: "Deliver again starts it now. A second start has no effect."}},
	{Name: "resume", Entry: decide.ResumeExecution, Least: Grace, Action: Deliver,
		Cause: finding.Words{Chinese: "决定已保存，但流程没有收到：Step Functions 没有接受请求。", English: "The decision is stored, but the execution was not notified: Step Functions did not accept the request."},
		Help:  finding.Words{Chinese: "点“重新投递”马上再通知一次；重复通知没有影响。", English: "Deliver again notifies it now. A second notification has no effect."}},
	{Name: "verdict", Entry: decide.ApplyVerdict, Least: Grace, Help: sweeperHelp,
		Cause: finding.Words{Chinese: "审核结果已过撤销时间，还没有生效。", English: "A reviewer's verdict can no longer be taken back, and has not taken effect."}},
	{Name: "notice", Entry: decide.SendNotice, Least: Grace, Cause: finding.Words{Chinese: "通知没有发出：短信或邮件服务出错，或发送额度用完。",
		English: "A message was not sent: the SMS or mail service fails, or its quota is used up."}, Help: sweeperHelp},
	{Name: "register-notice", Entry: decide.SendRegisterNotice, Least: Grace, Cause: finding.Words{Chinese: "关于备案的通知没有发出：短信或邮件服务出错，或发送额度用完。",
		English: "A message about a filing was not sent: the SMS or mail service fails, or its quota is used up."}, Help: sweeperHelp},
	{Name: "upload", Entry: decide.UploadRecord, Least: time.Hour, Cause: finding.Words{Chinese: "申请排队等待上报管局超过1小时：上报停止了，或管局没有应答。",
		English: "An application has waited for its upload to the bureau for more than an hour: uploads have stopped, or the bureau does not answer."},
		Help: finding.Words{Chinese: "请看“管局”页上最近的应答；上报停止的，处理原因后重新上报在途文件。",
			English: "See the bureau's last responses; if uploads have stopped, remove the cause and resend the file in flight."}},
	{Name: "erase", Entry: decide.EraseOrder, Least: time.Hour, Help: sweeperHelp,
		Cause: finding.Words{Chinese: "应删除的个人信息还没有删完：密钥或文件删除失败。", English: "Personal data were to be erased and are not yet: deleting the key or the objects fails."}},
	{Name: "drop", Entry: decide.DropEvidence, Least: time.Hour, Help: sweeperHelp,
		Cause: finding.Words{Chinese: "换下的材料文件还没有删除。", English: "The objects of a replaced document are not deleted yet."}},
	{Name: "end", Entry: decide.EndOrders, Least: time.Hour, Help: sweeperHelp,
		Cause: finding.Words{Chinese: "管局注销了备案，相关订单还没有更新。", English: "The bureau cancelled a filing, and its orders do not show it yet."}},
	{Name: "dead", Entry: decide.DeadLetter, Action: Deliver,
		Cause: finding.Words{Chinese: "这一项投递失败，且重试也不会成功，已停止重试。sweeper 函数的日志写明原因。",
			English: "Delivery failed for a reason that a retry does not change, so it has stopped. The log of the function sweeper has the cause."},
		Help: finding.Words{Chinese: "原因消除后点“重新投递”，放回发件箱。原因还在的，会再次回到这里。",
			English: "Remove the cause, then deliver again: the entry goes back to the outbox. If the cause persists, it returns here."}},

	executionClock,
	taskClock,
	readingClock,
	byHandClock,
	{Name: "uploads-stopped", Action: Resend},
	{Name: "downloads-stopped"},
	{Name: "file-missing", Action: Resend},
	{Name: "file-unusable", Action: Replay},
}

// taskClock is the clock of the bureau's tasks.
var taskClock = Clock{Name: "bureau-task", WaitsForStaff: true,
	Cause: finding.Words{Chinese: "管局的任务已过期限，还没有答复或关闭。", English: "A task of the bureau is past its deadline, and is neither answered nor closed."},
	Help:  finding.Words{Chinese: "请打开任务处理，或交给同事。", English: "Open the task and do it, or assign it to a colleague."}}

// executionClock is the clock of an execution that does not follow its order. The cause differs.
var executionClock = Clock{Name: "execution", Least: Grace, Action: Restart, Help: restartHelp}

// idleLimit is when an order whose applicant is idle is late: the time limit of the order, and a day.
const idleLimit = filing.MaxIdleDays*day + timeoutSlack

// expiry returns when an order that waits for its applicant should have expired.
func expiry(o filing.Order) time.Time {
	at := o.ExpiresAt()
	if at.IsZero() {
		return at
	}
	return at.Add(timeoutSlack)
}

func graceAfterMove(o filing.Order) time.Time { return o.MovedAt.Add(Grace) }

// smsDue returns when the codes should have been sent, or should have expired.
func smsDue(o filing.Order) time.Time {
	switch {
	case o.SMS != nil:
		return o.SMS.ExpiresAt.Add(time.Hour)
	case !o.SMSSendAt.IsZero():
		return o.SMSSendAt.Add(Grace)
	}
	return graceAfterMove(o)
}

// bureauDue returns the bureau's time limit, or the provider's for an application that an operator enters.
func bureauDue(o filing.Order) time.Time {
	switch {
	case o.AwaitsEntry():
		return workday.Add(o.MovedAt, filing.EntryDays)
	case o.Bureau == nil:
		return time.Time{}
	}
	return o.Bureau.Deadline
}
