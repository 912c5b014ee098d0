package dynamo

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Versions of the rows. A table without the row FORMAT has version 1, in which documents are not compressed.
const (
	// Format is the version of the rows that this version of Beian writes. Increase it with a change after which the version before cannot read rows.
	Format = 2
	// OldestFormat is the oldest version of rows that it reads. Increase it only with a migration.
	OldestFormat = 1
)

// FormatError says that a table has rows that this version of Beian cannot read.
type FormatError struct {
	Table string
	Found int // the version of the rows
}

func (e *FormatError) Error() string {
	if e.Found > Format {
		return fmt.Sprintf("数据表 %s 由更新版本的 Beian 写入（格式 %d，本版本最高支持 %d）：请使用那个版本或更新的版本；也可以把数据表恢复到升级之前的时间。\n"+
			"table %s was written by a later version of Beian (format %d; this version reads up to %d): use that version or a later one, or restore the table to a time before the upgrade",
			e.Table, e.Found, Format, e.Table, e.Found, Format)
	}
	return fmt.Sprintf("数据表 %s 的格式 %d 过旧（本版本最低支持 %d）：请先升级到中间的版本。\n"+
		"table %s has the old format %d (this version reads %d and later): upgrade to a version in between first", e.Table, e.Found, OldestFormat, e.Table, e.Found, OldestFormat)
}

// AdoptFormat checks that this version reads all rows of a table, and records that it writes there from now on, so that an older version is
// refused. Call it before the first function of this version runs. The error is a [FormatError] if the table has rows that this version cannot
// read. It is no error if the table does not exist yet.
func AdoptFormat(ctx context.Context, client *dynamodb.Client, table string) error {
	key := item{attrPK: stringValue(skFormat), attrSK: stringValue(skFormat)}
	out, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String(table), Key: key, ConsistentRead: aws.Bool(true)})
	if _, missing := errors.AsType[*types.ResourceNotFoundException](err); missing {
		return nil
	}
	if err != nil {
		return classify(err)
	}
	found := 1
	if len(out.Item) > 0 {
		text, _ := out.Item[attrVersion].(*types.AttributeValueMemberN)
		if text == nil {
			return fmt.Errorf("dynamo: the row %s of table %s has no number of a version", skFormat, table)
		}
		if found, err = strconv.Atoi(text.Value); err != nil {
			return fmt.Errorf("dynamo: the row %s of table %s: %w", skFormat, table, err)
		}
	}
	switch {
	case found > Format || found < OldestFormat:
		return &FormatError{Table: table, Found: found}
	case found == Format:
		return nil
	}
	key[attrVersion] = numberValue(Format)
	_, err = client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String(table), Item: key, ConditionExpression: aws.String("attribute_not_exists(#v) OR #v <= :v"),
		ExpressionAttributeNames: map[string]string{"#v": attrVersion}, ExpressionAttributeValues: item{":v": key[attrVersion]},
	})
	return classify(err)
}
