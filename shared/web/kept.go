package web

import (
	"time"

	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// Kept says for how long the personal data of an order are kept, and why.
type Kept struct {
	Reason filing.KeptReason `json:"reason" enum:"open,filed,period,hold,erased"`
	Until  workday.Date      `json:"until,omitempty" format:"date" doc:"the personal data are erased on this day, Shanghai time; only for the reason period"`
	Words  finding.Words     `json:"words"`
}

// A Hold is a legal hold of an order, in the past or now.
type Hold struct {
	Reason     string         `json:"reason"`
	By         filing.Account `json:"by"`
	At         time.Time      `json:"at"`
	LiftReason string         `json:"liftReason,omitempty"`
	LiftedBy   filing.Account `json:"liftedBy,omitempty"`
	LiftedAt   time.Time      `json:"liftedAt,omitzero" doc:"absent while the hold stands"`
}

// keptOf returns the words about an order's personal data.
func keptOf(o filing.Order, periods filing.Retention) Kept {
	reason, until := o.Kept(periods)
	words := map[filing.KeptReason]finding.Words{
		filing.KeptOpen: {Chinese: "订单办理期间保存您填写的资料。订单结束后，个人信息到期自动删除。",
			English: "Your data are kept while the order is open. After it is closed, the personal data are erased when their period is over."},
		filing.KeptFiled: {Chinese: "备案有效期间，法规要求我们保存备案资料。备案注销后，个人信息到期自动删除。",
			English: "While the filing stands, the law requires us to keep its data. After it is cancelled, the personal data are erased when their period is over."},
		filing.KeptPeriod: {Chinese: "个人信息将在 " + string(until) + " 自动删除。", English: "The personal data will be erased on " + string(until) + "."},
		filing.KeptHold: {Chinese: "依法需要继续保存这份订单的资料。保存的原因消除后，个人信息到期自动删除。",
			English: "The data of this order must be kept for a legal reason. Once it is gone, the personal data are erased when their period is over."},
		filing.KeptErased: {Chinese: "个人信息已经删除。", English: "The personal data are erased."},
	}
	return Kept{Reason: reason, Until: until, Words: words[reason]}
}

// holdsOf returns the holds of an order, oldest first, for admins. The owner of the order sees none, whatever their role.
func (c *Call) holdsOf(o filing.Order) []Hold {
	if !c.Caller.Is(filing.Admin) || o.Account == c.Caller.Account {
		return nil
	}
	var holds []Hold
	for _, h := range o.Private.Holds {
		holds = append(holds, Hold(h))
	}
	return holds
}
