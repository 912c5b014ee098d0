package console

import (
	"net/http"

	"beian/infra/local/faults"
	"beian/shared/web/pages"
)

// A faultSwitch is one line of the page.
type faultSwitch struct {
	Fault faults.Fault
	On    bool
}

func (c *Console) registerFaults() {
	c.Public("GET /faults", func(v *pages.Visit) error { return c.showFaults(v, http.StatusOK) })
	c.Public("POST /faults", func(v *pages.Visit) error {
		form := v.R.PostForm
		switch {
		case form.Get("off") == "all":
			for _, f := range faults.All {
				c.config.Faults.Set(f, false)
			}
		case form.Has("on") && c.config.Faults.Set(faults.Fault(form.Get("on")), true):
		case form.Has("off") && c.config.Faults.Set(faults.Fault(form.Get("off")), false):
		default:
			return c.showFaults(v, http.StatusUnprocessableEntity)
		}
		v.Redirect(Prefix + "/faults")
		return nil
	})
}

// showFaults shows all switches. A status other than 200 means that the form named no fault.
func (c *Console) showFaults(v *pages.Visit, status int) error {
	data := struct {
		Switches []faultSwitch
		Unknown  bool
	}{Unknown: status != http.StatusOK}
	for _, f := range faults.All {
		data.Switches = append(data.Switches, faultSwitch{f, c.config.Faults.On(f)})
	}
	if data.Unknown {
		v.W.WriteHeader(status)
	}
	return v.Show("faults", data)
}
