package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/siogen/siogen/bench/internal/measure"
	"github.com/siogen/siogen/bench/internal/target"
)

// none stands for a value that there is not.
const none = "–"

// Table is text in rows and columns; the first row is the head.
type Table [][]string

// Markdown writes the table for a page.
func (t Table) Markdown(w io.Writer) {
	for i, row := range t {
		fmt.Fprintf(w, "| %s |\n", strings.Join(row, " | "))
		if i == 0 {
			fmt.Fprintf(w, "| --- |%s\n", strings.Repeat(" ---: |", len(row)-1))
		}
	}
}

// Text writes the table for a terminal.
func (t Table) Text(w io.Writer) {
	widths := make([]int, len(t[0]))
	for _, row := range t {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)))
		}
	}
	for _, row := range t {
		for i, cell := range row {
			pad := strings.Repeat(" ", widths[i]-len([]rune(cell)))
			if i == 0 {
				fmt.Fprint(w, cell, pad)
			} else {
				fmt.Fprint(w, "  ", pad, cell)
			}
		}
		fmt.Fprintln(w)
	}
}

func number(v float64, decimals int) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return none
	}
	return fmt.Sprintf("%.*f", decimals, v)
}

// Figures is a table of medians, with the ratio to siogen's server in brackets.
func Figures(r *measure.Results, figures []Figure) Table {
	head := []string{""}
	for _, s := range r.Servers {
		head = append(head, s.Title)
	}
	t := Table{head}
	for _, f := range figures {
		row := []string{fmt.Sprintf("%s (%s)", f.Title, f.Unit)}
		for _, s := range r.Servers {
			cell := number(median(values(r, f, s.Name)), f.Decimals)
			if s.Name != target.Native && cell != none {
				cell += " (" + number(ratio(r, f, s.Name, target.Native), 2) + " ×)"
			}
			row = append(row, cell)
		}
		t = append(t, row)
	}
	return t
}

// section is one table of the page.
type section struct {
	title, text string
	table       Table
}

func sections(r *measure.Results) []section {
	of := func(value func(*measure.Measurement) float64, unit string, decimals int) (figures []Figure) {
		for _, f := range cpuFigures(r.Scenarios) {
			f.Value, f.Unit, f.Decimals = value, unit, decimals
			figures = append(figures, f)
		}
		return figures
	}
	all := []section{
		{"CPU time of the server for a message", "A message is a reply; of a broadcast, what one receiver gets.", Figures(r, cpuFigures(r.Scenarios))},
		{"Messages in a second", "Server and load generator share the machine.", Figures(r, of(rate, "1,000/s", 1))},
		{"Median latency", "With all clients sending as fast as they can, latency is above all the rate seen from the other side.", Figures(r, of(p50, "ms", 2))},
		{"99th percentile of latency", "", Figures(r, of(p99, "ms", 2))},
		{"Resident memory for a client", "Each has joined a namespace and a room; those of plain gws have only connected.", Figures(r, memoryFigures(r.Scenarios))},
		{"What clients receive for a message", "Framing and HTTP's heads included. What Bun's engine sends is never compressed.", Figures(r, of(bytesOf, "bytes", 0))},
		{"CPU time of the load generator for a message", "It shows whether the load generator was what limited a rate. It decompresses what is compressed, and compares every byte of 64 KiB.", Figures(r, of(loads, "µs", 1))},
		{"Generators", "From a contract of so many events, each with an argument and an answer of a type of its own with five fields, and from the same as OpenAPI; types, server and client in Go. go build has what the output imports in its cache.", Generators(r)},
		{"Allocations", "Of generated code, by Go benchmarks over loopback sockets; Decode and Encode without any. Those of Decode are the message's strings. A broadcast counts until all have got it.", Allocations(r)},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.table) < 2 }) // nothing but a head
}

// Text writes the tables for a terminal.
func Text(w io.Writer, r *measure.Results) {
	for _, s := range sections(r) {
		fmt.Fprintf(w, "\n%s\n\n", s.title)
		s.table.Text(w)
	}
	fmt.Fprintln(w)
	Goals(r).Text(w)
	fmt.Fprintf(w, "\n%s\n", noise(r))
}

// Markdown writes the page. profile is its last section; it may be empty.
func Markdown(w io.Writer, r *measure.Results, profile string) {
	fmt.Fprintf(w, "# Results\n\nWritten by `go run ./cmd/bench` ([what is measured, and how](README.md)) on %s.\n\n", r.Date.Format("2006-01-02"))
	fmt.Fprintf(w, "%s\n%s.\n\n", r.Machine, strings.Join(r.Versions, ", "))
	fmt.Fprintf(w, "%d rounds, in each of which every server is measured for %s in every scenario, after %s that don't count%s. ", r.Rounds, r.Measure, r.Warm, fewerRounds(r))
	fmt.Fprint(w, "Figures are medians over the rounds; ratios are medians of the ratios within a round. In brackets: how many times siogen's.\n\n")
	fmt.Fprintf(w, "%s\n\n![CPU time for a message](cpu.svg)\n\n## What was to be reached\n\n", noise(r))
	Goals(r).Markdown(w)
	for _, s := range sections(r) {
		fmt.Fprintf(w, "\n## %s\n\n", s.title)
		if s.text != "" {
			fmt.Fprintf(w, "%s\n\n", s.text)
		}
		s.table.Markdown(w)
	}
	for _, list := range []struct {
		title string
		items []string
	}{{"Left out", r.Missing}, {"What went wrong", slices.Concat(r.Failures, behind(r), lost(r))}} {
		if len(list.items) > 0 {
			fmt.Fprintf(w, "\n## %s\n\n- %s\n", list.title, strings.Join(list.items, "\n- "))
		}
	}
	if profile != "" {
		fmt.Fprintf(w, "\n%s", profile)
	}
}

// fewerRounds names the scenarios that were not measured in every round.
func fewerRounds(r *measure.Results) string {
	var names []string
	for _, sc := range r.Scenarios {
		if sc.Rounds > 0 && sc.Rounds < r.Rounds {
			names = append(names, fmt.Sprintf("%s (%d)", sc.Title, sc.Rounds))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; fewer rounds for " + strings.Join(names, "; ")
}

// lost tells whose handshakes got no answer.
func lost(r *measure.Results) (lines []string) {
	for _, s := range r.Servers {
		if n := retries(r, s.Name); n > 0 {
			lines = append(lines, fmt.Sprintf("%s: %d clients got no answer to their CONNECT packet and connected anew.", s.Title, n))
		}
	}
	return lines
}

// behind tells who could not keep a pace: those rounds are in no figure.
func behind(r *measure.Results) (lines []string) {
	for _, sc := range r.Scenarios {
		for _, s := range r.Servers {
			n, rounds := 0, r.Measurements[sc.Name][s.Name]
			for _, m := range rounds {
				if m != nil && m.Behind {
					n++
				}
			}
			if n > 0 {
				lines = append(lines, fmt.Sprintf("%s could not keep up with “%s” in %d of %d rounds.", s.Title, sc.Title, n, len(rounds)))
			}
		}
	}
	return lines
}

// noise says how far the figures can be trusted.
func noise(r *measure.Results) string {
	typical, most := others(r)
	return fmt.Sprintf("Noise: other programs used %.0f %% of the machine meanwhile (at most %.0f %%), and the middle half of the rounds spans %s of the median CPU time.",
		100*typical, 100*most, percent(typicalSpread(r)))
}

func percent(v float64) string {
	if math.IsNaN(v) {
		return "an unknown part"
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}
