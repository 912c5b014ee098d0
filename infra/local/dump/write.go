package dump

import (
	"archive/tar"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/klauspost/compress/zstd"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	"beian/infra/local/stepfunctions"
	"beian/infra/local/system"
)

// An archive is a tar file that is being written.
type archive struct{ *tar.Writer }

func (a archive) add(name string, content []byte) error {
	if err := a.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(content))}); err != nil {
		return err
	}
	_, err := a.Write(content)
	return err
}

// Write writes the state in a data folder. The folder is not changed.
func Write(ctx context.Context, folder string, w io.Writer) error {
	compressed, err := zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(16<<20))
	if err != nil {
		return err
	}
	a := archive{tar.NewWriter(compressed)}
	if err := errors.Join(
		wrap("tables", a.addTables(ctx, folder)), wrap("objects", a.addObjects(ctx, folder)),
		wrap("executions", a.addExecutions(folder)), wrap("files", a.addFiles(folder)),
	); err != nil {
		return err
	}
	return errors.Join(a.Close(), compressed.Close())
}

func (a archive) addTables(ctx context.Context, folder string) (err error) {
	engine, err := startEngine(folder)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, engine.Close()) }()
	for _, table := range []string{system.Table, system.KeysTable} {
		items, err := scan(ctx, engine.Endpoint(), table)
		if err != nil {
			return err
		}
		var lines [][]byte
		for _, item := range items {
			// The engine lists attributes in any order. Decoding sorts them, so that equal items have equal lines.
			var attributes map[string]json.RawMessage
			if err := json.Unmarshal(item, &attributes); err != nil {
				return err
			}
			line, err := json.Marshal(attributes)
			if err != nil {
				return err
			}
			lines = append(lines, line)
		}
		slices.SortFunc(lines, bytes.Compare)
		if err := a.add(tables+table+".jsonl", append(bytes.Join(lines, []byte("\n")), '\n')); err != nil {
			return err
		}
	}
	return nil
}

func (a archive) addObjects(ctx context.Context, folder string) error {
	return withObjects(ctx, folder, func(client *awss3.Client) error {
		for _, bucket := range []string{system.Bucket, system.Uploads} {
			pages := awss3.NewListObjectsV2Paginator(client, &awss3.ListObjectsV2Input{Bucket: &bucket})
			for pages.HasMorePages() {
				page, err := pages.NextPage(ctx)
				if err != nil {
					return err
				}
				for _, o := range page.Contents {
					object, err := client.GetObject(ctx, &awss3.GetObjectInput{Bucket: &bucket, Key: o.Key})
					if err != nil {
						return err
					}
					content, err := io.ReadAll(object.Body)
					if err = cmp.Or(err, object.Body.Close()); err != nil {
						return err
					}
					if err := a.add(objects+bucket+"/"+*o.Key, content); err != nil {
						return err
					}
				}
			}
		}
		return nil
	})
}

func (a archive) addExecutions(folder string) error {
	snapshot, err := stepfunctions.Export(filepath.Join(folder, workflowFolder))
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(snapshot, "", " ")
	if err != nil {
		return err
	}
	return a.add(executions, text)
}

func (a archive) addFiles(folder string) error {
	for _, one := range kept {
		if err := filepath.WalkDir(filepath.Join(folder, one), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || !entry.Type().IsRegular() {
				return err
			}
			name, err := filepath.Rel(folder, path)
			if err != nil {
				return err
			}
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			return a.add(files+filepath.ToSlash(name), content)
		}); err != nil {
			return err
		}
	}
	return nil
}
