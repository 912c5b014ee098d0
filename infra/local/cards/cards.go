// Package cards draws certificates of invented people and organisations as a phone would photograph them, and measures how much of them a
// browser reads. The numbers have valid check digits; nothing belongs to a person.
//
//	reader, err := cards.Open(page, portalURL)
//	read, err := reader.Read(cards.Invented(3))
package cards

import (
	_ "embed"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

//go:embed draw.js
var drawing string

// A Card is one certificate, with what a browser should read on its photograph.
type Card struct {
	Paper  string         `json:"paper"` // resident-id-front, resident-id-back, business-licence or passport
	Values map[string]any `json:"values"`
	Photo  Photo          `json:"photo"`
	// Want has the fields by name.
	Want map[string]string `json:"-"`
}

// A Photo says how a certificate is photographed.
type Photo struct {
	Seed     int     `json:"seed"`
	Width    int     `json:"width"`   // pixels
	Degrees  float64 `json:"degrees"` // by which it is turned
	Skew     float64 `json:"skew"`
	Quarters int     `json:"quarters"` // turns by 90°
	Blur     float64 `json:"blur"`     // pixels
	Glare    float64 `json:"glare"`    // from 0 to 1
	Core     float64 `json:"core"`     // share of the glare that is as bright all over
	Shadow   float64 `json:"shadow"`
	Noise    float64 `json:"noise"`
	Quality  float64 `json:"quality"` // of the JPEG
	Table    string  `json:"table"`   // colour
	Grain    float64 `json:"grain"`   // contrast of the table's wood, from 0 to 1
	// Zoom enlarges the certificate; 0 is 1. Across and Down move it by shares of the photograph.
	Zoom   float64 `json:"zoom"`
	Across float64 `json:"across"`
	Down   float64 `json:"down"`
}

// Set is the number of different cards.
const Set = 40

// Names with rare characters and of minorities.
var names = []string{
	"王芳", "李秀英", "张伟", "欧阳娜娜", "陈骉", "刘翀", "赵垚", "黄龑", "周喆", "吴旻昊", "徐沁怡", "孙晟睿", "古丽巴哈尔·艾买提", "阿卜杜拉·买买提", "扎西次仁",
	"迪丽热巴·迪力木拉提", "诸葛瑾瑜", "司马懿轩", "马璟琰", "朱珺", "胡彧", "郭芃", "林薇", "何洺", "高昕玥", "罗懋", "郑翊", "梁奕辰", "谢韬", "宋祎", "乌兰图雅", "买买提江·吐尔逊",
}

var places = []struct{ code, name, office string }{
	{"320102", "江苏省南京市玄武区", "南京市公安局玄武分局"}, {"110105", "北京市朝阳区", "北京市公安局朝阳分局"}, {"310115", "上海市浦东新区", "上海市公安局浦东分局"},
	{"440305", "广东省深圳市南山区", "深圳市公安局南山分局"}, {"650102", "新疆维吾尔自治区乌鲁木齐市天山区", "乌鲁木齐市公安局天山分局"}, {"510104", "四川省成都市锦江区", "成都市公安局锦江分局"},
	{"330106", "浙江省杭州市西湖区", "杭州市公安局西湖分局"}, {"150102", "内蒙古自治区呼和浩特市新城区", "呼和浩特市公安局新城分局"},
}

var streets = []string{"示例街3号", "长虹路17号院5号楼2单元601室", "建设大道88号锦绣花园12栋1803号", "解放南路256弄9号402室", "学府路甲6号", "滨江东路1999号3幢"}

// Invented returns card n of the set. The same n always gives the same card.
func Invented(n int) Card {
	r := rand.New(rand.NewPCG(11643, uint64(n)))
	c := Card{Paper: []string{"resident-id-front", "business-licence", "resident-id-front", "resident-id-back", "business-licence", "resident-id-front", "passport", "business-licence"}[n%8],
		Values: map[string]any{}, Want: map[string]string{}, Photo: photoOf(n, r)}
	map[string]func(*rand.Rand, int){
		"resident-id-front": c.residentFront, "resident-id-back": c.residentBack, "business-licence": c.licence, "passport": c.passport,
	}[c.Paper](r, n)
	return c
}

// photoOf returns a readable photograph: each has some of the faults that hurried people make.
func photoOf(n int, r *rand.Rand) Photo {
	p := Photo{Seed: n*7919 + 17, Width: 2200, Quality: .85, Table: []string{"#7a5c43", "#d8d8d4", "#2e3338", "#a7b3a1"}[r.IntN(4)], Degrees: r.Float64()*4 - 2}
	switch n % 5 {
	case 1:
		p.Degrees, p.Skew = r.Float64()*12-6, r.Float64()*.1-.05
	case 2:
		p.Glare, p.Shadow = .45, .35
	case 3:
		p.Width, p.Quality, p.Blur = 1000, .55, .6 // a small file
	case 4:
		p.Noise, p.Blur, p.Shadow = 30, 1, .25
	}
	if n%10 == 7 {
		p.Quarters = 1 + r.IntN(3)
	}
	return p
}

func (c Card) residentFront(r *rand.Rand, n int) {
	place := places[r.IntN(len(places))]
	birth := time.Date(1955+r.IntN(50), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	number := withCheckDigit(fmt.Sprintf("%s%s%03d", place.code, birth.Format("20060102"), r.IntN(1000)))
	c.setFront(names[n*5%len(names)], number, place.name+streets[r.IntN(len(streets))])
}

// setFront sets what the side of a resident ID card with the portrait says.
func (c Card) setFront(name, number, address string) {
	ethnicity, sex := "汉", "女"
	if strings.Contains(name, "·") {
		ethnicity = "维吾尔"
	}
	if number[16]%2 == 1 {
		sex = "男"
	}
	c.Values["birth"] = []string{number[6:10], strings.TrimPrefix(number[10:12], "0"), strings.TrimPrefix(number[12:14], "0")}
	for key, value := range map[string]string{"name": name, "sex": sex, "ethnicity": ethnicity, "address": address, "number": number} {
		c.Values[key] = value
	}
	c.Want["name"], c.Want["number"], c.Want["address"] = name, number, address
}

func (c Card) residentBack(r *rand.Rand, _ int) {
	from := time.Date(2008+r.IntN(16), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	to := from.AddDate([]int{5, 10, 20}[r.IntN(3)], 0, 0)
	if r.IntN(4) == 0 {
		to = time.Time{}
	}
	c.setBack(places[r.IntN(len(places))].office, from, to)
}

// setBack sets what the side with the emblem says. A card without end has the zero time.
func (c Card) setBack(office string, from, to time.Time) {
	end, want := to.Format("2006.01.02"), to.Format(time.DateOnly)
	if to.IsZero() {
		end, want = "长期", "长期"
	}
	c.Values["authority"], c.Values["term"] = office, from.Format("2006.01.02")+"-"+end
	c.Want["valid-from"], c.Want["valid-to"] = from.Format(time.DateOnly), want
}

// Resident returns both sides of the resident ID card of an invented person, photographed well.
func Resident(name, number, address string, from, to time.Time) (front, back Card) {
	photo := Photo{Seed: 7, Width: 1200, Quality: .85, Table: "#7a5c43", Degrees: 1.5}
	front = Card{Paper: "resident-id-front", Photo: photo, Values: map[string]any{}, Want: map[string]string{}}
	back = Card{Paper: "resident-id-back", Photo: photo, Values: map[string]any{}, Want: map[string]string{}}
	front.setFront(name, number, address)
	back.setBack("北京市公安局东城分局", from, to)
	return front, back
}

func (c Card) licence(r *rand.Rand, n int) {
	place := places[r.IntN(len(places))]
	word := []string{"绿洲", "鑫淼", "瀚宇", "晟翊", "云栖", "骏驰", "琪瑞", "璟烨"}[r.IntN(8)]
	trade := []string{"农业", "网络科技", "文化传媒", "餐饮管理", "国际贸易", "信息技术"}[r.IntN(6)]
	city := strings.NewReplacer("江苏省", "", "广东省", "", "四川省", "", "浙江省", "", "新疆维吾尔自治区", "", "内蒙古自治区", "").Replace(place.name)
	city, _, _ = strings.Cut(city, "市")
	name := city + "示例" + word + trade + []string{"有限公司", "（集团）有限公司", "股份有限公司"}[r.IntN(3)]
	code := withCheckCharacter("91" + place.code + "MA" + randomCode(r, 7))
	began := time.Date(2003+r.IntN(20), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	address := place.name + streets[r.IntN(len(streets))]
	leader := names[(n*7+3)%len(names)]
	for key, value := range map[string]any{
		"name": name, "number": code, "type": "有限责任公司(自然人投资或控股)", "leaderLabel": "法定代表人", "leader": leader, "capital": "伍佰万元整", "address": address,
		"scope":       "许可项目：第二类增值电信业务；食品销售。一般项目：软件开发；技术服务、技术开发、技术咨询；农副产品销售；会议及展览服务。（除依法须经批准的项目外，凭营业执照依法自主开展经营活动）",
		"established": began.Format("2006年01月02日"), "issued": began.AddDate(2, 0, 3).Format("2006年01月02日"),
	} {
		c.Values[key] = value
	}
	c.Want["number"], c.Want["name"], c.Want["leader"], c.Want["address"], c.Want["valid-from"] = code, name, leader, address, began.Format(time.DateOnly)
	switch r.IntN(3) {
	case 0:
		c.Values["term"], c.Want["valid-to"] = began.Format("2006年01月02日")+"至长期", "长期"
	case 1:
		end := began.AddDate(20, 0, -1)
		c.Values["term"], c.Want["valid-to"] = began.Format("2006年01月02日")+"至"+end.Format("2006年01月02日"), end.Format(time.DateOnly)
	}
}

func (c Card) passport(r *rand.Rand, _ int) {
	person := []struct{ surname, given, country, sex string }{
		{"EXAMPLE", "ANNA MARIA", "DEU", "F"}, {"SAMPLE", "JOHN", "GBR", "M"}, {"TANAKA", "HANAKO", "JPN", "F"}, {"KIM", "MINJUN", "KOR", "M"}, {"NGUYEN", "VAN ANH", "VNM", "M"},
	}[r.IntN(5)]
	number := string(rune('A'+r.IntN(26))) + fmt.Sprintf("%08d", r.IntN(100_000_000))
	birth := time.Date(1960+r.IntN(40), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	expires := time.Date(2027+r.IntN(9), time.Month(1+r.IntN(12)), 1+r.IntN(28), 0, 0, 0, 0, time.UTC)
	pad := func(text string, n int) string { return (text + strings.Repeat("<", n))[:n] }
	born, ends, optional := birth.Format("060102"), expires.Format("060102"), strings.Repeat("<", 14)
	second := number + zoneDigit(number) + person.country + born + zoneDigit(born) + person.sex + ends + zoneDigit(ends) + optional + "0"
	second += zoneDigit(second[:10] + second[13:20] + second[21:43])
	for key, value := range map[string]any{
		"country": person.country, "number": number, "visible": person.surname + ", " + person.given, "sex": person.sex, "nationality": person.country,
		"birth": strings.ToUpper(birth.Format("02 Jan 2006")), "issued": strings.ToUpper(expires.AddDate(-10, 0, 0).Format("02 Jan 2006")), "expires": strings.ToUpper(expires.Format("02 Jan 2006")),
		"zone": []string{pad("P<"+person.country+person.surname+"<<"+strings.ReplaceAll(person.given, " ", "<"), 44), second},
	} {
		c.Values[key] = value
	}
	c.Want["number"], c.Want["valid-to"], c.Want["name-latin"] = number, expires.Format(time.DateOnly), person.surname+" "+person.given
}

// withCheckDigit completes the number of a resident ID card (GB 11643).
func withCheckDigit(number string) string {
	sum := 0
	for i, c := range number {
		sum += int(c-'0') * (1 << (17 - i) % 11)
	}
	return number + string("10X98765432"[sum%11])
}

const codeAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"

func randomCode(r *rand.Rand, n int) string {
	var out strings.Builder
	for range n {
		out.WriteByte(codeAlphabet[r.IntN(len(codeAlphabet))])
	}
	return out.String()
}

// withCheckCharacter completes a unified social credit code (GB 32100).
func withCheckCharacter(code string) string {
	sum, weight := 0, 1
	for _, c := range code {
		sum += strings.IndexRune(codeAlphabet, c) * weight
		weight = weight * 3 % 31
	}
	return code + string(codeAlphabet[(31-sum%31)%31])
}

// zoneDigit returns the check digit of a part of a machine-readable zone (ICAO 9303-3, 4.9).
func zoneDigit(text string) string {
	sum := 0
	for i, c := range text {
		sum += max(strings.IndexRune("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", c), 0) * []int{7, 3, 1}[i%3]
	}
	return fmt.Sprint(sum % 10)
}
