package webpage

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// copyright finds the line that says whose a site is (S22).
var copyright = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)版\s?权\s?所\s?有|版权归|©|copyright|\(c\) ?(?:19|20)\d\d|著作权所有`)
})

// contentWords are words that a page has if it offers a kind of content: the ministry's number (Wzfwlx, icp-filing 4.8), and words of which at
// least two stand on the page.
var contentWords = []struct {
	id    int
	words []string
}{
	{9, []string{"加入购物车", "购物车", "立即购买", "去结算", "提交订单", "我的订单"}},
	{10, []string{"扫码支付", "收银台", "充值余额", "提现"}},
	{12, []string{"荐股", "股票开户", "基金申购", "净值估算", "涨停板"}},
	{13, []string{"开始游戏", "游戏下载", "开服表", "游戏礼包", "页游", "手游"}},
	{14, []string{"在线试听", "歌单", "热门歌曲", "音乐下载"}},
	{15, []string{"在线观看", "电视剧", "全集", "免费电影", "播放列表"}},
	{18, []string{"投递简历", "招聘职位", "求职者", "企业直招"}},
	{19, []string{"相亲", "交友", "牵手成功", "附近的人"}},
	{20, []string{"二手房", "新房楼盘", "租房", "房源"}},
	{21, []string{"在线课程", "报名学习", "题库", "网校"}},
}

// suggestedContent returns the kinds of content of which a text has at least two words.
func suggestedContent(text string) []int {
	var ids []int
	for _, c := range contentWords {
		found := 0
		for _, w := range c.words {
			if strings.Contains(text, w) {
				found++
			}
		}
		if found >= 2 {
			ids = append(ids, c.id)
		}
	}
	return slices.Clip(ids)
}
