package filing

import "slices"

// An order holds locks of two kinds. Those of its account, from the opening to the end, refuse a second open order of the same account
// for the same subject or domain. Those against other accounts it holds while it is submitted: it then has a paid server, all papers, and
// the liveness of its leaders. An order without this proof keeps nobody from filing, and does not show that it exists (ADR 19).

// locks returns the locks on the order's subject and domains for an account; "" for all accounts.
func (o Order) locks(account Account) []Lock {
	locks := []Lock{{SubjectLock, o.SubjectKey, account}}
	for _, d := range o.Domains {
		locks = append(locks, Lock{DomainLock, string(d), account})
	}
	return locks
}

// heldLocks returns all locks that the order holds.
func (o Order) heldLocks() []Lock {
	held := o.locks(o.Account)
	if !o.Unsubmitted {
		held = append(held, o.locks("")...)
	}
	return held
}

// lockWhileSubmitted acquires the locks against other accounts when the order is submitted, and releases them when it returns to the applicant.
// It acquires the account's lock on the subject again, in which the store notes whether the order is submitted.
func (c *Change) lockWhileSubmitted() {
	o := &c.Order
	switch submitted := !o.Step.IsApplicantStep(); {
	case submitted && o.Unsubmitted:
		c.AcquireLocks = append(c.AcquireLocks, o.locks("")...)
	case !submitted && !o.Unsubmitted:
		c.ReleaseLocks = append(c.ReleaseLocks, o.locks("")...)
	default:
		return
	}
	o.Unsubmitted = !o.Unsubmitted
	c.AcquireLocks = append(c.AcquireLocks, o.locks(o.Account)[0])
}

// locksExcept returns the locks that are not among others.
func locksExcept(locks, others []Lock) []Lock {
	return slices.DeleteFunc(slices.Clone(locks), func(l Lock) bool { return slices.Contains(others, l) })
}
