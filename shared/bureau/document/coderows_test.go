package document_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"beian/shared/bureau/document"
)

// TestCodeRows: each list of the interface becomes rows and is made of rows, and the document is valid.
func TestCodeRows(t *testing.T) {
	lists := map[string][]document.CodeRow{}
	for _, element := range []string{"Dwfl_dms", "Dwxz_dms", "Qy_dms", "Hyfl_dms", "Xzjb_dms", "Wzfwlx_dms", "Wzjrfs_dms", "Zxly_dms", "Wbacl_dms",
		"Hsyj_dms", "Ymlx_dms", "Fjwjgs_dms", "Yylb_dms"} {
		lists[element] = []document.CodeRow{{ID: 1, Name: "甲", Valid: 1}, {ID: 330106, Name: "乙"}}
	}
	for _, element := range []string{"Zjlx_dms", "Fjytlx_dms", "Wzjylx_dms"} {
		lists[element] = []document.CodeRow{{ID: 2, Name: "丙", Detail: 1, Valid: 1}}
	}
	lists["Gj_dms"] = []document.CodeRow{{ID: 34, Name: "浙江", Detail: 330000, Valid: 1}}
	tables, err := document.TablesOf(lists)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(lists, tables.Rows()); diff != "" {
		t.Error(diff)
	}
	d := document.Download{Version: document.Version, Codes: &document.CodeTables{Tables: tables}}
	if problems := d.Validate(); len(problems) > 0 {
		t.Errorf("%v", problems)
	}
	feedback, err := document.TablesOf(map[string][]document.CodeRow{"Yjfk_Wtfls": {{ID: 1, Name: "丁", Valid: 1}}})
	if rows := feedback.Rows()["Yjfk_Wtfls"]; err != nil || len(rows) != 1 || rows[0].Name != "丁 丁" {
		t.Errorf("%+v, %v", rows, err)
	}
	if services := tables.Services; services[0].Bit != 1 || tables.Bureaus[0].Bit != 1<<33 {
		t.Errorf("bits %+v", services)
	}
	if _, err := document.TablesOf(map[string][]document.CodeRow{"Nothing": nil}); err == nil {
		t.Error("an element that is no list was accepted")
	}
}
