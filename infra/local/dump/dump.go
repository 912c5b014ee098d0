// Package dump copies the state of a laptop's system into one archive, and restores it into another folder. The archive does not depend on the
// engine, the object store or the workflow's data file: it has what AWS keeps when a new version of Beian is deployed.
//
//	err := dump.Write(ctx, folder, file)      // no system may run on the folder
//	err = dump.Restore(ctx, file, newFolder)  // the next system.Start there continues
//
// The archive is a tar file, compressed with Zstandard:
//
//	tables/<table>.jsonl        the items of a table, each in the JSON of the DynamoDB API
//	objects/<bucket>/<key>      the objects of a bucket
//	executions.json             a stepfunctions.Snapshot
//	files/<path>                other files of the data folder: wrapping keys, the bureau's journal, messages
//
// The identity provider's accounts are not in it, because they would contain a private key that signs tokens; see system.Config.Accounts. The archive
// contains the wrapping keys: it is as confidential as the data folder.
package dump

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"

	localdynamodb "beian/infra/local/dynamodb"
	"beian/infra/local/s3"
	"beian/infra/local/system"
)

// Parts of the archive, and the folders of the data folder with the same content.
const (
	tables     = "tables/"
	objects    = "objects/"
	executions = "executions.json"
	files      = "files/"

	engineFile     = "filings.db"
	workflowFolder = "workflow"
)

// kept are the files and folders that the archive copies as they are.
var kept = []string{"keys.json", "bureau", "messages"}

// startEngine starts the engine on the file of a data folder.
func startEngine(folder string) (*localdynamodb.Engine, error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	modules, err := localdynamodb.FindModules(here)
	if err != nil {
		return nil, err
	}
	return localdynamodb.Dynoxide{Binary: modules.Dynoxide(), File: filepath.Join(folder, engineFile)}.Start()
}

// withObjects calls do with a client of the object store of a data folder.
func withObjects(ctx context.Context, folder string, do func(*awss3.Client) error) (err error) {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	config := system.ObjectsConfig(folder)
	gateway, err := s3.Start(ctx, config)
	if err != nil {
		return err
	}
	// The gateway changes the working directory of the process.
	defer func() { err = errors.Join(err, gateway.Close(), os.Chdir(here)) }()
	return do(awss3.New(awss3.Options{Region: system.Region, BaseEndpoint: aws.String(gateway.Endpoint()), UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(config.AccessKey, config.SecretKey, "")}))
}

// engineClient sends requests to the engine, which checks no signature.
var engineClient = &http.Client{Timeout: time.Minute}

func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("dump: %s: %w", what, err)
}
