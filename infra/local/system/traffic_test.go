package system

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"beian/infra/local/faults"
)

// TestTransactionsHaveNoToken: the engine gets a transaction of the SDK without the SDK's token, and otherwise as it was.
func TestTransactionsHaveNoToken(t *testing.T) {
	var got struct {
		ClientRequestToken *string
		TransactItems      []struct {
			Put struct{ Item map[string]map[string]string }
		}
	}
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || json.Unmarshal(body, &got) != nil {
			t.Errorf("%s, %v", body, err)
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		io.WriteString(w, "{}")
	}))
	defer engine.Close()
	stored := 0
	traffic := newTraffic(engine.URL, engine.URL, func([]byte) { stored++ }, nil, faults.New())
	client := dynamodb.NewFromConfig(aws.Config{Region: Region, BaseEndpoint: aws.String("http://cloud.invalid"), HTTPClient: &http.Client{Transport: traffic},
		Credentials: credentials.NewStaticCredentialsProvider("api", "secret", "")})
	row := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: `{"ClientRequestToken":"x","y`}}
	_, err := client.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{
		TransactItems: []types.TransactWriteItem{{Put: &types.Put{TableName: aws.String("filings"), Item: row}}},
	})
	if err != nil || stored != 1 {
		t.Fatalf("%d stored, %v", stored, err)
	}
	if got.ClientRequestToken != nil || len(got.TransactItems) != 1 || got.TransactItems[0].Put.Item["pk"]["S"] != `{"ClientRequestToken":"x","y` {
		t.Errorf("the engine got %+v", got)
	}
}
