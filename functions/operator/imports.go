package operator

import (
	"context"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"beian/shared/aws/apigateway"
	"beian/shared/filing/register"
	"beian/shared/process/importing"
	"beian/shared/rules/finding"
	"beian/shared/web"
)

// An ImportPortion is a part of a table with what is filed already.
type ImportPortion struct {
	File      string      `json:"file" pattern:"^[0-9a-f]{64}$" doc:"SHA-256 of the file, in hex; the ledger of each filing names it"`
	Portion   int         `json:"portion" minimum:"1" maximum:"100000" doc:"number of the portion, from 1; it is repeated in the response"`
	Dry       bool        `json:"dry,omitempty" doc:"check only: nothing is stored, and the results say what the import would do"`
	Overwrite bool        `json:"overwrite,omitempty" doc:"change filings that the register has with other data; without it they stay, with the outcome differs"`
	Header    []string    `json:"header" minItems:"1" maxItems:"100" nullable:"false" doc:"titles of the columns, from column A; see GET /imports/template"`
	Rows      []ImportRow `json:"rows" minItems:"1" maxItems:"500" nullable:"false" doc:"all rows of each subject of the portion; at most 50 subjects"`
}

// An ImportRow is one row of the table: one site.
type ImportRow struct {
	Row   int      `json:"row" minimum:"2" maximum:"1048576" doc:"number of the row in the file; the header is row 1"`
	Cells []string `json:"cells" maxItems:"100" doc:"texts of the cells, from column A; at most 4,096 bytes each"`
}

// ImportResults are the results of one portion.
type ImportResults struct {
	Portion  int             `json:"portion"`
	Dry      bool            `json:"dry" doc:"nothing was stored"`
	Subjects []ImportSubject `json:"subjects" nullable:"false" doc:"in the order of their first rows"`
}

// An ImportSubject is what the import did with one subject, or would do.
type ImportSubject struct {
	Rows     []int               `json:"rows"`
	Outcome  importing.Outcome   `json:"outcome" enum:"created,replaced,unchanged,differs,refused" doc:"differs: the register has other data, which stay unless overwrite is set; refused: a finding blocks"`
	Filing   register.ID         `json:"filing,omitempty" doc:"the filing of the register; absent if none is stored"`
	Changed  []string            `json:"changed,omitempty" doc:"places that differ from the register, without their values"`
	Findings []ImportCellFinding `json:"findings" nullable:"false"`
}

// An ImportCellFinding is a finding on a cell.
type ImportCellFinding struct {
	Cell     string           `json:"cell" doc:"B7; only the row's number if the file has no such column" example:"B7"`
	Column   string           `json:"column,omitempty" doc:"key of the column, for example subjectName"`
	Code     finding.Code     `json:"code" doc:"stable rule code"`
	Severity finding.Severity `json:"severity" enum:"block,warn,inform"`
	Message  finding.Words    `json:"message"`
	Remedy   finding.Words    `json:"remedy"`
}

type importInput struct{ Body ImportPortion }

type importOutput struct{ Body ImportResults }

// workbookType is the media type of XLSX.
const workbookType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

type templateInput struct {
	Format string `query:"format" enum:"csv,xlsx" default:"csv" doc:"xlsx: a workbook whose columns have the format text, with a sheet that explains them"`
}

type templateOutput struct {
	ContentType string `header:"Content-Type"`
	Disposition string `header:"Content-Disposition"`
	Body        []byte
}

// maxImportBody fits 500 rows of 40 cells with 30 Chinese characters each.
const maxImportBody = 4 << 20

// registerImports registers the import of what is filed already.
func (a operations) registerImports() {
	const tag = "Register"
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "GET /imports/template", Tag: tag,
		Summary:     "Download the template of the table for an import, with the header and an example",
		Description: "Fill it in and send its rows with POST /imports, or with make import. As a workbook, its columns are text, so that numbers and dates stay as they are typed."},
		func(_ context.Context, _ *web.Call, in *templateInput) (*templateOutput, error) {
			if in.Format == "xlsx" {
				book, err := importing.Workbook()
				return &templateOutput{ContentType: workbookType, Disposition: `attachment; filename="beian-import.xlsx"`, Body: book}, err
			}
			return &templateOutput{ContentType: "text/csv; charset=utf-8", Disposition: `attachment; filename="beian-import.csv"`, Body: importing.Template()}, nil
		})
	a.DescribeContent("/imports/template", map[string]*huma.MediaType{"text/csv": {Schema: &huma.Schema{Type: huma.TypeString}},
		workbookType: {Schema: &huma.Schema{Type: huma.TypeString, Format: "binary"}}})
	web.Register(a.API, web.Operation{Roles: web.Admins, Route: "POST /imports", Tag: tag, MaxBody: maxImportBody,
		Summary:     "Import a portion of a table with what is filed already; the same rows again change nothing",
		Description: "Send all rows of a subject in one portion, first with dry to see every finding with its cell. Personal data are encrypted like those of other filings. Rows whose findings block are refused; the others are stored."},
		func(ctx context.Context, c *web.Call, in *importInput) (*importOutput, error) {
			p := importing.Portion{File: in.Body.File, Header: in.Body.Header, Overwrite: in.Body.Overwrite, Dry: in.Body.Dry}
			for _, r := range in.Body.Rows {
				p.Rows = append(p.Rows, importing.Row(r))
			}
			a.logAccess(ctx, c, "import filings", "file", p.File, "portion", in.Body.Portion, "rows", len(p.Rows), "dry", p.Dry, "overwrite", p.Overwrite)
			results, err := a.importer().Import(ctx, p)
			return &importOutput{Body: ImportResults{Portion: in.Body.Portion, Dry: p.Dry, Subjects: importSubjectsOf(results)}}, err
		})
}

func (a operations) importer() *importing.Importer {
	provider, _ := strconv.ParseInt(a.config.Bureau.Link, 10, 64) // a provider that files by hand may have no number
	return &importing.Importer{Store: a.config.Store, Now: a.Decisions.Now, Provider: provider, IsAccount: apigateway.IsAccount}
}

func importSubjectsOf(results []importing.Result) []ImportSubject {
	subjects := []ImportSubject{}
	for _, r := range results {
		s := ImportSubject{Rows: r.Rows, Outcome: r.Outcome, Filing: r.Filing, Changed: r.Changed, Findings: []ImportCellFinding{}}
		for _, f := range r.Findings {
			s.Findings = append(s.Findings, ImportCellFinding{Cell: f.Cell, Column: f.Column, Code: f.Code, Severity: f.Severity, Message: f.Message, Remedy: f.Remedy})
		}
		subjects = append(subjects, s)
	}
	return subjects
}
