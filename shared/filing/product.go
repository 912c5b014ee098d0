package filing

import (
	"time"

	"beian/shared/rules/codes"
	"beian/shared/rules/fault"
	"beian/shared/rules/finding"
)

// CodeProductNotAsked says that the application does not change the hosting.
const CodeProductNotAsked finding.Code = "product-not-asked-for"

// ChooseProduct sets the server or service code that hosts the sites (S11). The caller must have checked it with package
// inventory.
type ChooseProduct struct{ Product Product }

func (ChooseProduct) Name() string { return "choose-product" }

func (d ChooseProduct) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifyProduct, CollectDetails, CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	if !o.asksProduct() {
		return fault.WithFindings(fault.Conflict, finding.List{finding.New(CodeProductNotAsked, "")})
	}
	pointer := "/server"
	if d.Product.ServiceCode != "" {
		pointer = "/serviceCode"
	}
	if err := blockingFault(o.Codes.CheckWithdrawn(codes.AccessModes, int64(d.Product.Mode)).Under(pointer)); err != nil {
		return err
	}
	if o.Product != nil {
		switch same := o.Product.Server == d.Product.Server && o.Product.ServiceCode == d.Product.ServiceCode; {
		case same && o.Product.Mode == d.Product.Mode:
			return ErrNothingToDo
		case same: // the provider corrected the access mode of the server
			o.Product.Mode, o.Confirmation = d.Product.Mode, nil
			c.setFact("server", o.Product.Server)
			c.advance(at)
			return nil
		}
		c.ReleaseSlot = o.reserved()
	}
	chosen := d.Product
	if chosen.Slot = string(o.ID); o.IsHostedOn(chosen.Server) {
		chosen.Slot = ""
	}
	o.Product = &chosen
	c.ReserveSlot = o.reserved()
	c.setFact("server", chosen.Server)
	c.advance(at)
	return nil
}

// IsHostedOn reports whether the order changes the access of sites that a server hosts already, for example because its addresses changed. They have a
// slot of the server, so that the order reserves none.
func (o Order) IsHostedOn(server string) bool {
	if o.Filed == nil || len(o.NewAccess) == 0 {
		return false
	}
	for _, site := range o.NewAccess {
		if site >= len(o.Filed.Sites) {
			return false
		}
		if access, ours := o.Filed.Sites[site].OurAccess(); !ours || access.Server != server {
			return false
		}
	}
	return true
}

// reserved returns the product whose filing slot the order has reserved, nil if there is none.
func (o Order) reserved() *Product {
	if o.Product == nil || o.Product.Slot == "" {
		return nil
	}
	return o.Product
}
