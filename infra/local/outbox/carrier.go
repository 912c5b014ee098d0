package outbox

import (
	"encoding/json"
	"io"
	"net/http"
	"time"
	"unicode/utf8"

	"beian/shared/partners/webhook"
	"beian/shared/process/notify"
	"beian/shared/rules/strictjson"
)

// CarrierPath is where the outbox receives SMS as a carrier.
const CarrierPath = "/carrier/sms"

func (o *Outbox) serveCarrier(w http.ResponseWriter, r *http.Request) {
	o.carrier.Lock()
	defer o.carrier.Unlock()
	key := ""
	read := func(r *http.Request) (Message, *refusal) {
		m, no := o.readSMS(r)
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
	o.serve(w, r, api{SMS, read, write})
}

func (o *Outbox) readSMS(r *http.Request) (Message, *refusal) {
	body, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost {
		return Message{}, &refusal{status: http.StatusBadRequest, message: "A POST with a body is required."}
	}
	// Signatures are checked against real time, not against the clock of the system.
	if _, err := webhook.Verify([]webhook.Secret{o.config.Secret}, webhook.HeadersOf(r.Header.Get), body, time.Now()); err != nil {
		return Message{}, &refusal{status: http.StatusUnauthorized, message: "The signature is missing, too old or wrong."}
	}
	var in struct{ Key, To, Text string }
	switch err := strictjson.Unmarshal(body, &in); {
	case err != nil || in.Key == "" || in.Text == "" || utf8.RuneCountInString(in.Text) > longestSMS:
		return Message{}, &refusal{status: http.StatusBadRequest, message: "Key, number and a text of at most 1,600 characters are required."}
	case !e164.MatchString(in.To):
		return Message{}, &refusal{status: http.StatusUnprocessableEntity, message: "The number is not in E.164."}
	case o.accepted(in.Key):
		return Message{}, &refusal{status: http.StatusConflict, message: "An SMS with this key was accepted before."}
	}
	return Message{Kind: SMS, To: []string{in.To}, Text: in.Text, Attributes: map[string]string{notify.KeyName: in.Key}}, nil
}
