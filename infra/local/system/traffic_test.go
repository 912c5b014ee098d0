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
	"golang.org/x/sync/errgroup"

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

// TestRoundTrips: requests of a function at the same time are one round trip, one after another are several.
func TestRoundTrips(t *testing.T) {
	begun, release := make(chan struct{}, 2), make(chan struct{})
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun <- struct{}{}
		<-release
		io.WriteString(w, "{}")
	}))
	defer engine.Close()
	traffic := newTraffic(engine.URL, engine.URL, func([]byte) {}, nil, faults.New())
	client := dynamodb.NewFromConfig(aws.Config{Region: Region, BaseEndpoint: aws.String("http://cloud.invalid"), HTTPClient: &http.Client{Transport: traffic},
		Credentials: credentials.NewStaticCredentialsProvider("api", "secret", "")})
	read := func() error {
		_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("filings"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "ORDER"}}})
		return err
	}
	var both errgroup.Group
	both.Go(read)
	both.Go(read)
	<-begun
	<-begun
	close(release)
	if err := both.Wait(); err != nil {
		t.Fatal(err)
	}
	if got := traffic.RoundTrips("api"); got != 1 {
		t.Errorf("two requests at the same time: %d round trips", got)
	}
	if err := read(); err != nil {
		t.Fatal(err)
	}
	if got := traffic.RoundTrips("api"); got != 2 || traffic.RoundTrips("portal") != 0 {
		t.Errorf("and another: %d round trips, %d of another function", got, traffic.RoundTrips("portal"))
	}
}
