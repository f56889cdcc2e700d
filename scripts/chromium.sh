#!/usr/bin/env bash
# Sees to it that there is a Chromium for the browser tests: the one that CHROMIUM
# names, the one on the PATH, or Debian's package, which it installs.
set -euo pipefail
if command -v "${CHROMIUM:-chromium}" >/dev/null; then
	exit 0
fi
if ! command -v apt-get >/dev/null; then
	echo "no chromium: install it, or set CHROMIUM to the path of a Chromium or Chrome" >&2
	exit 1
fi
as_root=()
if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null
