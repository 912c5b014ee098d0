package demo

import (
	"context"
	"fmt"
	"net/http"

	"beian/infra/local/scenario"
	"beian/shared/rules/number"
	"beian/shared/rules/province"
	"beian/shared/rules/workday"
)

// recordByHand records, in a system without a link to the bureau or about an app, that an order was entered into the bureau's console and approved. The numbers
// are invented.
func (d *Demo) recordByHand(ctx context.Context, o scenario.Order) error {
	path, today := "/orders/"+string(o.ID)+"/sheet", workday.DateOf(d.system.Clock.Now())
	if err := d.admin.Call(ctx, http.MethodPost, path+"/entry", map[string]any{"on": today}, nil); err != nil {
		return err
	}
	in, _ := province.ParseCode(o.Province)
	subject := fmt.Sprintf("%sICP备%s%06d号", in.Province().Abbreviation, string(today)[:4], d.recorded+1)
	service, _ := number.ParseService(o.Service)
	var sites []map[string]any
	for i := range o.Sites {
		sites = append(sites, map[string]any{"number": fmt.Sprintf("%s-%d%s", subject, i+1, service)})
	}
	d.recorded++
	d.print("operator", "enters the application at the bureau, and records its approval")
	return d.admin.Call(ctx, http.MethodPost, path+"/approval", map[string]any{"subjectNumber": subject, "sites": sites}, nil)
}
