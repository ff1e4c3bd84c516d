#!/usr/bin/env bash
# Prints the path of a working Chromium on standard output; installs one first on Debian, as root.
# $CHROMIUM goes before anything found on the path.
set -euo pipefail

find_chromium() {
  local candidate path
  for candidate in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
    "/Applications/Chromium.app/Contents/MacOS/Chromium" \
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"; do
    [ -n "$candidate" ] || continue
    path=$(command -v "$candidate") || continue
    # Run it: Ubuntu's chromium-browser may be a stub that only says where to get the real one.
    if "$path" --version >/dev/null 2>&1 </dev/null; then
      printf '%s\n' "$path"
      return 0
    fi
  done
  return 1
}

is_debian() { [ -r /etc/os-release ] && grep -qx 'ID="\{0,1\}debian"\{0,1\}' /etc/os-release; }

find_chromium && exit 0

if is_debian && [ "$(id -u)" = 0 ]; then
  echo "Installing chromium" >&2
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq >&2 </dev/null
  apt-get install -y -qq --no-install-recommends chromium >&2 </dev/null
  find_chromium && exit 0
fi

cat >&2 <<'MESSAGE'
The browser tests need Chromium or Chrome, and none that works was found. Install one:
  Debian:        sudo apt-get install chromium
  Ubuntu:        sudo snap install chromium
  Fedora:        sudo dnf install chromium
  macOS:         brew install --cask chromium
or say where it is: export CHROMIUM=/path/to/chromium
MESSAGE
exit 1
