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
		c.ReleaseSlot = o.Product
	}
	chosen := d.Product
	chosen.Slot = string(o.ID)
	o.Product, c.ReserveSlot = &chosen, &chosen
	c.setFact("server", chosen.Server)
	c.advance(at)
	return nil
}
