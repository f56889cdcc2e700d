package cli

import "github.com/spf13/cobra"

// usageTemplate is what --help prints below the description.
const usageTemplate = `Usage:
  {{if .HasAvailableSubCommands}}{{.CommandPath}} VERB{{else}}{{.UseLine}}{{end}}

Examples:
{{.Example}}
{{- if .HasAvailableSubCommands}}

Verbs:
{{- range .Commands}}{{if or .IsAvailableCommand (eq .Name "help")}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}
{{- end}}

Flags:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}
`

func (a *app) helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "help [VERB]",
		Short: "Print help on a verb",
		Example: `  siogen help generate
  siogen generate --help`,
		Args: atMost(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			target := cmd.Root()
			if err := knownVerb(target, args); err != nil {
				return err
			}
			for _, c := range target.Commands() {
				if len(args) == 1 && c.Name() == args[0] {
					target = c
				}
			}
			target.InitDefaultHelpFlag()
			return target.Help()
		},
	}
}
