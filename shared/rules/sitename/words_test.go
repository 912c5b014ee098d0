package sitename

import (
	"slices"
	"strings"
	"testing"
)

// TestIsWord: every line of the file is found, for which they must be sorted, and nothing else.
func TestIsWord(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(wordsFile, "\n"), "\n")
	if len(lines) < 20_000 || !slices.IsSorted(lines) || len(slices.Compact(slices.Clone(lines))) != len(lines) {
		t.Fatal("the words are not sorted, or one is there twice")
	}
	for _, word := range lines {
		if !isWord(word) {
			t.Fatalf("%q is not found", word)
		}
		if longer := word + "\x00"; isWord(longer) || isWord(word[:len(word)-1]) {
			t.Fatalf("a part of a character, or a character after %q, is found", word)
		}
	}
	for _, other := range []string{"", "\n", "a", "\xff", lines[0] + "\n" + lines[1]} {
		if isWord(other) {
			t.Errorf("%q is found", other)
		}
	}
}

// The longest word wins, and a place inside another word does not count: 朝阳的日记 was refused as the name of a place.
func TestFindPlace(t *testing.T) {
	for name, want := range map[string]string{
		"朝阳的日记": "", "大理石小记": "", "中山装爱好": "", "长春藤小屋": "", "常春藤": "", "海上日出": "", "南海的风": "", "东方的故事": "", "和平的日记": "",
		"宝安的笔记": "", "吉祥如意": "", "平安的日记": "", "西安门旧事": "", "上海滩旧梦": "", "三明治食谱": "", "普洱茶笔记": "", "哈密瓜种植": "", "和田玉收藏": "",
		"日照金山": "", "大同小异": "", "阿里巴巴与四十大盗": "", "入海口观鸟": "", "大海南边": "", "黄河南岸": "", "今天津津有味": "", "北海道游记": "", "江南京剧": "",
		"来宾名册": "", "开封的信": "", "白银时代": "", "德州扑克笔记": "", "小测的记事本": "", "长治久安": "", "城区跑步": "", "ABC 123": "", "": "", "\xff": "",
		"杭州的春天": "杭州", "我在杭州的日子": "杭州", "海南游记": "海南", "吉安小记": "吉安", "通化小记": "通化", "北京烤鸭日记": "北京", "上海的海": "上海", "朝阳区的日记": "朝阳区",
		"和康县见闻": "和康县", "草湖市见闻": "草湖市", "西湖区散步": "西湖区", "延边风光": "延边", "内蒙古草原": "内蒙古", "香港购物": "香港", "去海南边走边看": "海南", "广西游记本": "广西",
	} {
		if got := findPlace(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A word of a list that only appears where two other words meet does not count.
func TestContains(t *testing.T) {
	for _, c := range []struct {
		name, word string
		want       bool
	}{
		{"个人大事记", "人大", false}, {"提交流程笔记", "交流", false}, {"初中心得", "中心", false}, {"完成人物设定", "成人", false}, {"现在线上课堂", "在线", false},
		{"国外交流笔记", "交流", true}, {"示例有限公司", "公司", true}, {"我爱中国风", "中国", true}, {"中国人的故事", "中国", true}, {"小测工作室", "工作室", true},
		{"小测的博客", "博客", true}, {"示例人大代表", "人大", true}, {"", "人大", false}, {"公司公司", "公司", true}, {"\xff公司", "公司", true},
	} {
		if got := contains(c.name, c.word); got != c.want {
			t.Errorf("%s, %s: %t", c.name, c.word, got)
		}
	}
}

func FuzzFindPlace(f *testing.F) {
	f.Add("朝阳的日记")
	f.Fuzz(func(t *testing.T, name string) { findPlace(name); contains(name, "人大") })
}
