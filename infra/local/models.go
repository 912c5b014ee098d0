package main

import (
	"context"
	"errors"

	"beian/infra/local/dynamodb"
	"beian/infra/local/models"
)

// buildModels builds what browsers need to read papers.
func buildModels(_ context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New("models: name the folder to build in")
	}
	modules, err := dynamodb.FindModules(".")
	if err != nil {
		return err
	}
	return models.Build(string(modules), args[0], models.Reduced)
}
