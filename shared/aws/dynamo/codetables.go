package dynamo

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/process/exchange"
	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
)

// The code tables are one item of up to 100 KB, mostly divisions, beside an item with their version. A process reads the version at most
// every CodeTablesAge, and the tables if the version has changed, so most requests of a warm function read neither.

const (
	pkCodes             = "CODES"
	skVersion, skTables = "VERSION", "TABLES"
	codesFilePrefix     = "FILE#"
)

// CodeTablesAge is the maximum age of the tables that [Store.CodeTables] returns.
const CodeTablesAge = 2 * time.Second

// codesCache has the tables that a process read last. The zero value has none.
type codesCache struct {
	mu     sync.Mutex
	tables codes.Tables
	read   time.Time
}

func codesFileSK(issued, file string) string { return codesFilePrefix + issued + "#" + file }

// CodeTables returns the code tables in force, at most [CodeTablesAge] old.
func (s *Store) CodeTables(ctx context.Context) (codes.Tables, error) {
	s.codes.mu.Lock()
	defer s.codes.mu.Unlock()
	if age := s.Wall().Sub(s.codes.read); !s.codes.read.IsZero() && age >= 0 && age < CodeTablesAge {
		return s.codes.tables, nil
	}
	return s.readCodeTables(ctx)
}

// LatestCodeTables returns the code tables in force now.
func (s *Store) LatestCodeTables(ctx context.Context) (codes.Tables, error) {
	s.codes.mu.Lock()
	defer s.codes.mu.Unlock()
	return s.readCodeTables(ctx)
}

// readCodeTables reads the version, and the tables if it has changed. The caller holds s.codes.mu.
func (s *Store) readCodeTables(ctx context.Context) (codes.Tables, error) {
	now := s.Wall()
	row, err := s.getItem(ctx, pkCodes, skVersion)
	if err != nil {
		return codes.Tables{}, err
	}
	if version := int(numberAttr(row, attrVersion)); version != s.codes.tables.Version {
		var tables codes.Tables
		if _, err := s.getCompressed(ctx, skTables, &tables); err != nil {
			return codes.Tables{}, err
		}
		s.codes.tables = tables
	}
	s.codes.read = now
	return s.codes.tables, nil
}

// PutCodeTables replaces the tables current by after, and stores what a file did to them, in one transaction. The error is a fault of kind
// Unavailable if the tables in force are not current, and [exchange.ErrTablesTooLarge] if they do not fit into an item.
func (s *Store) PutCodeTables(ctx context.Context, current, after codes.Tables, f exchange.CodesFile) error {
	file, err := compressedItem(codesFileSK(f.Issued, f.File), f)
	if err != nil {
		return err
	}
	writes := []types.TransactWriteItem{{Put: s.newPut(file, "")}}
	if after.Version != current.Version {
		tables, err := compressedItem(skTables, after)
		if err != nil {
			return err
		}
		version := itemKey(pkCodes, skVersion)
		version[attrVersion] = numberValue(int64(after.Version))
		put := s.newPut(version, "attribute_not_exists(pk) OR #version = :current")
		put.ExpressionAttributeNames = map[string]string{"#version": attrVersion}
		put.ExpressionAttributeValues = item{":current": numberValue(int64(current.Version))}
		writes = append(writes, types.TransactWriteItem{Put: s.newPut(tables, "")}, types.TransactWriteItem{Put: put})
	}
	s.codes.mu.Lock()
	defer s.codes.mu.Unlock()
	s.codes.read = time.Time{} // the next read sees the result, also of a write whose answer was lost
	if err := s.writeTransaction(ctx, writes); err != nil {
		if cancellationReasons(err) != nil {
			return fault.Contended(err)
		}
		return classify(err)
	}
	return nil
}

// CodesFile returns what a file did to the code tables. known is false if it had none.
func (s *Store) CodesFile(ctx context.Context, issued, file string) (f exchange.CodesFile, known bool, err error) {
	known, err = s.getCompressed(ctx, codesFileSK(issued, file), &f)
	return f, known, err
}

// CodesFiles lists the newest files with code tables, at most limit.
func (s *Store) CodesFiles(ctx context.Context, limit int) ([]exchange.CodesFile, error) {
	out, err := s.Client.Query(ctx, &dynamodb.QueryInput{
		TableName:                 aws.String(s.Table),
		KeyConditionExpression:    aws.String("pk = :pk AND begins_with(sk, :prefix)"),
		ExpressionAttributeValues: item{":pk": stringValue(pkCodes), ":prefix": stringValue(codesFilePrefix)},
		ScanIndexForward:          aws.Bool(false), Limit: aws.Int32(int32(limit)), ConsistentRead: aws.Bool(true),
	})
	if err != nil {
		return nil, classify(err)
	}
	var files []exchange.CodesFile
	for _, row := range out.Items {
		var f exchange.CodesFile
		if err := Unpack(binaryAttr(row, attrDoc), &f); err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// ClearIssue removes an issue that is settled.
func (s *Store) ClearIssue(ctx context.Context, link, kind, file string) error {
	return s.deleteItem(ctx, itemKey(linkPK(link), issueSK(kind, file)))
}

// maxCompressed keeps an item below the limit of DynamoDB, 400 KB.
const maxCompressed = 380 << 10

// compressedItem returns an item with a value as compressed JSON.
func compressedItem(sk string, v any) (item, error) {
	content, err := Pack(v)
	if err != nil {
		return nil, err
	}
	if len(content) > maxCompressed {
		return nil, exchange.ErrTablesTooLarge
	}
	row := itemKey(pkCodes, sk)
	row[attrDoc] = binaryValue(content)
	return row, nil
}

// getCompressed decodes the document of an item into v. It returns false if there is no item.
func (s *Store) getCompressed(ctx context.Context, sk string, v any) (bool, error) {
	row, err := s.getItem(ctx, pkCodes, sk)
	if err != nil || row == nil {
		return false, err
	}
	return true, Unpack(binaryAttr(row, attrDoc), v)
}
