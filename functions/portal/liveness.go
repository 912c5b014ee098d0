package portal

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"

	"beian/functions/api"
	"beian/shared/process/session"
	"beian/shared/rules/liveness"
	"beian/shared/web"
	"beian/shared/web/pages"
)

// A livenessSite is a site whose leader has to pass the liveness check (S14).
type livenessSite struct {
	Index         int
	Name, Leader  string
	Passed        bool
	WithSimulator bool // whether the simulator passed the leader
	InPerson      bool // whether a reviewer checked the leader in person
	// Appointment is the newest appointment; nil if there was none.
	Appointment *web.Appointment
}

// Booked reports whether the leader has an appointment that is still to take place, and TimeSet whether its time is set.
func (s livenessSite) Booked() bool { return s.Appointment != nil && s.Appointment.Outcome == "" }

func (s livenessSite) TimeSet() bool { return s.Booked() && !s.Appointment.At.IsZero() }

// pointer is the JSON pointer of the findings about the check.
func (s livenessSite) pointer() string { return "/sites/" + strconv.Itoa(s.Index) }

// ID is the id of the check's element, to which findings lead.
func (s livenessSite) ID() string { return pages.IDOf(s.pointer()) }

// A livenessPage lists the leaders to be checked.
type livenessPage struct {
	Sites []livenessSite
	Open  bool // whether leaders can be checked now
	Done  bool
}

// livenessSites returns the sites whose leaders are checked.
func livenessSites(o web.Order) []livenessSite {
	var all []livenessSite
	for _, i := range o.Liveness {
		if i >= len(o.Sites) {
			continue
		}
		s := livenessSite{Index: i, Name: o.Sites[i].Name, Leader: o.Sites[i].Leader.Name.Reveal()}
		if at := slices.IndexFunc(o.Authentic, func(a web.Authentic) bool { return a.Site == i }); at >= 0 {
			s.Passed, s.WithSimulator, s.InPerson = true, o.Authentic[at].Simulated, o.Authentic[at].InPerson
		}
		if at := slices.IndexFunc(o.Appointments, func(a web.Appointment) bool { return a.Site == i }); at >= 0 {
			s.Appointment = &o.Appointments[at]
		}
		all = append(all, s)
	}
	return all
}

// registerLiveness registers the pages of the liveness check. It needs a camera, and so a script.
func (p *Portal) registerLiveness() {
	p.registerAppointments()
	p.private("GET /orders/{id}/liveness", func(v *visit) error {
		o, err := v.order()
		if err != nil {
			return err
		}
		page := livenessPage{Sites: livenessSites(o), Open: takesPapers(o)}
		page.Done = !slices.ContainsFunc(page.Sites, func(s livenessSite) bool { return !s.Passed })
		return v.Show("liveness", page)
	})
	const site = "/orders/{id}/liveness/{site}"
	p.private("GET "+site, (*visit).showLivenessCheck)
	// The script starts a check, and gets JSON, or the page again with what prevents it.
	p.private("POST "+site, func(v *visit) error {
		index, err := strconv.Atoi(v.R.PathValue("site"))
		if err != nil || strconv.Itoa(index) != v.R.PathValue("site") {
			return &web.Problem{Status: http.StatusNotFound}
		}
		var started api.Challenge
		_, err = v.Call(pages.Request{Method: http.MethodPost, Path: v.orderPath("/challenges"), Key: v.R.Header.Get("Idempotency-Key"), Body: map[string]int{"site": index}}, &started)
		if v.Refused(err) {
			return v.showLivenessCheck()
		}
		if err != nil {
			return err
		}
		out := struct {
			Moves []string `json:"moves"`
			Send  string   `json:"send"` // where the recording goes
		}{Send: v.OrderHref("/liveness/" + v.R.PathValue("site") + "/" + started.ID)}
		for _, move := range started.Actions {
			out.Moves = append(out.Moves, v.In(move.Words))
		}
		v.W.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(v.W).Encode(out)
	})
	p.private("GET "+site+"/{challenge}", func(v *visit) error { // after a log-in, when the recording is gone
		v.Redirect(v.OrderHref("/liveness/" + v.R.PathValue("site")))
		return nil
	})
	p.private("POST "+site+"/{challenge}", func(v *visit) error {
		recording, err := io.ReadAll(io.LimitReader(v.R.Body, liveness.MaxCapture+1))
		if err != nil {
			return err
		}
		body := map[string][]byte{"capture": recording}
		_, err = v.Call(pages.Request{Method: http.MethodPut, Path: v.orderPath("/challenges/" + v.R.PathValue("challenge")), Key: v.R.Header.Get("Idempotency-Key"), Body: body}, nil)
		if v.Refused(err) {
			return v.showLivenessCheck()
		}
		if err != nil {
			return err
		}
		v.Redirect(v.OrderHref("/" + string(session.Liveness)))
		return nil
	})
}

// showLivenessCheck shows the page with the camera.
func (v *visit) showLivenessCheck() error {
	o, err := v.order()
	if err != nil {
		return err
	}
	for _, s := range livenessSites(o) {
		if strconv.Itoa(s.Index) == v.R.PathValue("site") {
			v.Fields = []pages.Field{{Name: s.pointer()}}
			return v.Show("liveness-check", s)
		}
	}
	return &web.Problem{Status: http.StatusNotFound}
}

// Simulated reports whether the checks are simulated.
func (v *visit) Simulated() bool { return v.portal.config.Simulated }

// LivenessTexts are the keys of what the script of the check says.
func (*visit) LivenessTexts() []string {
	return []string{"camera", "ready", "sending", "offline", "lost", "denied", "no-camera", "busy", "old", "retry"}
}
