package mailrelay_test

import (
	"bufio"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"beian/shared/partners/mailrelay"
	"beian/shared/rules/fault"
)

// TestGarbledAnswers: an answer that is not SMTP is an error that does not quote it, because it may name the recipient. The email waits.
func TestGarbledAnswers(t *testing.T) {
	for name, answer := range map[string]string{
		"no code":       "applicant@example.cn is not wanted",
		"half a code":   "55 applicant@example.cn is not wanted",
		"a wrong code":  "999999 applicant@example.cn is not wanted",
		"another code":  "250-applicant@example.cn\r\n550 is not wanted",
		"a code of yes": "354 applicant@example.cn is not wanted",
		"a long line":   "550 applicant@example.cn " + strings.Repeat("is not wanted ", 1<<20),
		"nothing":       "",
	} {
		for _, command := range []string{"EHLO", "MAIL", "RCPT", "DATA", "."} {
			t.Run(name+" to "+command, func(t *testing.T) {
				client, err := mailrelay.New(mailrelay.Relay{Host: "127.0.0.1", Port: garbledRelay(t, command, answer)})
				if err != nil {
					t.Fatal(err)
				}
				begun := time.Now()
				err = client.Send(t.Context(), address, email, key)
				if fault.KindOf(err) != fault.Unavailable || time.Since(begun) > 5*time.Second {
					t.Errorf("%v after %s", err, time.Since(begun))
				}
				checkNoPersonalData(t, err)
			})
		}
	}
}

// garbledRelay starts a relay that answers a command with other bytes and then ends the connection. It returns its port.
func garbledRelay(t *testing.T, command, answer string) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go converse(conn, command, answer)
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func converse(conn net.Conn, command, answer string) {
	defer conn.Close()
	fmt.Fprint(conn, "220 relay.example\r\n")
	inData := false
	for lines := bufio.NewScanner(conn); lines.Scan(); {
		line := lines.Text()
		switch {
		case inData && line != ".":
		case strings.HasPrefix(line, command):
			fmt.Fprint(conn, answer+"\r\n")
			return
		case line == "DATA":
			inData = true
			fmt.Fprint(conn, "354 go on\r\n")
		default:
			inData = false
			fmt.Fprint(conn, "250 fine\r\n")
		}
	}
}
