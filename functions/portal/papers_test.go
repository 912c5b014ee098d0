package portal

import (
	"testing"

	"beian/shared/filing"
	"beian/shared/rules/certificate"
	"beian/shared/rules/evidence"
	"beian/shared/web"
)

// TestCertificateOf: a paper that is a certificate is named by its kind, such as the business licence.
func TestCertificateOf(t *testing.T) {
	var o web.Order
	o.Subject.Certificate.Kind, o.Subject.Leader.Certificate.Kind = 1, 2
	o.Sites = make([]filing.Site, 2)
	o.Sites[1].Leader.Certificate.Kind = 6
	for slot, want := range map[evidence.Slot]certificate.Kind{"subject-certificate-front": 1, "subject-leader-certificate-back": 2, "sites/1/leader-certificate-front": 6,
		"sites/2/leader-certificate-front": 0, "sites/1/verification-form": 0, "commitment-letter": 0} {
		if got := certificateOf(o, slot); got != want {
			t.Errorf("%s shows a certificate of kind %d, want %d", slot, got, want)
		}
	}
}
