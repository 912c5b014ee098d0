package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"

	"beian/infra/local/rulesdiff"
	"beian/infra/local/scenario"
	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
)

// diffRules lists the rules in which two versions or two days differ and, if a system runs, the open orders whose verdict changes.
func diffRules(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("rules-diff", flag.ContinueOnError)
	old := flags.String("old", "", "the other version of the rules: a git `revision`, or a folder")
	from := flags.String("from", "", "the first of two `days`, YYYY-MM-DD")
	to := flags.String("to", "", "the second day")
	if err := flags.Parse(args); err != nil {
		return err
	}
	a, b := workday.Date(*from), workday.Date(*to)
	days := a != "" || b != ""
	if (*old == "") == !days || days && (!a.Valid() || !b.Valid()) {
		return errors.New("usage: make rules-diff OLD=<git revision or folder>, or make rules-diff FROM=2020-08-16 TO=2020-08-17")
	}
	if days {
		rules, err := pack.Load()
		if err != nil {
			return err
		}
		between := rules.Between(a, b)
		fmt.Printf("Rules in force on only one of %s and %s: %d\n", a, b, len(between))
		for _, r := range between {
			day := a
			if r.InForce(b) {
				day = b
			}
			fmt.Printf("  %s %s, in force on %s (%s)\n", r.Family, r.ID, day, r.Source)
		}
		return printOrders(ctx, func(operator *scenario.User) ([]rulesdiff.Order, error) {
			return rulesdiff.OrdersOfDays(ctx, operator, a, b)
		})
	}
	before, err := rulesdiff.OpenVersion(ctx, *old)
	if err != nil {
		return err
	}
	after, err := rulesdiff.Read(os.DirFS("shared/rules"))
	if err != nil {
		return err
	}
	differences := before.Compare(after)
	fmt.Printf("Rules of %s (version %s) and of this folder (version %s) that differ: %d\n", *old, before.Version, after.Version, len(differences))
	for _, d := range differences {
		fmt.Println("  " + d.String())
	}
	return printOrders(ctx, func(operator *scenario.User) ([]rulesdiff.Order, error) {
		running, err := rulesdiff.SystemVersion(ctx, operator)
		if err != nil {
			return nil, err
		}
		if running != after.Version {
			return nil, fmt.Errorf("the running system has version %s of the rules, not that of this folder; start this version with make run", running)
		}
		return rulesdiff.OrdersOfVersion(ctx, operator, before.Version)
	})
}

// printOrders prints the open orders of the running system: of that at API with the operator's ID token in TOKEN, or of that of make run.
func printOrders(ctx context.Context, list func(operator *scenario.User) ([]rulesdiff.Order, error)) error {
	operator, err := runningOperator(ctx)
	if err != nil {
		return err
	}
	if operator == nil {
		fmt.Println("No system is running, so open orders were not compared. Start one with make run, or set API and TOKEN.")
		return nil
	}
	orders, err := list(operator)
	if err != nil {
		return err
	}
	fmt.Printf("Open orders whose verdict changes: %d\n", len(orders))
	for _, o := range orders {
		fmt.Println("  " + o.String())
	}
	return nil
}
