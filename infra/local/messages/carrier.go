package messages

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"beian/shared/partners/webhook"
	"beian/shared/process/notify"
)

// CarrierPath is where the sink takes SMS as a carrier.
const CarrierPath = "/carrier/sms"

func (s *Sink) answerAsCarrier(w http.ResponseWriter, r *http.Request) {
	s.carrier.Lock()
	defer s.carrier.Unlock()
	key := ""
	read := func(r *http.Request) (Message, *refusal) {
		m, no := s.readSMS(r)
		key = m.Attributes[notify.KeyName]
		return m, no
	}
	write := func(w http.ResponseWriter, _ string, no *refusal) {
		if no != nil {
			http.Error(w, no.message, no.status)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		json.NewEncoder(w).Encode(map[string]string{"key": key})
	}
	s.answer(w, SMS, read, write, r)
}

func (s *Sink) readSMS(r *http.Request) (Message, *refusal) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost {
		return Message{}, &refusal{status: http.StatusBadRequest, message: "A POST with a body was expected."}
	}
	// What is outside Beian counts by real time, as signatures do.
	if err := webhook.Check([][]byte{s.secret}, r.Header.Get(webhook.TimestampHeader), r.Header.Get(webhook.SignatureHeader), body, time.Now()); err != nil {
		return Message{}, &refusal{status: http.StatusUnauthorized, message: "The signature is missing, late or wrong."}
	}
	var in struct{ Key, To, Text string }
	switch err := json.Unmarshal(body, &in); {
	case err != nil || in.Key == "" || in.Text == "" || utf8.RuneCountInString(in.Text) > longestSMS:
		return Message{}, &refusal{status: http.StatusBadRequest, message: "Key, number and text are wanted, the text of 1,600 characters at most."}
	case !e164.MatchString(in.To):
		return Message{}, &refusal{status: http.StatusUnprocessableEntity, message: "The number is none in E.164."}
	case s.has(in.Key):
		return Message{}, &refusal{status: http.StatusConflict, message: "The SMS of this key was taken before."}
	}
	return Message{Kind: SMS, To: []string{in.To}, Text: in.Text, Attributes: map[string]string{notify.KeyName: in.Key}}, nil
}

// has reports whether an SMS of this key was taken.
func (s *Sink) has(key string) bool {
	return slices.ContainsFunc(s.Sent(""), func(m Message) bool { return m.Kind == SMS && m.Attributes[notify.KeyName] == key })
}
