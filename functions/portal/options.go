package portal

import (
	"strconv"

	"beian/shared/rules/finding"
	"beian/shared/web/pages"
	"beian/shared/web/pages/application"
)

// The answers that can be chosen come from the API's reference data.

// entities lists the kinds of subject, those that most people are first. The others are rare.
func entities(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
	return commonFirst(application.Entities, "4", strconv.Itoa(application.Individual), "3", "6")(v, d)
}

// certificatesOf lists the certificates of a document's kind of subject.
func certificatesOf(v *pages.Visit, d pages.Document) ([]pages.Option, error) {
	return application.Certificates(v, d.Text("/entityKind"))
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
