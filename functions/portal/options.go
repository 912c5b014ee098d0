package portal

import (
	"strconv"

	"beian/shared/rules/finding"
)

// The answers that can be chosen come from the API's reference data.

func provinces(v *visit, _ document) ([]option, error) {
	var list struct {
		Items []struct {
			Code string        `json:"code"`
			Name finding.Words `json:"name"`
		} `json:"items"`
	}
	err := v.get("/provinces", &list)
	var all []option
	for _, p := range list.Items {
		all = append(all, option{Value: p.Code, Label: v.In(p.Name)})
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

func (v *visit) entityKinds() ([]entityKind, error) {
	var list struct {
		Items []entityKind `json:"items"`
	}
	err := v.get("/entity-kinds", &list)
	return list.Items, err
}

// individual is the kind of subject that is a person.
const individual = 5

// entities lists the kinds of subject, those that most people are first. The others are rare.
func entities(v *visit, d document) ([]option, error) {
	return commonFirst(allEntities, "4", strconv.Itoa(individual), "3", "6")(v, d)
}

func allEntities(v *visit, _ document) ([]option, error) {
	kinds, err := v.entityKinds()
	var all []option
	for _, k := range kinds {
		all = append(all, option{Value: strconv.Itoa(k.Kind), Label: v.In(k.Words)})
	}
	return all, err
}

// certificatesOf lists the certificates of a document's kind of subject.
func certificatesOf(v *visit, d document) ([]option, error) {
	return v.certificates(d.text("/entityKind"))
}

// personCertificates lists the certificates of persons.
func personCertificates(v *visit, _ document) ([]option, error) {
	return v.certificates(strconv.Itoa(individual))
}

func (v *visit) certificates(entity string) ([]option, error) {
	kinds, err := v.entityKinds()
	var all []option
	for _, k := range kinds {
		if strconv.Itoa(k.Kind) != entity {
			continue
		}
		for _, c := range k.Certificates {
			all = append(all, option{Value: strconv.Itoa(c.Kind), Label: v.In(c.Words)})
		}
	}
	return all, err
}

// numbered lists a table of the ministry's numbers.
func numbered(path string) func(*visit, document) ([]option, error) {
	return func(v *visit, _ document) ([]option, error) {
		var list struct {
			Items []struct {
				Number int           `json:"number"`
				Words  finding.Words `json:"words"`
			} `json:"items"`
		}
		err := v.get(path, &list)
		var all []option
		for _, n := range list.Items {
			all = append(all, option{Value: strconv.Itoa(n.Number), Label: v.In(n.Words)})
		}
		return all, err
	}
}

func serviceKinds(v *visit, _ document) ([]option, error) {
	var list struct {
		Items []struct {
			Kind  string        `json:"kind"`
			Words finding.Words `json:"words"`
		} `json:"items"`
	}
	err := v.get("/service-kinds", &list)
	var all []option
	for _, k := range list.Items {
		all = append(all, option{Value: k.Kind, Label: v.Title(k.Words)})
	}
	return all, err
}
