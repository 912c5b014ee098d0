package filing

import (
	"beian/shared/filing/register"
	"beian/shared/rules/finding"
)

// ServiceWords returns the name of what the order files, changes or ends: a site, an app, a mini program or a quick app, or "service" if it is about
// several kinds of them.
func (o Order) ServiceWords() finding.Words {
	kind := o.ServiceOf(0)
	for i := range o.Private.Sites {
		if o.ServiceOf(i) != kind {
			return finding.Words{Chinese: "网站和应用", English: "service"}
		}
	}
	return kind.Words()
}

// Business names what the order is about in messages and next actions: a filing, a change, the cancellation of a part of a filing, or new documents.
func (o Order) Business() finding.Words {
	k := o.Kind()
	switch {
	case k.Cancels == register.SubjectPart:
		return finding.Words{Chinese: "主体注销", English: "cancellation"}
	case k.Cancels == register.SitePart:
		return finding.Words{Chinese: o.ServiceWords().Chinese + "注销", English: "cancellation"}
	case k.Cancels == register.AccessPart:
		return finding.Words{Chinese: "接入取消", English: "end of our hosting"}
	case k.Edits():
		return finding.Words{Chinese: "变更备案", English: "change"}
	case k.Stored:
		return finding.Words{Chinese: "核验材料更新", English: "new documents"}
	}
	return finding.Words{Chinese: "备案", English: "filing"}
}
