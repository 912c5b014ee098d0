package document

// DomainUpload has the records of a registrar's domain filing (域名备案, UploadData/YM). The filing of websites does not need them.
type DomainUpload struct {
	New      []NewRegistration     `wire:"XZBA?/Xzxx{1,1000} all"`
	Change   []ChangedRegistration `wire:"XGBA?/Xzxx{1,1000} all"`
	Delete   []DeletedRegistration `wire:"SCBA?/Scxx{1,1000} choice"`
	Provider int64                 `wire:"Qqdwid L[1..]"`
}

// A Registration is a registered domain with its registrant (Zcr), administrator (Gly) and payer (Jfr).
type Registration struct {
	Domain                 string `wire:"Ym S[4..255]"`
	Kind                   int64  `wire:"Ymlx L[1..999]"`
	Registered             string `wire:"Zcsj S[10..10] date"`
	Registrant             string `wire:"Zcr_mc S[2..255]"`
	RegistrantOrganisation string `wire:"Zcr_zz S[1..255]"`
	RegistrantAddress      string `wire:"Zcr_txdz S[1..1000]"`
	RegistrantProvince     int64  `wire:"Zcr_shengid L[100000..]"`
	RegistrantCity         int64  `wire:"Zcr_shiid L[100000..]"`
	RegistrantEmail        string `wire:"Zcr_dzyj S[6..255]"`
	RegistrantPhone        string `wire:"Zcr_dhhm S[11..255]"`
	Administrator          string `wire:"Gly_mz S[2..255]"`
	AdministratorUnit      string `wire:"Gly_zz S[1..255]"`
	AdministratorAddress   string `wire:"Gly_dz S[1..1000]"`
	AdministratorProvince  int64  `wire:"Gly_shengid L[100000..]"`
	AdministratorCity      int64  `wire:"Gly_shiid L[100000..]"`
	AdministratorEmail     string `wire:"Gly_dzyj S[6..255]"`
	AdministratorPhone     string `wire:"Gly_dh S[11..255]"`
	Payer                  string `wire:"Jfr_mz? S[2..255]"`
	PayerOrganisation      string `wire:"Jfr_zz? S[1..255]"`
	PayerAddress           string `wire:"Jfr_dz? S[1..1000]"`
	PayerProvince          int64  `wire:"Jfr_shengid? L[100000..]"`
	PayerCity              int64  `wire:"Jfr_shiid? L[100000..]"`
	PayerEmail             string `wire:"Jfr_dzyj? S[6..255]"`
	PayerPhone             string `wire:"Jfr_dh? S[11..255]"`
	Registrar              string `wire:"Ym_zcs S[1..500]"`
	NameServers            string `wire:"Ym_fwq S[4..255]"`
	Expires                string `wire:"Yxrq S[10..10] date"`
}

// A NewRegistration has our id.
type NewRegistration struct {
	ID int64 `wire:"IspId L[1..]"`
	Registration
}

// A ChangedRegistration has the bureau's id.
type ChangedRegistration struct {
	BureauID int64 `wire:"Id L[1..]"`
	Registration
}

// A DeletedRegistration names a domain by the bureau's id or by its name.
type DeletedRegistration struct {
	BureauID int64  `wire:"Id? L[1..]"`
	Domain   string `wire:"Ym? S[4..255]"`
}

// DomainDownload has results of domain filings (DownloadData/YM).
type DomainDownload struct {
	Results []DomainResult `wire:"BAJG?/Jg_xx+"`
}

// A DomainResult is the result of one record.
type DomainResult struct {
	Items     []DomainResultItem `wire:"Jgxx+ all"`
	BureauID  int64              `wire:"Id? L[1..]"`
	Operation int64              `wire:"Czlx L[1..3]"`  // RecordAdded …
	ID        int64              `wire:"IspId? L[1..]"` // ours
	Remark    string             `wire:"Bz? S"`
}

// A DomainResultItem is one result code.
type DomainResultItem struct {
	Text string `wire:"Dmms S[0..255]"`
	Code int64  `wire:"Jgdm L[1..]"`
}
