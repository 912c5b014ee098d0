package document_test

import (
	"slices"
	"testing"

	"beian/shared/bureau/document"
	"beian/shared/bureau/schema"
)

// TestDownloadsThatAreNotAboutSites: results of IP and domain filings and full copies are valid documents. They used to be reported as
// departures from the schema.
func TestDownloadsThatAreNotAboutSites(t *testing.T) {
	for inside, path := range map[string]string{
		`<IP><BAJG><Lyjg><Jgxx><Jgdm>2998</Jgdm><Dmms>IP</Dmms></Jgxx><Czlx>1</Czlx><IspId>1</IspId></Lyjg></BAJG></IP>`: "",
		`<IP><HCJG><Jgxx><Wb><Qsip>1</Qsip><Zzip>2</Zzip></Wb></Jgxx></HCJG></IP>`:                                       "",
		`<IP><BAJG/></IP>`: "",
		`<YM><BAJG><Jg_xx><Jgxx><Jgdm>3998</Jgdm><Dmms></Dmms></Jgxx><Czlx>1</Czlx></Jg_xx></BAJG></YM>`: "",
		`<SJTB/>`:                              "",
		`<SJTB><JCDM><Jcdm_xx/></JCDM></SJTB>`: "",
		`<SJTB><IP/></SJTB>`:                   "",
		`<IP><BAJG><Lyjg><Jgxx><Jgdm>2998</Jgdm><Dmms>IP</Dmms></Jgxx><Czlx>4</Czlx></Lyjg></BAJG></IP>`: "DownloadData/IP/BAJG/Lyjg[1]/Czlx",
		`<SJTB><IP/><JCDM/></SJTB>`: "DownloadData/SJTB",
		`<IP/><YM/>`:                "DownloadData",
		`<SJTB><SJTB/></SJTB>`:      "DownloadData/SJTB/SJTB",
	} {
		_, problems, err := document.ParseDownload([]byte(`<DownloadData version="V.3.0">` + inside + `</DownloadData>`))
		switch {
		case err != nil:
			t.Errorf("%s: %v", inside, err)
		case path == "" && len(problems) > 0 || path != "" && (len(problems) != 1 || problems[0].Path != path):
			t.Errorf("%s: %v, want %q", inside, problems, path)
		}
	}
}

// TestOperationsOfResults: Czlx is 1 to 7, and 35 by the comment in the schema.
func TestOperationsOfResults(t *testing.T) {
	for operation, valid := range map[string]bool{"0": false, "1": true, "7": true, "8": false, "34": false, "35": true, "36": false} {
		_, problems, err := document.ParseDownload([]byte(`<DownloadData version="V.3.0"><ICP><BAJG><Jg_xx><Jgxx><Jgdm>1001</Jgdm></Jgxx><Czlx>` +
			operation + `</Czlx></Jg_xx></BAJG></ICP></DownloadData>`))
		if err != nil || (len(problems) == 0) != valid {
			t.Errorf("%s: %v, %v", operation, problems, err)
		}
	}
}

// TestTaskWithoutMobile: in a verification task (HSRW) the mobile numbers of both leaders are optional.
func TestTaskWithoutMobile(t *testing.T) {
	download := everyDownload()[0]
	task := &download.ICP.Tasks[0]
	task.Subject.Leader = document.TaskLeader{Email: "a@b.cn"}
	task.Sites[0].Leader = document.FiledSiteLeader{Name: "示例"}
	content, err := download.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	if _, problems, err := document.ParseDownload(content); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
}

// TestUnitsInVerifyResults: what a unit must provide is checked in the result of a verification.
func TestUnitsInVerifyResults(t *testing.T) {
	upload := everyUpload()[0]
	filing := &upload.ICP.TaskResults[0].Filing
	filing.Subject.Leader.Name, filing.Subject.Leader.OfficePhone, filing.Sites[0].Leader.OfficePhone = "", "", ""
	for nature, want := range map[int64][]string{
		document.IndividualNature: nil,
		0:                         nil, // an individual without a nature
		4:                         {"Zt_xx/Fzr/Fzr_xm", "Zt_xx/Fzr/Fzr_dhhm", "Wz_xx[1]/Wz_Fzr/Fzr_dhhm"},
	} {
		filing.Subject.Nature = nature
		var got []string
		for _, p := range upload.Validate() {
			got = append(got, p.Path)
		}
		for i := range want {
			want[i] = "UploadData/ICP/HSJG/Hsjgxx[1]/Baxx/" + want[i]
		}
		if !slices.Equal(got, want) {
			t.Errorf("nature %d: %v, want %v", nature, got, want)
		}
	}
}

// TestPasswordOfCancelledSubject: the filing password is required to cancel a subject that has one (MIIT-IF30 8.5).
func TestPasswordOfCancelledSubject(t *testing.T) {
	for _, c := range []struct {
		cancellation document.Cancellation
		missing      bool
	}{
		{document.Cancellation{What: document.CancelSubject}, true},
		{document.Cancellation{What: document.CancelSubject, WithoutPassword: true}, false},
		{document.Cancellation{What: document.CancelSubject, FilingPassword: "e10adc3949ba59abbe56e057f20f883e"}, false},
		{document.Cancellation{What: document.CancelSite}, false},
		{document.Cancellation{What: document.CancelAccess}, false},
	} {
		c.cancellation.ID, c.cancellation.Reason = 1, 1
		upload := document.NewUpload(1)
		upload.ICP.Cancel = []document.Cancellation{c.cancellation}
		problems := upload.Validate()
		if missing := len(problems) == 1 && problems[0].Rule == schema.Missing; missing != c.missing || len(problems) > 1 {
			t.Errorf("%+v: %v", c.cancellation, problems)
		}
	}
}

// TestAllocationModes: each mode of an IP allocation requires other fields (MIIT-IF30 8.6).
func TestAllocationModes(t *testing.T) {
	for mode, wrong := range map[int64]int{document.AllocatedForUse: 10, document.AllocatedToUnit: 1, document.UsedByProvider: 2, document.ReservedByProvider: 0} {
		upload := document.Upload{Version: document.Version, IP: &document.IPUpload{Provider: 1, New: &document.NewIP{Allocations: []document.NewIPAllocation{
			{ID: 1, IPAllocation: document.IPAllocation{First: 1, Last: 1, Mode: mode}},
		}}}}
		if problems := upload.Validate(); len(problems) != wrong {
			t.Errorf("mode %d: %v", mode, problems)
		}
	}
}
