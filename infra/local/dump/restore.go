package dump

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"beian/infra/local/stepfunctions"
	"beian/infra/local/system"
	"beian/shared/aws/dynamo"
)

// An entry is a file of the archive.
type entry struct {
	name    string
	content []byte
}

// Restore writes the state of an archive into a data folder, which must be new or empty.
func Restore(ctx context.Context, r io.Reader, folder string) error {
	if found, err := os.ReadDir(folder); err == nil && len(found) > 0 {
		return fmt.Errorf("dump: the folder %s is not empty; restore into a new one", folder)
	}
	if err := system.PrepareFolder(folder); err != nil {
		return err
	}
	rows, stored, err := readArchive(r, folder)
	if err != nil {
		return wrap("the archive", err)
	}
	return errors.Join(wrap("tables", putItems(ctx, folder, rows)), wrap("objects", putObjects(ctx, folder, stored)))
}

// readArchive reads an archive. It restores executions and files, and returns the tables and objects.
func readArchive(r io.Reader, folder string) (rows, stored []entry, err error) {
	plain, err := zstd.NewReader(r)
	if err != nil {
		return nil, nil, err
	}
	defer plain.Close()
	for all := tar.NewReader(plain); ; {
		header, err := all.Next()
		if errors.Is(err, io.EOF) {
			return rows, stored, nil
		}
		if err != nil {
			return nil, nil, err
		}
		content, err := io.ReadAll(all)
		if err != nil {
			return nil, nil, err
		}
		part, name, _ := strings.Cut(header.Name, "/")
		switch part + "/" {
		case tables:
			rows = append(rows, entry{strings.TrimSuffix(name, ".jsonl"), content})
		case objects:
			stored = append(stored, entry{name, content})
		case files:
			err = writeFile(folder, name, content)
		case executions + "/":
			var snapshot stepfunctions.Snapshot
			if err = json.Unmarshal(content, &snapshot); err == nil {
				err = stepfunctions.Import(filepath.Join(folder, workflowFolder), snapshot)
			}
		default:
			err = fmt.Errorf("%s is no part of an archive that this version writes", header.Name)
		}
		if err != nil {
			return nil, nil, err
		}
	}
}

func writeFile(folder, name string, content []byte) error {
	if !filepath.IsLocal(name) {
		return fmt.Errorf("%q is outside of the data folder", name)
	}
	path := filepath.Join(folder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	return os.WriteFile(path, content, 0o600)
}

func putItems(ctx context.Context, folder string, rows []entry) (err error) {
	engine, err := startEngine(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	client := dynamodb.New(dynamodb.Options{Region: system.Region, BaseEndpoint: aws.String(engine.Endpoint()),
		Credentials: credentials.NewStaticCredentialsProvider("dump", "dump", "")})
	if err := errors.Join(dynamo.CreateTable(ctx, client, system.Table), dynamo.CreateKeysTable(ctx, client, system.KeysTable)); err != nil {
		return err
	}
	for _, table := range rows {
		var items []json.RawMessage
		for line := range bytes.Lines(table.content) {
			items = append(items, json.RawMessage(line))
		}
		if err := put(ctx, engine.Endpoint(), table.name, items); err != nil {
			return err
		}
	}
	return nil
}

func putObjects(ctx context.Context, folder string, stored []entry) error {
	return withObjects(ctx, folder, func(client *awss3.Client) error {
		for _, o := range stored {
			bucket, key, _ := strings.Cut(o.name, "/")
			if _, err := client.PutObject(ctx, &awss3.PutObjectInput{Bucket: &bucket, Key: &key, ContentType: aws.String("application/octet-stream"),
				Body: bytes.NewReader(o.content)}); err != nil {
				return err
			}
		}
		return nil
	})
}
