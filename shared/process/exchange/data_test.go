package exchange_test

import (
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/bureau/document"
	"beian/shared/bureau/simulator"
	"beian/shared/bureau/wire"
	"beian/shared/filing"
	"beian/shared/process/decide"
	"beian/shared/process/exchange"
	"beian/shared/process/facts"
	"beian/shared/rules/evidence"
	"beian/shared/rules/person"
)

// limitTo64KB makes a bureau accept files of 64 KB at most.
func limitTo64KB(c *simulator.Config) { c.MaxDocument = 64 << 10 }

// outsideGBK gives an order a leader whose name is outside GBK.
func outsideGBK(o *filing.Order) { o.Private.Subject.Leader.Name = person.Name("示𪚥") }

// tooLarge makes an order too large for such a bureau.
func tooLarge(o *filing.Order) {
	o.Evidence = map[evidence.Slot]filing.Evidence{evidence.Slot(evidence.OtherDocument): {Key: largePaper}}
}

// Papers whose copies system.put stores, and the sizes of the copies in bytes.
const (
	smallPaper = "small"
	largePaper = "large"
)

var paperSizes = map[evidence.Key]int{smallPaper: 100, largePaper: 60 << 10}

// reviewerOpinion returns a decision of the bureau's reviewer about a record of ours.
func reviewerOpinion(id, decision int64) *document.Results {
	return &document.Results{Opinions: []document.Opinion{{
		Time: document.FormatTime(startTime), Decision: decision, Operation: document.NewFilingOperation, Record: id,
	}}}
}

// filedData returns the filed data of an order, as the bureau sends them.
func filedData(o filing.Order, number string) document.FiledData {
	id, day := o.Bureau.FirstID, document.FormatDate(startTime)
	return document.FiledData{
		Subject: document.FiledSubject{
			ID: id, BureauID: 700001 + 1000*id, Name: "示例人", Nature: 5, Number: number, ReportMode: 1, Reported: day, Changed: day,
			Address:     document.FiledAddress{Province: 330000},
			Certificate: document.FiledCertificate{Kind: 2, Number: o.Private.Subject.Certificate.Number.Reveal(), Address: "示例路1号"},
			Leader:      document.FiledLeader{Email: "person@example.com"},
		},
		Sites: []document.FiledSite{{
			ID: id + 1, BureauID: 710001 + 1000*id, Name: "木作手记", Languages: []int64{1}, Number: number + "-1",
			Domains: []document.FiledDomain{{BureauID: 720001 + 1000*id, Name: string(o.Domains[0])}},
			Accesses: []document.FiledAccess{{
				BureauID: 730001 + 1000*id, Provider: 1, Locations: []int64{34}, Modes: []int64{5},
				IPs: []document.FiledIPRange{{BureauID: 740001 + 1000*id, First: 1, Last: 1}},
			}},
			Leader: document.FiledSiteLeader{Name: "示例人"},
		}},
	}
}

// setNextSequence sets the number of the link's next file, as in a restored table; 0 is a link without a state.
func (w *system) setNextSequence(next int64) {
	w.t.Helper()
	doc, err := json.Marshal(exchange.LinkState{Next: next})
	if err != nil {
		w.t.Fatal(err)
	}
	_, err = w.store.Client.PutItem(w.t.Context(), &dynamodb.PutItemInput{TableName: aws.String(w.table),
		Item: map[string]types.AttributeValue{
			"pk":  &types.AttributeValueMemberS{Value: "BUREAU#" + w.reliableExchange().Link},
			"sk":  &types.AttributeValueMemberS{Value: "STATE"},
			"doc": &types.AttributeValueMemberB{Value: doc},
		}})
	if err != nil {
		w.t.Fatal(err)
	}
}

// forgetOrder sets an order back to before its upload, as in a restored table.
func (w *system) forgetOrder(id filing.ID) {
	w.t.Helper()
	o := w.readOrder(id)
	o.Status, o.Bureau = filing.Transmitted, &filing.BureauState{Record: o.Bureau.Record, FirstID: o.Bureau.FirstID}
	o.Version++
	o.LastSeq++
	change := filing.Change{Order: o, Entry: filing.Entry{Order: id, Seq: o.LastSeq}, QueueUpload: true}
	if _, err := w.store.Commit(w.t.Context(), change, decide.Request{}); err != nil {
		w.t.Fatal(err)
	}
}

// damageOrder overwrites the encrypted data of an order.
func (w *system) damageOrder(id filing.ID) {
	w.t.Helper()
	_, err := w.store.Client.UpdateItem(w.t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(w.table),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: "ORDER#" + string(id)}, "sk": &types.AttributeValueMemberS{Value: "ORDER"},
		},
		UpdateExpression:          aws.String("SET sealed = :spoilt"),
		ExpressionAttributeValues: map[string]types.AttributeValue{":spoilt": &types.AttributeValueMemberB{Value: []byte("spoilt")}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

// replaceBureau replaces the bureau by an empty one.
func (w *system) replaceBureau() {
	w.t.Helper()
	fresh, err := simulator.New(simulator.Config{Now: w.clock, ReviewDelay: 24 * time.Hour, Accounts: []simulator.Account{w.account()}})
	if err != nil {
		w.t.Fatal(err)
	}
	w.bureau.Close()
	w.bureau = fresh
	w.current.Store(fresh)
}

// newOperator returns the operator of the link.
func (w *system) newOperator() *exchange.Operator { return w.operatorWith(w.reliableExchange()) }

// operatorWith returns an operator with the parts of an exchange.
func (w *system) operatorWith(e *exchange.Exchange) *exchange.Operator {
	return &exchange.Operator{
		Decisions: e.Decisions, Store: e.Store, Objects: e.Objects, Link: e.Link, Now: w.clock, Log: w.log, Duties: e.Duties,
		Codec: wire.Codec{Key: "ICPSIM-TEST-KEY1", IV: "0102030405060708", Encryption: wire.AESEncryption},
	}
}

// newFinder returns a finder that asks the bureau and our table.
func (w *system) newFinder() *facts.Finder {
	return &facts.Finder{Store: w.store, Bureau: w.reliableExchange().Client}
}
