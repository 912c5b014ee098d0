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
	"beian/shared/rules/workday"
)

func durationsPK(p province.Code) string { return "DURATIONS#" + string(p) }

// visitOps counts the visits of a change. The counters of a year are one row for each province and kind.
func (s *Store) visitOps(c filing.Change) []writeOp {
	if len(c.Visits) == 0 {
		return nil
	}
	times := map[string]int{}
	for _, v := range c.Visits {
		times[string(v.Step)+"#"+strconv.Itoa(v.Days)]++
	}
	var add []string
	names, values := map[string]string{}, item{}
	for attribute, n := range times {
		i := strconv.Itoa(len(add))
		names["#a"+i], values[":n"+i] = attribute, numberValue(int64(n))
		add = append(add, "#a"+i+" :n"+i)
	}
	year := c.Entry.At.In(workday.Shanghai).Year()
	return []writeOp{{write: types.TransactWriteItem{Update: &types.Update{
		TableName: aws.String(s.Table), Key: itemKey(durationsPK(c.Order.Province), fmt.Sprintf("%d#%s", year, c.Order.Type)),
		UpdateExpression: aws.String("ADD " + strings.Join(add, ", ")), ExpressionAttributeNames: names, ExpressionAttributeValues: values,
	}}}}
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
