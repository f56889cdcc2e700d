#!/usr/bin/env bash
# Runs every fuzz target of the module for the given time, or number of inputs, each.
#
#   scripts/fuzz.sh 10s
#   scripts/fuzz.sh 5000x
set -euo pipefail
cd "$(dirname "$0")/.."
time="${1:-10s}"
grep -rlE '^func Fuzz' --include='*_test.go' . | while read -r file; do
  package="$(dirname "$file")"
  sed -nE 's/^func (Fuzz[A-Za-z0-9_]*)\(.*/\1/p' "$file" | while read -r target; do
    echo "== $package $target"
    go test "$package" -run '^$' -fuzz "^$target\$" -fuzztime "$time" </dev/null
  done
done
