# What script/setup and script/install.sh share: what the computer must have, and how it gets it.
# Sourced, with $asks set to who asks. No package is ever removed: where one would have to be,
# nothing is changed and that is said.

fail() { echo "$asks: $1" >&2; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }
library() { "$python" -c 'import ctypes, sys; ctypes.CDLL(sys.argv[1])' "$1" 2>/dev/null; }

python=${PYTHON:-python3}

need_python() {
    "$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null ||
        fail "Python 3.11, 3.12 or 3.13 is needed; set PYTHON to it."
    "$python" -c 'import struct, sys; sys.exit(struct.calcsize("P") != 8)' ||
        fail "a 64-bit system is needed; on a Raspberry Pi install Raspberry Pi OS (64-bit)."
}

install() { # names of Debian packages; fails when one can't be had without removing another
    root=""
    if [ "$(id -u)" != 0 ]; then
        have sudo || fail "install these first, as root: apt-get install $*"
        root=sudo
    fi
    $root env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
        $root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-remove --no-install-recommends "$@"
}

need_debian() {
    missing=""
    have espeak-ng || missing="$missing espeak-ng"
    library libespeak-ng.so.1 || missing="$missing libespeak-ng1"
    library libportaudio.so.2 || missing="$missing libportaudio2"
    library libatomic.so.1 || missing="$missing libatomic1" # Vosk's library wants it on a Pi
    "$python" -c 'import ensurepip, venv' 2>/dev/null || missing="$missing python3-venv"
    [ -n "$missing" ] || return 0
    have apt-get || fail "install these first:$missing"
    # shellcheck disable=SC2086 # a list of names
    install $missing || fail "these could not be installed:$missing"
}
