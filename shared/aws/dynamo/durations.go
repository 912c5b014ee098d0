package dynamo

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/filing"
	"beian/shared/rules/province"
)

const skVisits = "VISITS"

func durationsPK(p province.Code) string { return "DURATIONS#" + string(p) }

// AddVisits counts the visits of an order, once. The counters of a year are one row for each province and kind.
func (s *Store) AddVisits(ctx context.Context, o filing.Order, year int, visits []filing.Visit) error {
	if len(visits) == 0 {
		return nil
	}
	times := map[string]int{}
	for _, v := range visits {
		times[string(v.Step)+"#"+strconv.Itoa(v.Days)]++
	}
	var add []string
	names, values := map[string]string{}, item{}
	for attribute, n := range times {
		i := strconv.Itoa(len(add))
		names["#a"+i], values[":n"+i] = attribute, numberValue(int64(n))
		add = append(add, "#a"+i+" :n"+i)
	}
	counters := types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.Table), Key: itemKey(durationsPK(o.Province), fmt.Sprintf("%d#%s", year, o.Type)),
		UpdateExpression: aws.String("ADD " + strings.Join(add, ", ")), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}
	counted := types.TransactWriteItem{Put: s.newPut(itemKey(orderPK(o.ID), skVisits), "attribute_not_exists(pk)")}
	err := s.writeTransaction(ctx, []types.TransactWriteItem{counted, counters})
	if reasons := cancellationReasons(err); len(reasons) > 0 && aws.ToString(reasons[0].Code) == conditionFailed {
		return nil // it was counted before
	}
	return classify(err)
}

// Durations returns how long the steps of applications in a province lasted, in this year and the one before.
func (s *Store) Durations(ctx context.Context, p province.Code, year int) ([]filing.Durations, error) {
	rows, err := s.listRows(ctx, durationsPK(p), "", 0)
	if err != nil {
		return nil, err
	}
	var all []filing.Durations
	at := map[string]int{}
	for _, row := range rows {
		of, kind, _ := strings.Cut(stringAttr(row, attrSK), "#")
		if n, err := strconv.Atoi(of); err != nil || n != year && n != year-1 {
			continue
		}
		for attribute := range row {
			step, text, counter := strings.Cut(attribute, "#")
			days, err := strconv.Atoi(text)
			if !counter || err != nil || days < 0 || days > filing.DurationLimit {
				continue
			}
			i, known := at[kind+"#"+step]
			if !known {
				i = len(all)
				at[kind+"#"+step] = i
				all = append(all, filing.Durations{Type: filing.Type(kind), Step: filing.Step(step)})
			}
			all[i].Days[days] += int(numberAttr(row, attribute))
		}
	}
	return all, nil
}
