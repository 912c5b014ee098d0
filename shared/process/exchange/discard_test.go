package exchange_test

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/shared/process/exchange"
)

// differenceKeys counts the data keys of differences.
func (w *system) differenceKeys() int {
	w.t.Helper()
	keys := w.table + "-keys"
	out, err := w.newTableClient(w.laptop.base).Scan(w.t.Context(), &dynamodb.ScanInput{TableName: &keys})
	if err != nil {
		w.t.Fatal(err)
	}
	count := 0
	for _, item := range out.Items {
		if name, ok := item["name"].(*types.AttributeValueMemberS); ok && strings.HasPrefix(name.Value, "difference/") {
			count++
		}
	}
	return count
}

// replacedCopy: the issue about a copy ends with the next one, and what the bureau had in the former is deleted with its data key.
func replacedCopy(w *system) {
	clash := w.filedElsewhere(2)
	clash.Sites[0].Domains = w.filedElsewhere(1).Sites[0].Domains
	w.fileByCopy(w.filedElsewhere(1), clash)
	w.checkDifferences(false, "conflict 浙ICP备2024000002号")
	if got := issueKinds(w.status()); !slices.Equal(got, []string{exchange.IssueReconciliation}) || w.differenceKeys() != 1 {
		w.t.Errorf("with a conflict: issues %q, %d keys", got, w.differenceKeys())
	}
	w.fileByCopy(w.filedElsewhere(1))
	if got := issueKinds(w.status()); len(got) != 0 || w.differenceKeys() != 0 {
		w.t.Errorf("after the next copy: issues %q, %d keys", got, w.differenceKeys())
	}
}
