package portal

import (
	"strconv"

	"beian/shared/rules/finding"
	"beian/shared/web/pages"
)

// The answers that can be chosen come from the API's reference data.

func provinces(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
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

// An entityKind is a kind of subject with its certificates.
type entityKind struct {
	Kind         int           `json:"kind"`
	Words        finding.Words `json:"words"`
	Certificates []struct {
		Kind  int           `json:"kind"`
		Words finding.Words `json:"words"`
	} `json:"certificates"`
}

func entityKindsFor(v *pages.Visit) ([]entityKind, error) {
	var list struct {
		Items []entityKind `json:"items"`
	}
	err := v.Get("/entity-kinds", &list)
	return list.Items, err
}

// individual is the kind of subject that is a person.
const individual = 5

// entities lists the kinds of subject, those that most people are first. The others are rare.
func entities(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
	return commonFirst(allEntities, "4", strconv.Itoa(individual), "3", "6")(v, d)
}

func allEntities(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	kinds, err := entityKindsFor(v)
	var all []pages.Option
	for _, k := range kinds {
		all = append(all, pages.Option{Value: strconv.Itoa(k.Kind), Label: v.In(k.Words)})
	}
	return all, err
}

// certificatesOf lists the certificates of a document's kind of subject.
func certificatesOf(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
	return certificatesFor(v, d.Text("/entityKind"))
}

// personCertificates lists the certificates of persons.
func personCertificates(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	return certificatesFor(v, strconv.Itoa(individual))
}

func certificatesFor(v *pages.Visit, entity string) ([]pages.Option, error) {
	kinds, err := entityKindsFor(v)
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

// numbered lists a table of the ministry's numbers.
func numbered(path string) func(*pages.Visit, pages.Document) ([]pages.Option, error) {
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

func serviceKinds(v *pages.Visit, _ pages.Document) ([]pages.Option, error) {
	var list struct {
		Items []struct {
			Kind  string        `json:"kind"`
			Words finding.Words `json:"words"`
		} `json:"items"`
	}
	err := v.Get("/service-kinds", &list)
	var all []pages.Option
	for _, k := range list.Items {
		all = append(all, pages.Option{Value: k.Kind, Label: v.Title(k.Words)})
	}
	return all, err
}
