#!/bin/sh
# Installs the program for this user from the folder this file is in, which script/offline makes:
# nothing but Debian's own packages comes from a network. The same again updates it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
asks=install.sh
. "$here/needs.sh"
need_python
need_debian

home=${XDG_DATA_HOME:-$HOME/.local/share}/legsup_voice-program
"$python" -m venv --clear "$home"
pip="$home/bin/python -m pip --quiet --disable-pip-version-check --no-cache-dir"
$pip install --no-index --no-compile --find-links "$here/wheels" "$here"/legsup_voice-*.whl ||
    fail "this folder holds no packages for this computer; make one for it with script/offline."
$pip uninstall --yes setuptools pip 2>/dev/null # 30 MB that only installing needs
mkdir -p "$HOME/.local/bin"
ln -sf "$home/bin/legsup" "$HOME/.local/bin/legsup"
"$home/bin/legsup" setup
case ":$PATH:" in
    *":$HOME/.local/bin:"*) echo "Installed. What to do next: legsup doctor" ;;
    *) echo "Installed. What to do next: log in anew, then legsup doctor" ;;
esac
