package application

import (
	"strconv"

	"beian/shared/rules/finding"
	"beian/shared/web/pages"
)

// The answers that can be chosen come from the API's reference data.

// Provinces lists the provinces.
func Provinces(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	var list struct {
		Items []struct {
			Code string        `json:"code"`
			Name finding.Words `json:"name"`
		} `json:"items"`
	}
	err := v.Get("/provinces", &list)
	var all []pages.Option
	for _, p := range list.Items {
		all = append(all, pages.Option{Value: p.Code, Label: v.In(p.Name)})
	}
	return all, err
}

// An EntityKind is a kind of subject with its certificates.
type EntityKind struct {
	Kind         int           `json:"kind"`
	Words        finding.Words `json:"words"`
	Certificates []struct {
		Kind  int           `json:"kind"`
		Words finding.Words `json:"words"`
	} `json:"certificates"`
}

// EntityKinds returns the kinds of subject.
func EntityKinds(v *pages.Visit) ([]EntityKind, error) {
	var list struct {
		Items []EntityKind `json:"items"`
	}
	err := v.Get("/entity-kinds", &list)
	return list.Items, err
}

// Individual is the kind of subject that is a person.
const Individual = 5

// Entities lists the kinds of subject.
func Entities(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	kinds, err := EntityKinds(v)
	var all []pages.Option
	for _, k := range kinds {
		all = append(all, pages.Option{Value: strconv.Itoa(k.Kind), Label: v.In(k.Words)})
	}
	return all, err
}

// PersonCertificates lists the certificates of persons.
func PersonCertificates(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	return Certificates(v, strconv.Itoa(Individual))
}

// Certificates lists the certificates of a kind of subject, by its number.
func Certificates(v *pages.Visit, entity string) ([]pages.Option, error) {
	kinds, err := EntityKinds(v)
	var all []pages.Option
	for _, k := range kinds {
		if strconv.Itoa(k.Kind) != entity {
			continue
		}
		for _, c := range k.Certificates {
			all = append(all, pages.Option{Value: strconv.Itoa(c.Kind), Label: v.In(c.Words)})
		}
	}
	return all, err
}

// Numbered lists a table of the ministry's numbers.
func Numbered(path string) func(*pages.Visit, pages.Document) ([]pages.Option, error) {
	return func(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
		var list struct {
			Items []struct {
				Number int           `json:"number"`
				Words  finding.Words `json:"words"`
			} `json:"items"`
		}
		err := v.Get(path, &list)
		var all []pages.Option
		for _, n := range list.Items {
			all = append(all, pages.Option{Value: strconv.Itoa(n.Number), Label: v.In(n.Words)})
		}
		return all, err
	}
}

// AllCertificates lists the certificates of all kinds of subject.
func AllCertificates(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	kinds, err := EntityKinds(v)
	var all []pages.Option
	for _, k := range kinds {
		for _, c := range k.Certificates {
			all = append(all, pages.Option{Value: strconv.Itoa(c.Kind), Label: v.In(c.Words)})
		}
	}
	return all, err
}
