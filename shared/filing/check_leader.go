package filing

import (
	"time"

	"beian/shared/rules/certificate"
	"beian/shared/rules/finding"
	"beian/shared/rules/province"
)

// checkLeader returns the findings on one leader (icp-filing 4.2). Pointers are relative to the leader.
func (o Order) checkLeader(l Leader, subject Subject, p province.Province, at time.Time) finding.List {
	found := l.Name.Check().Under("/name")
	found = append(found, certificate.CheckPersonal(l.Certificate.Kind, at).Under("/certificate/kind")...)
	found = append(found, certificate.Check(l.Certificate.Kind, l.Certificate.Number, at).Under("/certificate/number")...)
	found = append(found, l.Certificate.Validity.Check(at).Under("/certificate/validity")...)
	found = append(found, l.Mobile.Check().Under("/mobile")...)
	found = append(found, l.EmergencyPhone.CheckEmergency(l.Mobile).Under("/emergencyPhone")...)
	found = append(found, l.Email.Check().Under("/email")...)
	found = append(found, o.checkOfficePhone(l, p, at)...)
	found = append(found, o.checkAge(l, p, at)...)
	if o.Individual() && l.Name != subject.Name {
		found = append(found, finding.New(CodeLeaderNotSubject, "/name"))
	}
	if o.Individual() && l.Certificate.Number != subject.Certificate.Number {
		found = append(found, finding.New(CodeLeaderNotSubject, "/certificate/number"))
	}
	return found
}

// checkOfficePhone requires an office phone from organisations. A mobile is allowed unless the province requires a landline.
func (o Order) checkOfficePhone(l Leader, p province.Province, at time.Time) finding.List {
	phone := l.OfficePhone
	if phone == "" {
		if o.Individual() {
			return nil
		}
		return finding.List{finding.New(CodeOfficePhoneMissing, "/officePhone")}
	}
	found := phone.Check().Under("/officePhone")
	if mobile, ok := phone.Mobile(); ok {
		if !o.Individual() && p.LandlineRequired(o.Entity, at) {
			found = append(found, phone.CheckLandline().Under("/officePhone")...)
		}
		if mobile == l.Mobile && p.OfficeMobileDiffers(o.Entity, at) {
			found = append(found, finding.New(CodeOfficeIsMobile, "/officePhone"))
		}
	}
	return found
}

// checkAge applies the province's minimum age. The finding blocks if the sources agree; otherwise it is a warning for the reviewer.
func (o Order) checkAge(l Leader, p province.Province, at time.Time) finding.List {
	age, known := certificate.Age(l.Certificate.Kind, l.Certificate.Number, at)
	if !known {
		return nil
	}
	return p.CheckAge(o.Entity, age, at).Under("/certificate/number")
}
