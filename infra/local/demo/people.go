package demo

import (
	"beian/infra/local/console"
	"beian/shared/filing"
	"beian/shared/rules/finding"
	"beian/shared/workflow/picture"
)

// People returns the sample people as whom the console logs in: the staff, and the applicants of [Demo.Seed] with where their applications are then.
func People() ([]console.Person, error) {
	people := []console.Person{
		{Login: ReviewerLogin, Staff: true, About: finding.Words{Chinese: "审核员", English: "Reviewer"}},
		{Login: SecondReviewerLogin, Staff: true, About: finding.Words{Chinese: "第二位审核员", English: "Second reviewer"}},
		{Login: AdminLogin, Staff: true, About: finding.Words{Chinese: "管理员", English: "Operator"}},
	}
	samples, err := Samples()
	if err != nil {
		return nil, err
	}
	for _, s := range samples {
		state := picture.Name(string(s.Step))
		if s.Step == filing.Done {
			state = picture.Name("Filed")
		}
		people = append(people, console.Person{Login: s.Login, About: finding.Words(state)})
	}
	return people, nil
}
