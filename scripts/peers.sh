#!/usr/bin/env bash
# Sees to it that peers of the tests are there, or installs Debian's packages:
# chromium is the one that CHROMIUM names, or the one on the PATH; python is the
# Socket.IO client of Debian's Python.
#
#	peers.sh chromium python
set -euo pipefail

install() {
	if ! command -v apt-get >/dev/null; then
		echo "no $1, and no apt-get to install it with${2:+: $2}" >&2
		exit 1
	fi
	local as_root=()
	if [ "$(id -u)" != 0 ]; then as_root=(sudo); fi
	export DEBIAN_FRONTEND=noninteractive
	"${as_root[@]}" apt-get update -qq
	"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${@:3}" >/dev/null
}

for peer; do
	case $peer in
	chromium)
		command -v "${CHROMIUM:-chromium}" >/dev/null ||
			install chromium "set CHROMIUM to the path of a Chromium or Chrome" chromium fonts-liberation
		;;
	python)
		/usr/bin/python3 -c 'import socketio, requests, websocket, msgpack' 2>/dev/null ||
			install "Socket.IO client for Python" "" python3-socketio python3-requests python3-websocket python3-msgpack
		;;
	*)
		echo "unknown peer: $peer" >&2
		exit 2
		;;
	esac
done
