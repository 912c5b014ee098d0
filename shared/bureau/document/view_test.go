package document_test

import (
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
)

// personal are the elements whose texts and data a view never shows.
var personal = strings.Fields(`
	Bz Clyj Cwxx Cwyy Dmms Dwmc Dzyj Fjnr Fzr_dhhm Fzr_dzyj Fzr_sjhm Fzr_xm Fzr_zjhm Hsrxm Hsyj ICPmm Jyxkzbh Msn Qq Qzsph
	Sbrdh Sbrdzyj Sbrxm Shr_dhhm Shrxm Shyj Sjhm Spwj Syurl Tznr Tzr Wz_Bz Wzmc Xxdz Zjhm Zjzs Zslj Zsxh Zsyxq Zxlybz sjhm
	Lxrdh Lxrdzyj Lxrxm Ly_dwmc Wgdz Gly_dh Gly_dz Gly_dzyj Gly_mz Gly_zz Jfr_dh Jfr_dz Jfr_dzyj Jfr_mz Jfr_zz
	Zcr_dhhm Zcr_dzyj Zcr_mc Zcr_txdz Zcr_zz Ym_fwq Ym_zcs`)

// harmless are the elements that a view shows if their text has the expected form, as these values have.
var harmless = map[string]string{
	"Baxh": "京ICP备2026000001号", "Wz_Baxh": "京ICP备2026000001号-1", "Wzbah": "京ICP备2026000001号-1", "Ztbah": "京ICP备2026000001号",
	"Ym": "invented-example.com", "Wzym_mc": "例子.cn", "Bs": "990000000001",
	"Dqjcsj": "2026-03-02 10:00:00", "Hcsj": "2026-03-02", "Hssj": "2026-03-02", "Rbsj": "2026-03-02", "Clsx": "2026-03-02",
	"Scbbsj": "2026-03-02 10:00:00.0", "Scjcsj": "2026-03-02", "Shsj": "2026-03-02T10:00:00", "Zjxgsj": "2026-03-02",
	"Fprq": "2026-03-02", "Zcsj": "2026-03-02", "Yxrq": "2027-03-02",
}

// inTables are shown in code tables.
var inTables = map[string]string{"Bm": "bm", "Fl1": "fl1", "Fl2": "fl2", "Mc": "mc", "Nr": "nr", "Shengjc": "京", "Ztmc": "ztmc"}

var leaf = regexp.MustCompile(`^(?:\w+[?*]?/)?(\w+)\S* [SB]\b`)

// populate sets every field of a document to the value of its element, and gives every list one item.
func populate(v reflect.Value, value func(element string) string) {
	for _, of := range reflect.VisibleFields(v.Type()) {
		tag := of.Tag.Get("wire")
		if tag == "" {
			continue // not part of the document
		}
		element := ""
		if m := leaf.FindStringSubmatch(tag); m != nil {
			element = m[1]
		}
		field := v.FieldByIndex(of.Index)
		if field.Kind() == reflect.Slice && !(field.Type().Elem().Kind() == reflect.Uint8) {
			field.Set(reflect.MakeSlice(field.Type(), 1, 1))
			field = field.Index(0)
		}
		if field.Kind() == reflect.Pointer {
			field.Set(reflect.New(field.Type().Elem()))
			field = field.Elem()
		}
		switch {
		case field.Kind() == reflect.Struct:
			populate(field, value)
		case field.CanInt():
			field.SetInt(4711)
		case field.CanUint():
			field.SetUint(4711)
		case strings.HasPrefix(tag, "@"):
			field.SetString(document.Version)
		case field.Kind() == reflect.String:
			field.SetString(value(element))
		default:
			field.SetBytes([]byte(value(element)))
		}
	}
}

const secret = "示例人 13800000000"

func filled(t *testing.T, value func(string) string) map[string]schema.View {
	t.Helper()
	var upload document.Upload
	var download, codes document.Download
	for _, d := range []any{&upload, &download, &codes} {
		populate(reflect.ValueOf(d).Elem(), value)
	}
	download.Codes, download.Sync.Codes = nil, nil
	codes.ICP, codes.IP, codes.Domains, codes.Sync = nil, nil, nil, nil
	return map[string]schema.View{"upload": upload.View(), "download": download.View(), "codes": codes.View()}
}

// TestEveryTextIsShownOrRedacted: each text and attachment of a document must be in exactly one list.
func TestEveryTextIsShownOrRedacted(t *testing.T) {
	var known []string
	filled(t, func(element string) string {
		known = append(known, element)
		_, open := harmless[element]
		_, table := inTables[element]
		if hidden := slices.Contains(personal, element); hidden == (open || table) {
			t.Errorf("%q is not in exactly one of the lists", element)
		}
		return secret
	})
	for _, element := range personal {
		if !slices.Contains(known, element) {
			t.Errorf("%s is in no document", element)
		}
	}
}

func TestViewsHaveNoPersonalData(t *testing.T) {
	for name, view := range filled(t, func(element string) string {
		if inTables[element] != "" {
			return inTables[element]
		}
		return secret
	}) {
		text, err := json.Marshal(view)
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"示例人", "138", "5ZCN"} {
			if strings.Contains(string(text), part) {
				t.Errorf("%s shows %q", name, part)
			}
		}
		if !strings.Contains(string(text), "4711") || !strings.Contains(string(text), schema.Redacted) {
			t.Errorf("%s shows no codes, or hides nothing: %.300s", name, text)
		}
	}
}

func TestViewsShowCodesAndIDs(t *testing.T) {
	views := filled(t, func(element string) string {
		if value, is := harmless[element]; is {
			return value
		}
		if value, is := inTables[element]; is {
			return value
		}
		return secret
	})
	text := fmt.Sprint(views)
	for _, values := range []map[string]string{harmless, inTables} {
		for element, value := range values {
			if !strings.Contains(text, element+":"+value) {
				t.Errorf("%s is not shown", element)
			}
		}
	}
	baxx := views["upload"]["ICP"].(schema.View)["XZBA"].(schema.View)["Baxx"].([]any)[0].(schema.View)
	if got := baxx["Fj"].([]any)[0].(schema.View)["Fjxx"].(schema.View)["Fjnr"]; got != schema.Redacted {
		t.Errorf("an attachment shows %v", got)
	}
	if got := views["upload"]["@version"]; got != document.Version {
		t.Errorf("version %v", got)
	}
}

// TestViewsAreLimited: the view of a large document shows its first items, and how many are left out.
func TestViewsAreLimited(t *testing.T) {
	d := document.Download{ICP: &document.ICPDownload{Unfiled: make([]document.UnfiledSite, 10_000), Tasks: make([]document.Task, 10)}}
	text, err := json.Marshal(d.View())
	if err != nil {
		t.Fatal(err)
	}
	icp := d.View()["ICP"].(schema.View)
	list := icp["WBAWZLB"].(schema.View)["Wbawz_xx"].([]any)
	if len(list) != schema.MaxViewed+1 || list[schema.MaxViewed].(schema.View)["@more"] != 10_000-schema.MaxViewed || len(text) > 256<<10 {
		t.Errorf("%d items in %d bytes, the last is %v", len(list), len(text), list[len(list)-1])
	}
	if tasks := icp["HSRW"].(schema.View)["Baxx"].([]any); len(tasks) != 1 {
		t.Errorf("%d tasks after the limit", len(tasks))
	}
}
