package filing

import (
	"time"
)

// ChooseProduct sets the server or service code that hosts the sites (S11). The caller must have checked it with package
// inventory.
type ChooseProduct struct{ Product Product }

func (ChooseProduct) Name() string { return "choose-product" }

func (d ChooseProduct) apply(c *Change, _ Actor, at time.Time) error {
	o := &c.Order
	if err := o.checkOpenAt(VerifyProduct, CollectDetails, CollectEvidence, VerifyAuthenticity, AwaitConfirmation); err != nil {
		return err
	}
	if o.Product != nil {
		if o.Product.Server == d.Product.Server && o.Product.ServiceCode == d.Product.ServiceCode {
			return ErrNothingToDo
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
