package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"strings"

	"github.com/siogen/siogen/bench/internal/measure"
)

// Sizes of the chart in pixels.
const (
	chartWidth = 760
	labelWidth = 190
	valueWidth = 70
	barHeight  = 16
	barGap     = 3
	groupGap   = 26
)

// colours of the servers, in their order; dark and light backgrounds suit them.
var colours = [...]string{"#2a9d4a", "#8a8f98", "#4a7fd4", "#d98b2b", "#b35fc4", "#c44f4f"}

// Chart writes bars of the CPU time for a message, as SVG.
func Chart(w io.Writer, r *measure.Results) error {
	var b strings.Builder
	y := 30
	for _, f := range cpuFigures(charted(r.Scenarios)) {
		y = group(&b, r, f, y)
	}
	_, err := fmt.Fprintf(w, `<svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %[1]d %[2]d" font-family="sans-serif" font-size="12" fill="#777">
<text x="0" y="14">CPU time of the server for a message, in µs; less is better</text>
%s</svg>
`, chartWidth, y, b.String())
	return err
}

// charted are those that the chart shows: the rest is in the tables.
func charted(scenarios []measure.Scenario) (chosen []measure.Scenario) {
	for _, sc := range scenarios {
		switch sc.Name {
		case measure.Echo8, measure.Echo1, measure.Ack8, measure.Broadcast, measure.Polling, measure.Binary, measure.Few:
			chosen = append(chosen, sc)
		}
	}
	return chosen
}

// group draws the bars of one figure and returns where the next one begins.
func group(b *strings.Builder, r *measure.Results, f Figure, y int) int {
	longest := 0.0
	medians := make([]float64, len(r.Servers))
	for i, s := range r.Servers {
		medians[i] = median(values(r, f, s.Name))
		if !math.IsNaN(medians[i]) {
			longest = max(longest, medians[i])
		}
	}
	if longest == 0 {
		return y
	}
	fmt.Fprintf(b, `<text x="0" y="%d" font-weight="bold">%s</text>`+"\n", y+12, escape(f.Title))
	y += barHeight + barGap
	for i, s := range r.Servers {
		if math.IsNaN(medians[i]) {
			continue
		}
		width := medians[i] / longest * (chartWidth - labelWidth - valueWidth)
		fmt.Fprintf(b, `<text x="0" y="%d">%s</text><rect x="%d" y="%d" width="%.1f" height="%d" fill="%s"/><text x="%.1f" y="%d">%s</text>`+"\n",
			y+12, escape(s.Title), labelWidth, y, width, barHeight, colours[i%len(colours)],
			labelWidth+width+6, y+12, number(medians[i], 1))
		y += barHeight + barGap
	}
	return y + groupGap
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // to a Builder: it can't fail
	return b.String()
}
