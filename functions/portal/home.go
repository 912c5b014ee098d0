package portal

// registerHome registers the first page.
func (p *Portal) registerHome() {
	p.public("GET /{$}", func(v *visit) error { return v.Show("home", nil) })
}
