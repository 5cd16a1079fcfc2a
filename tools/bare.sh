#!/usr/bin/env bash
# A bare machine proves that README's commands suffice: a minimal Debian, an ordinary user without
# root, a clean clone of what is committed. Prints times, downloads and disk.
#
#   tools/bare.sh RELEASE [full|short]
#
# RELEASE is bookworm (Debian 12), trixie (13) or another that debootstrap knows. `full` runs every
# test, `short` those of BARE_TESTS. Needs root and debootstrap; leaves nothing behind, also when it
# is interrupted: all that is mounted lies in a namespace of its own.
set -euo pipefail

ROOT="$(cd "$(dirname "$0")/.." && pwd)"
BARE_TESTS="${BARE_TESTS:-tests/link tests/report tests/bench/test_bench.py tests/build/test_build.py}"
PACKAGES=git,make,python3,python3-venv,ca-certificates

fail() {
    echo "tools/bare.sh: $1" >&2
    exit 1
}

# Where this machine takes Debian's packages from; Debian's own place where it is another system.
mirror() {
    # shellcheck disable=SC2016 # apt expands it
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>/dev/null |
        grep -E '/debian/?$' | grep -m 1 . || echo http://deb.debian.org/debian
}

# Settings of pip, proxies and certificates that this machine needs hold inside, too.
carry_settings() {
    local path
    for path in /etc/resolv.conf /etc/hosts /etc/pip.conf /etc/xdg/pip /etc/ssl/certs \
        /usr/local/share/ca-certificates; do
        [ -e "$path" ] || continue
        mkdir -p "$BARE$(dirname "$path")"
        rm -rf "$BARE$path"
        cp -aL "$path" "$BARE$path"
    done
    for path in .config/pip .pip; do
        [ -e "$HOME/$path" ] || continue
        mkdir -p "$BARE/home/student/$(dirname "$path")"
        cp -aL "$HOME/$path" "$BARE/home/student/$path"
    done
    # Indexes and wheels that lie in folders of this machine.
    { cat "$BARE"/etc/{pip.conf,xdg/pip/*} "$BARE"/home/student/{.config/pip,.pip}/* || true
      env | grep -E '^PIP_' || true; } 2>/dev/null |
        { grep -oE '(file://)?/[^ ="]+' || true; } | sed 's,^file://,,; s,/simple/*$,,' | sort -u |
        while read -r path; do
            if [ -d "$path" ] && [ ! -e "$BARE$path" ]; then
                mkdir -p "$BARE$path"
                mount --bind -o ro "$path" "$BARE$path"
            fi
        done
}

carried_variables() {
    env | grep -E '^(PIP_[A-Z_]+|(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE)=' || true
}

mount_kernel_files() {
    local name
    mount -t proc proc "$BARE/proc"
    mount -t tmpfs tmpfs "$BARE/dev"
    mkdir "$BARE/dev/pts" "$BARE/dev/shm"
    mount -t devpts -o newinstance,ptmxmode=0666 devpts "$BARE/dev/pts"
    mount -t tmpfs -o mode=1777 tmpfs "$BARE/dev/shm"
    ln -s pts/ptmx "$BARE/dev/ptmx"
    ln -s /proc/self/fd "$BARE/dev/fd"
    for name in null zero full random urandom tty; do
        touch "$BARE/dev/$name"
        mount --bind "/dev/$name" "$BARE/dev/$name"
    done
}

# Runs a command where there is no network but this machine itself.
offline() { unshare --net sh -c 'ip link set lo up && exec "$@"' sh "$@"; }

# As the user would type it, in the clone; WRAP is what runs it.
typed() {
    local name=$1 began=$SECONDS code=0 variables
    mapfile -t variables < <(carried_variables)
    echo "[$RELEASE] \$ $name"
    "${WRAP:-env}" chroot --userspec=student:student "$BARE" env -i HOME=/home/student USER=student \
        PATH=/usr/local/bin:/usr/bin:/bin LANG=C.UTF-8 TERM=dumb "${variables[@]}" \
        bash -c "cd ~/tinyml && $name" </dev/null 2>&1 | tee "$BARE.typed" || code=$?
    local downloaded
    downloaded=$(sed -nE 's/^ *downloaded ([^;]+);.*/, \1/p' "$BARE.typed")
    REPORT+=("$(printf '%6s s  exit %d  %s%s%s' "$((SECONDS - began))" "$code" "$name" \
        "${NOTE:-}" "$downloaded")")
    [ "$code" = 0 ] || FAILED=1
}

megabytes() { { du -smx "$BARE$1" 2>/dev/null || true; } | cut -f 1; }

inside() {
    trap 'exit 130' INT TERM
    FAILED=0 REPORT=()
    echo "[$RELEASE] making a minimal Debian"
    debootstrap --variant=minbase --include=$PACKAGES "$RELEASE" "$BARE" "$(mirror)" >"$BARE.log" ||
        { tail -n 5 "$BARE.log" >&2; fail "debootstrap failed for '$RELEASE'"; }
    local system made=$SECONDS
    system=$(megabytes /)
    mount_kernel_files
    chroot "$BARE" useradd --create-home --shell /bin/bash student
    carry_settings
    git clone -q --no-hardlinks "$ROOT" "$BARE/home/student/tinyml"
    chroot "$BARE" chown -R student:student /home/student

    typed 'make demo'
    if [ "$PART" = full ]; then typed 'make test'; else typed "make test TESTS='$BARE_TESTS'"; fi
    typed '. .venv/bin/activate && tinyml doctor'
    # What is set up stays so without a network.
    NOTE=' (without a network)' WRAP=offline typed 'make demo-light'

    echo
    echo "Debian $RELEASE (made in $made s, $system MB), $(chroot "$BARE" python3 --version)," \
        "$(nproc) cores, an ordinary user:"
    printf '%s\n' "${REPORT[@]}"
    echo "Disk: $(megabytes /home/student/tinyml/.venv) MB in .venv," \
        "$(megabytes /home/student) MB with the clone and all caches"
    return $FAILED
}

RELEASE="${1:-}" PART="${2:-full}"
[[ $RELEASE/$PART =~ ^[a-z]+/(full|short)$ ]] || fail "usage: tools/bare.sh RELEASE [full|short]"
if [ -n "${3:-}" ]; then
    BARE=$3
    inside
    exit
fi
[ "$(id -u)" = 0 ] || fail "needs root, to make another system's root: sudo tools/bare.sh $*"
command -v debootstrap >/dev/null || fail "needs debootstrap: make tools-bare"

PLACE=$(mktemp -d "${TMPDIR:-/tmp}/tinyml-bare.XXXXXX")
trap 'rm -rf --one-file-system "$PLACE"' EXIT
trap 'exit 130' INT TERM
mkdir -m 755 "$PLACE/root"
chmod 755 "$PLACE"
unshare --mount --pid --fork --kill-child "$0" "$RELEASE" "$PART" "$PLACE/root"
