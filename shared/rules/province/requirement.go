package province

import (
	"fmt"
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/workday"
)

// A Requirement is one rule as text for the applicant.
type Requirement struct {
	Words  finding.Words `json:"words"`
	Source string        `json:"source" doc:"source of the rule"`
	Since  workday.Date  `json:"since" doc:"first day in force"`
}

// Requirements returns the province's rules for an entity at a time as texts, general rules before special ones.
func (p Province) Requirements(e certificate.EntityKind, on time.Time) []Requirement {
	var requirements []Requirement
	add := func(r Rule, chinese, english string) {
		requirements = append(requirements, Requirement{finding.Words{Chinese: chinese, English: english}, r.Source, r.From})
	}
	if r, ok := firstApplicable(p.rules.SMS, nil, e, on); ok {
		add(r, "初审通过后、提交管局前，负责人须在24小时内完成短信核验。",
			"After our review and before submission to the bureau, the responsible persons must confirm an SMS code within 24 hours.")
	}
	age := p.MinimumAge(e, on)
	if age.Refuse == age.Review {
		add(age.Rule, fmt.Sprintf("负责人须年满%d周岁。", age.Refuse),
			fmt.Sprintf("Responsible persons must be at least %d years old.", age.Refuse))
	} else {
		add(age.Rule, fmt.Sprintf("负责人须年满%d周岁；未满%d周岁的由审核人员确认，可能需要工作或收入证明。", age.Refuse, age.Review),
			fmt.Sprintf("Responsible persons must be at least %d years old; below %d a reviewer decides, and proof of "+
				"employment or income may be required.", age.Refuse, age.Review))
	}
	if e == certificate.Individual {
		requirements = append(requirements, p.residenceRequirement(on)...)
	} else {
		requirements = append(requirements, p.leaderRequirements(on)...)
	}
	if r := p.UnnamedTrader(on); e == certificate.Enterprise || r.Name == AsIndividual && e == certificate.Individual {
		add(r.Rule, "营业执照上没有名称的："+r.Chinese, "If the licence has no name: "+r.English)
	}
	for _, c := range p.Caps(e, on) {
		w := c.words()
		add(c.Rule, w.Chinese, w.English)
	}
	if r, ok := firstApplicable(p.rules.Landline, nil, e, on); ok {
		add(r, "办公电话须为座机，不能填写手机号码。", "The office phone must be a landline, not a mobile number.")
	}
	footer, _ := firstApplicable(p.rules.FooterNumber, provinces().national.FooterNumber, e, on)
	if footer.Number == FooterSubject {
		add(footer.Rule, "网站开通时须在首页底部悬挂主体备案号（不带“-1”等后缀），并链接到beian.miit.gov.cn。",
			"When the site opens, the footer of the home page must show the subject number (without suffix), linked to beian.miit.gov.cn.")
	} else {
		add(footer.Rule, "网站开通时须在首页底部悬挂网站备案号，并链接到beian.miit.gov.cn。",
			"When the site opens, the footer of the home page must show the site number, linked to beian.miit.gov.cn.")
	}
	if r, ok := firstApplicable(p.rules.CopyrightLine, nil, e, on); ok {
		add(r, "网站底部还须有版权所有信息。", "The footer of the site also needs a copyright line.")
	}
	if r, ok := firstApplicable(p.rules.SiteTitle, nil, e, on); ok {
		add(r.Rule, r.Chinese, r.English)
	}
	requirements = append(requirements, p.suffixRequirement(e, on)...)
	days, _ := firstApplicable(p.rules.BureauDays, provinces().national.BureauDays, e, on)
	add(days.Rule, fmt.Sprintf("管局审核最长%d个工作日。", days.Days), fmt.Sprintf("The bureau decides within %d working days.", days.Days))
	for _, n := range p.rules.Notes {
		if n.applies(e, workday.DateOf(on)) {
			add(n.Rule, n.Chinese, n.English)
		}
	}
	return requirements
}

