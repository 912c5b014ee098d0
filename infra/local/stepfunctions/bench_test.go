package stepfunctions_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"beian/infra/local/clock"
	"beian/infra/local/stepfunctions"
)

// benchMachine has ten transitions: five functions, with a Choice and Pass states between them.
const benchMachine = `{"StartAt": "T1", "States": {
	"T1": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t1", "Next": "P1",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"P1": {"Type": "Pass", "Next": "T2"},
	"T2": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t2", "Next": "C1",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"C1": {"Type": "Choice", "Choices": [{"Variable": "$.order", "StringEquals": "0123456789", "Next": "T3"}], "Default": "S"},
	"T3": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t3", "Next": "P2",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"P2": {"Type": "Pass", "Next": "T4"},
	"T4": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t4", "Next": "P3",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"P3": {"Type": "Pass", "Next": "T5"},
	"T5": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "ResultPath": "$.t5", "Next": "S",
		"Parameters": {"FunctionName": "f", "Payload.$": "$"}},
	"S": {"Type": "Succeed"}}}`

func benchConfig(b *testing.B) stepfunctions.Config {
	return stepfunctions.Config{
		Dir: b.TempDir(), Clock: clock.New(), Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Machines: map[string]string{"bench": benchMachine, "wait": waitMachine},
		Invoke: func(context.Context, string, []byte) ([]byte, bool, error) {
			return []byte(`{"status":"INITIAL_REVIEW","version":3}`), false, nil
		},
	}
}

// BenchmarkTransitions keeps 64 executions in flight and reports the transitions per second.
func BenchmarkTransitions(b *testing.B) {
	host, err := stepfunctions.Start(benchConfig(b))
	if err != nil {
		b.Fatal(err)
	}
	defer host.Close()
	server := httptest.NewServer(host)
	defer server.Close()
	api := client(server.URL)
	names := make(chan string)
	var flying sync.WaitGroup
	for range 64 {
		flying.Go(func() {
			for name := range names {
				out, err := api.StartExecution(b.Context(), &sfn.StartExecutionInput{
					StateMachineArn: aws.String(host.MachineARN("bench")), Name: aws.String(name),
					Input: aws.String(`{"order":"0123456789","round":1}`),
				})
				if err != nil {
					b.Error(err)
					return
				}
				if err := host.Wait(b.Context(), *out.ExecutionArn); err != nil {
					b.Error(err)
				}
			}
		})
	}
	b.ResetTimer()
	for i := range b.N {
		names <- fmt.Sprint("order-", i)
	}
	close(names)
	flying.Wait()
	b.StopTimer()
	b.ReportMetric(float64(host.Stats().Transitions)/b.Elapsed().Seconds(), "transitions/s")
}

// BenchmarkRestart opens a host with 10,000 executions that wait.
func BenchmarkRestart(b *testing.B) {
	config := benchConfig(b)
	host, err := stepfunctions.Start(config)
	if err != nil {
		b.Fatal(err)
	}
	server := httptest.NewServer(host)
	api := client(server.URL)
	numbers := make(chan int)
	var starting sync.WaitGroup
	for range 64 {
		starting.Go(func() {
			for i := range numbers {
				_, err := api.StartExecution(b.Context(), &sfn.StartExecutionInput{
					StateMachineArn: aws.String(host.MachineARN("wait")), Name: aws.String(fmt.Sprint("order-", i)),
					Input: aws.String(`{"order":"0123456789","round":1}`),
				})
				if err != nil {
					b.Error(err)
				}
			}
		})
	}
	for i := range 10000 {
		numbers <- i
	}
	close(numbers)
	starting.Wait()
	server.Close()
	if err := host.Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		host, err := stepfunctions.Start(config)
		if err != nil {
			b.Fatal(err)
		}
		if open := host.Stats().Open; open != 10000 {
			b.Fatalf("%d executions run", open)
		}
		b.StopTimer()
		if err := host.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}
