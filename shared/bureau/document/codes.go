package document

// CodeTables are the bureau's code lists (JCDM), which replace earlier ones. Documents contain the Id of an entry.
type CodeTables struct {
	Units  []Unit  `wire:"Bbdwlb?/Bbdw+ all"`
	Tables *Tables `wire:"Jcdm_xx? all"`
}

// A Unit is a provider or carrier that reports to bureaus.
type Unit struct {
	ID       int64  `wire:"Id L[1..]"`
	Name     string `wire:"Dwmc S[1..255]"`
	Class    int64  `wire:"Dwfl? L[1..999]"`
	Industry int64  `wire:"Dwhyfl? L[1..999]"`
	Licence  string `wire:"Jyxkzbh? S[1..128]"`
	Province int64  `wire:"Shengid? L[100000..]"`
	City     int64  `wire:"Shiid? L[100000..]"`
	County   int64  `wire:"Xianid? L[100000..]"`
	Detail   string `wire:"Xxdz? S[1..1024]"`
	Valid    int64  `wire:"Sfyx L[0..1]"`
	Remark   string `wire:"Bz? S[0..128]"`
}

// Tables are the code lists of V3.0, each optional.
type Tables struct {
	UnitClasses          []Code            `wire:"Dwfl_dms?/Dwfl_xx+ all"`
	Natures              []Code            `wire:"Dwxz_dms?/Dwxz_xx+ all"`
	Areas                []AreaCode        `wire:"Qy_dms?/Qy_xx+ all"`
	FeedbackKinds        []FeedbackCode    `wire:"Yjfk_Wtfls?/Yjfk_Wtfl_xx+ all"`
	Bureaus              []BureauCode      `wire:"Gj_dms?/Gj_dm_xx+ all"`
	Industries           []IndustryCode    `wire:"Hyfl_dms?/Hyfl_xx+ all"`
	Ranks                []Code            `wire:"Xzjb_dms?/Xzjb_xx+ all"`
	CertificateKinds     []CertificateCode `wire:"Zjlx_dms?/Zjlx_xx+ all"`
	PreApprovals         []PreApprovalCode `wire:"Wzjylx_dms?/Wzjylx_xx+ all"`
	Services             []MaskedCode      `wire:"Wzfwlx_dms?/Wzfwlx_xx+ all"`
	AccessModes          []MaskedCode      `wire:"Wzjrfs_dms?/Wzjrfs_xx+ all"`
	CancellationReasons  []ReasonCode      `wire:"Zxly_dms?/Zxly_xx+ all"`
	UnfiledHandlings     []HandlingCode    `wire:"Wbacl_dms?/Wbacl_xx+ all"`
	VerificationOpinions []Code            `wire:"Hsyj_dms?/Hsyj+ all"`
	DomainKinds          []Code            `wire:"Ymlx_dms?/Ymlx+ all"`
	AttachmentFormats    []Code            `wire:"Fjwjgs_dms?/Fjwjgs+ all"`
	AttachmentPurposes   []AttachmentCode  `wire:"Fjytlx_dms?/Fjzjlx+ all"`
	Languages            []Code            `wire:"Yylb_dms?/Yylb+ all"`
}

// A Code is an entry of a list. Valid is 1 for an entry in force.
type Code struct {
	ID     int64  `wire:"Id L[1..]"`
	Name   string `wire:"Mc S[1..64]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}

// A MaskedCode is a Code with its bit in the bureau's masks.
type MaskedCode struct {
	ID     int64  `wire:"Id L[1..]"`
	Bit    int64  `wire:"Ysid L[1..]"`
	Name   string `wire:"Mc S[1..32]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}

// A PreApprovalCode is a MaskedCode that says whether an approval is required.
type PreApprovalCode struct {
	ID       int64  `wire:"Id L[1..]"`
	Bit      int64  `wire:"Ysid L[1..]"`
	Name     string `wire:"Mc S[1..32]"`
	Required int64  `wire:"Sfqzsp L[0..1]"`
	Remark   string `wire:"Bz? S[1..128]"`
	Valid    int64  `wire:"Sfyx L[0..1]"`
}

// An AreaCode is a province, city or county.
type AreaCode struct {
	ID     int64  `wire:"Id L[1..]"`
	Name   string `wire:"Mc S[1..32]"`
	Level  int64  `wire:"Lx? L[1..3]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}

// A FeedbackCode is a kind of complaint.
type FeedbackCode struct {
	ID     int64  `wire:"Id L[1..]"`
	First  string `wire:"Fl1 S[1..128]"`
	Second string `wire:"Fl2 S[1..128]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}

// A BureauCode is a provincial bureau; its ID is used as the location of an access.
type BureauCode struct {
	ID           int64  `wire:"Id L[1..]"`
	Bit          int64  `wire:"Ysid L[1..]"`
	Letters      string `wire:"Bm S[1..10]"`
	Name         string `wire:"Mc S[1..64]"`
	Province     int64  `wire:"Shengid? L[100000..]"`
	Abbreviation string `wire:"Shengjc? S[1..128]"`
	Remark       string `wire:"Bz? S[1..128]"`
	Valid        int64  `wire:"Sfyx L[0..1]"`
	Email        string `wire:"Dzyj? S[6..255]"`
	Mobile       string `wire:"Sjhm? S[11..128]"`
}

// An IndustryCode is an industry.
type IndustryCode struct {
	ID     int64  `wire:"Id L[1..]"`
	Key    string `wire:"Bm S[1..10]"`
	Name   string `wire:"Mc S[1..64]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}

// A CertificateCode is a kind of certificate, with the nature of its subjects.
type CertificateCode struct {
	ID     int64  `wire:"Id L[1..]"`
	Name   string `wire:"Mc S[1..64]"`
	Nature int64  `wire:"Dwflid L[1..]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}

// A ReasonCode is a reason for a cancellation.
type ReasonCode struct {
	ID     int64  `wire:"Id L[1..]"`
	Text   string `wire:"Nr S[1..128]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}

// A HandlingCode is a way of handling an unfiled site. Its validity is in the text of the interface, not in the schema.
type HandlingCode struct {
	ID     int64  `wire:"Id L[1..]"`
	Name   string `wire:"Ztmc S[1..128]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  *int64 `wire:"Sfyx? L[0..1]"`
}

// An AttachmentCode is a purpose of an attachment, with the kind of its owner.
type AttachmentCode struct {
	ID     int64  `wire:"Id L[1..]"`
	Name   string `wire:"Mc S[1..64]"`
	Owner  int64  `wire:"Ssdxlx L[1..]"`
	Remark string `wire:"Bz? S[1..128]"`
	Valid  int64  `wire:"Sfyx L[0..1]"`
}
