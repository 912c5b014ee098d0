package zz

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	api "github.com/aws/aws-sdk-go-v2/service/cloudformation"
)

func TestX(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		io.ReadAll(r.Body)
		body := `<DescribeStackEventsResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStackEventsResult><StackEvents>` + strings.Repeat(`<member><EventId>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</EventId><StackId>a</StackId><StackName>b</StackName></member>`, 200) + `</StackEvents></DescribeStackEventsResult></DescribeStackEventsResponse>`
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		io.WriteString(w, body)
	}))
	defer s.Close()
	c := api.New(api.Options{Region: "ap-southeast-1", BaseEndpoint: aws.String(s.URL), RetryMaxAttempts: 1, Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")})
	bad := 0
	for range 500 {
		if _, err := c.DescribeStackEvents(t.Context(), &api.DescribeStackEventsInput{StackName: aws.String("x")}); err != nil {
			bad++
			if bad == 1 {
				t.Log(err)
			}
		}
	}
	fmt.Println("sdk bad", bad)
	bad = 0
	for range 500 {
		r, err := http.Post(s.URL, "text/plain", strings.NewReader("abc"))
		if err == nil {
			_, err = io.ReadAll(r.Body)
			r.Body.Close()
		}
		if err != nil {
			bad++
			t.Log(err)
		}
	}
	fmt.Println("plain bad", bad)
}
