package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"beian/infra/local/rulesdiff"
	"beian/infra/local/scenario"
	"beian/shared/filing"
	"beian/shared/rules/pack"
	"beian/shared/rules/workday"
)

// diffRules lists the rules in which two versions or two days differ and, if a system runs, the open orders whose verdict changes.
func diffRules(ctx context.Context, args []string) error {
	return printRuleDifferences(ctx, os.Stdout, args)
}

// printRuleDifferences is diffRules with its output.
func printRuleDifferences(ctx context.Context, out io.Writer, args []string) error {
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
		if err := printBetween(out, a, b); err != nil {
			return err
		}
		return printOrders(ctx, out, func(operator *scenario.User) ([]rulesdiff.Order, error) {
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
	fmt.Fprintf(out, "Rules of %s (version %s) and of this folder (version %s) that differ: %d\n", *old, before.Version, after.Version, len(differences))
	for _, d := range differences {
		fmt.Fprintln(out, "  "+d.String())
	}
	return printOrders(ctx, out, func(operator *scenario.User) ([]rulesdiff.Order, error) {
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

// printBetween prints the rules, and what kinds of application ask, in force on only one of two days.
func printBetween(out io.Writer, a, b workday.Date) error {
	p, err := pack.Load()
	if err != nil {
		return err
	}
	rules, err := rulesdiff.Read(os.DirFS("shared/rules"))
	if err != nil {
		return err
	}
	between := p.Between(a, b)
	fmt.Fprintf(out, "Rules in force on only one of %s and %s: %d\n", a, b, len(between))
	for _, r := range between {
		d := rules.Describe(r.ID, r.InForce(b), "from", "until", "source")
		d.Values = append(d.Values, fmt.Sprintf("%s (%s)", period(r.From, r.Until), r.Source))
		fmt.Fprintln(out, "  "+d.String())
	}
	ended, begun := filing.DatedRulesBetween(a, b)
	fmt.Fprintf(out, "Rules of kinds of application in force on only one of them: %d\n", len(ended)+len(begun))
	for _, list := range []struct {
		begins bool
		rules  []filing.DatedRule
	}{{false, ended}, {true, begun}} {
		for _, r := range list.rules {
			d := rulesdiff.Difference{Rule: string(r.Kind.Type), Title: r.Kind.Words, Before: !list.begins, After: list.begins,
				Values: []string{fmt.Sprintf("%s / %s; %s (%s)", r.Words.Chinese, r.Words.English, period(r.From, r.Until), r.Source)}}
			fmt.Fprintln(out, "  "+d.String())
		}
	}
	return nil
}

// period returns the first and the last day of a rule as text.
func period(from, until workday.Date) string {
	var limits []string
	if from != "" {
		limits = append(limits, "from "+string(from))
	}
	if until != "" {
		limits = append(limits, "until "+string(until))
	}
	return strings.Join(limits, " ")
}

// printOrders prints the open orders of the running system: of that at API with the operator's ID token in TOKEN, or of that of make run.
func printOrders(ctx context.Context, out io.Writer, list func(operator *scenario.User) ([]rulesdiff.Order, error)) error {
	operator, err := runningOperator(ctx)
	if err != nil {
		return err
	}
	if operator == nil {
		fmt.Fprintln(out, "No system is running, so open orders were not compared. Start one with make run, or set API and TOKEN.")
		return nil
	}
	orders, err := list(operator)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Open orders whose verdict changes: %d\n", len(orders))
	for _, o := range orders {
		fmt.Fprintln(out, "  "+o.String())
	}
	return nil
}