func (p Province) residenceRequirement(on time.Time) []Requirement {
	r := p.Residence(on)
	var w finding.Words
	switch r.Policy {
	case ResidenceUnknown:
		return nil
	case ResidenceAllowed:
		w = finding.Words{Chinese: "非本省户籍的个人也可以备案。", English: "Individuals from other provinces may file."}
	case LocalOnly:
		w = finding.Words{Chinese: "只受理本省户籍的个人。", English: "Only individuals with a registered household in the province may file."}
		if r.Effect == Review {
			w = finding.Words{Chinese: "一般只受理本省户籍的个人；外省个人由审核人员确认。",
				English: "Usually only individuals with a registered household in the province may file; for others a reviewer decides."}
		}
	default:
		paper := residenceDocuments[r.Policy]
		w = finding.Words{Chinese: "非本省户籍的个人须提供" + paper.Chinese + "。",
			English: "Individuals from other provinces must provide " + paper.English + "."}
	}
	return []Requirement{{w, r.Source, r.From}}
}

func (p Province) leaderRequirements(on time.Time) []Requirement {
	r := p.SubjectLeader(on)
	w := map[LeaderChoice]finding.Words{
		LegalRepresentative: {Chinese: "主体负责人一般须为法定代表人。", English: "The subject leader must usually be the legal representative."},
		WithLetter: {Chinese: "主体负责人不是法定代表人的，须提交授权书。",
			English: "A subject leader who is not the legal representative needs an authorisation letter."},
		Anyone: {Chinese: "主体负责人可以是法定代表人或本单位员工。", English: "The subject leader can be the legal representative or a member of staff."},
	}[r.Who]
	switch r.SiteLeader {
	case "same":
		w.Chinese += "此时主体负责人与网站负责人须为同一人。"
		w.English += " In that case subject leader and site leader must be the same person."
	case "different":
		w.Chinese += "主体负责人与网站负责人不得为同一人。"
		w.English += " Subject leader and site leader must be different people."
	}
	requirements := []Requirement{{w, r.Source, r.From}}
	if letter, ok := firstApplicable(p.rules.SiteLeaderLetter, nil, certificate.Enterprise, on); ok {
		requirements = append(requirements, Requirement{finding.Words{Chinese: "网站负责人不是法定代表人的，须提交授权书。",
			English: "A site leader who is not the legal representative needs an authorisation letter."}, letter.Source, letter.From})
	}
	return requirements
}

// kindWords are the kinds of application to which a cap can be restricted.
var kindWords = map[string]finding.Words{
	"FIRST": {Chinese: "首次备案", English: "a first filing"}, "ADD_SITE_OWN": {Chinese: "新增网站", English: "a new site"},
	"ADD_SITE_FOREIGN": {Chinese: "新增网站（主体在别处备案）", English: "a new site of a subject filed elsewhere"},
	"ADD_ACCESS":       {Chinese: "新增接入", English: "a new access"},
}

func (c Cap) words() finding.Words {
	w := map[Limit]finding.Words{
		DomainsPerOrder: {Chinese: "一个订单最多%d个域名", English: "At most %d domains in an order"},
		SitesPerOrder:   {Chinese: "一个订单最多%d个网站", English: "At most %d sites in an order"},
		DomainsPerSite:  {Chinese: "一个网站最多%d个域名", English: "At most %d domains in a site"},
		SitesPerSubject: {Chinese: "一个主体最多%d个网站", English: "At most %d sites for a subject"},
	}[c.Limit]
	w = finding.Words{Chinese: fmt.Sprintf(w.Chinese, c.Max), English: fmt.Sprintf(w.English, c.Max)}
	if c.FiledAbove > 0 {
		w.Chinese = fmt.Sprintf("已备案网站超过%d个的，", c.FiledAbove) + w.Chinese
		w.English += fmt.Sprintf(" if more than %d sites are already filed", c.FiledAbove)
	}
	for i, kind := range c.Kinds {
		before, between := "（限", " for: "
		if i > 0 {
			before, between = "、", ", "
		}
		w.Chinese += before + kindWords[kind].Chinese
		w.English += between + kindWords[kind].English
	}
	if len(c.Kinds) > 0 {
		w.Chinese += "）"
	}
	tail := map[Effect]finding.Words{
		Refuse:    {Chinese: "。", English: "."},
		Review:    {Chinese: "；超过的由审核人员确认。", English: "; a reviewer decides about more."},
		Plan:      {Chinese: "；超过的须提交网站建设方案书。", English: "; more require a website construction plan."},
		Statement: {Chinese: "；超过的须提交盖章的情况说明。", English: "; more require a stamped statement."},
	}[c.Effect]
	return finding.Words{Chinese: w.Chinese + tail.Chinese, English: w.English + tail.English}
}
