#!/bin/sh
# Stops with one sentence when this machine lacks what the product needs; `make` calls it.
set -eu

stop() {
    echo "$1" >&2
    exit 1
}

# An administrator of a Debian machine gets the package; anyone else is told its name.
install() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing Debian's $*."
        export DEBIAN_FRONTEND=noninteractive
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$@"; } >/dev/null 2>&1 || true
    fi
}

case "$1" in
python)
    [ -n "$2" ] || stop "Python 3.11 is needed: on Debian, install the package python3-venv."
    "$2" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' ||
        stop "Python 3.11 is needed, but $2 is another version: set PYTHON to a Python 3.11."
    "$2" -c 'import ensurepip, venv' 2>/dev/null ||
        stop "Python's venv module is needed: on Debian, install the package python3-venv."
    ;;
packages)
    stop "The Python packages could not be installed: check the network and the disk, then run make again."
    ;;
libraries)
    "$2" -c 'import lightgbm' 2>/dev/null || install libgomp1
    "$2" -c 'import lightgbm' 2>/dev/null ||
        stop "LightGBM needs the OpenMP library: on Debian, install the package libgomp1."
    # Without it everything but the printed page about a scan works, which then says so.
    "$2" -c 'import weasyprint' 2>/dev/null ||
        install libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core
    ;;
chromium)
    command -v chromium >/dev/null || install chromium fonts-dejavu-core
    command -v chromium >/dev/null ||
        stop "The browser tests need Chromium: on Debian, install the package chromium."
    ;;
esac
