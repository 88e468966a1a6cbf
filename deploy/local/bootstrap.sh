#!/bin/sh
# Brings a fresh machine to the point where `python -m stack` can run: the programs of the
# distribution, .venv with the locked packages, and our own packages installed editable.
# With root it installs what is missing and starts nothing; without root it names what is missing.
set -eu
cd "$(dirname "$0")/../.."

say() { printf 'bootstrap: %s\n' "$*"; }

fail() {
    printf 'bootstrap: %s\n' "$*" >&2
    exit 1
}

# Runs a command with its output kept in the log, and shows the end of that log when it fails.
logged() {
    "$@" >>"$log" 2>&1 9>&- || {
        tail -n 30 "$log" >&2
        fail "failed: $* (the whole output is in $log)"
    }
}

restore_policy() {
    rm -f "$policy"
    if [ -e "$policy.kept" ]; then mv "$policy.kept" "$policy"; fi
}

# Distribution packages start their services when they are installed. policy-rc.d forbids it
# for as long as this runs, and none of them is to start with the machine either.
install_packages() {
    policy=/usr/sbin/policy-rc.d
    # One that is kept already is the machine's own, from a run that was killed.
    if [ ! -e "$policy.kept" ] && [ -e "$policy" ]; then mv "$policy" "$policy.kept"; fi
    trap restore_policy EXIT
    trap 'exit 130' INT TERM HUP
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    say "reading the package lists"
    logged apt-get -q -o DPkg::Lock::Timeout=300 update
    for package in "$@"; do
        say "installing $package"
        logged env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
            apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$package"
    done
    if [ -d /run/systemd/system ]; then
        for package in "$@"; do
            case $package in
                nginx-light) units=nginx.service ;;
                postgresql) units=postgresql.service ;;
                rabbitmq-server) units="rabbitmq-server.service epmd.socket" ;;
                *) units= ;;
            esac
            for unit in $units; do
                systemctl disable --quiet "$unit" >>"$log" 2>&1 || true
            done
        done
    fi
    restore_policy
    trap - EXIT INT TERM HUP
}

new_enough='import sys; sys.exit(sys.version_info < (3, 11))'
can_make_venv='import ensurepip, venv'
mkdir -p .local/logs
log="$PWD/.local/logs/bootstrap.log"

# `make up` and `make test` may be started together on a fresh machine: the second one waits.
exec 9>.local/bootstrap.lock
flock 9
: >"$log"

python=
for candidate in python3.11 python3; do
    if command -v "$candidate" >/dev/null && "$candidate" -c "$new_enough"; then
        python=$candidate
        break
    fi
done
[ -n "$python" ] || fail "Python 3.11 or newer is missing: install the package python3"

# Lines of program and package; "-" where Debian 12 has no package for it.
missing=$(PYTHONPATH=deploy/local PYTHONDONTWRITEBYTECODE=1 "$python" -m stack.programs)
if [ ! -x .venv/bin/pip ] && ! "$python" -c "$can_make_venv" 2>/dev/null; then
    missing=$(printf '%s\nvenv python3-venv' "$missing")
fi
node=$(node --version 2>/dev/null | sed 's/^v\([0-9]*\).*/\1/')
if [ "${node:-0}" -lt 20 ] || ! command -v npm >/dev/null; then
    missing=$(printf '%s\nnode>=20-with-npm -' "$missing")
fi
if [ -n "$missing" ]; then
    programs=$(printf '%s\n' "$missing" | awk 'NF { print $1 }' | tr '\n' ' ')
    packages=$(printf '%s\n' "$missing" | awk 'NF && $2 != "-" { print $2 }' | sort -u | tr '\n' ' ')
    case $programs in
        *node*) fail "missing: ${programs}(Node 20 is not in Debian 12; packages for the rest: ${packages% })" ;;
    esac
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        fail "missing: ${programs}(packages: ${packages% }); install them, or run this as root on Debian"
    fi
    # shellcheck disable=SC2086 # a list of package names
    install_packages $packages
fi

started=$(date +%s)
# A .venv that was moved with its checkout still points to where it was.
if [ ! -x .venv/bin/pip ] || [ "$(cat .venv/place 2>/dev/null)" != "$PWD" ]; then
    rm -rf .venv
    say "making .venv"
    logged "$python" -m venv .venv
    printf '%s\n' "$PWD" >.venv/place
fi
locked=$(sha256sum requirements.lock)
if [ "$(cat .venv/locked 2>/dev/null)" != "$locked" ]; then
    say "installing $(grep -c '^[a-z]' requirements.lock) locked packages into .venv (a minute or two)"
    logged .venv/bin/pip install --require-hashes -r requirements.lock
    printf '%s\n' "$locked" >.venv/locked
fi
projects=$(ls chassis/pyproject.toml services/*/pyproject.toml sandbox/pyproject.toml 2>/dev/null || true)
if [ -n "$projects" ]; then
    # shellcheck disable=SC2086 # a list of paths without spaces
    ours=$(sha256sum $projects)
    if [ "$(cat .venv/ours 2>/dev/null)" != "$ours" ]; then
        say "installing our own packages, editable"
        # As plain entries of the path: the folder `chassis` would hide a package found any other way.
        # shellcheck disable=SC2046,SC2086
        logged .venv/bin/pip install --no-deps --no-build-isolation \
            --config-settings editable_mode=compat \
            $(for project in $projects; do printf -- '-e %s ' "${project%/pyproject.toml}"; done)
        printf '%s\n' "$ours" >.venv/ours
    fi
fi
pages=$(sha256sum gateway/package-lock.json)
if [ "$(cat gateway/node_modules/locked 2>/dev/null)" != "$pages" ]; then
    say "installing the pages of the gateway"
    logged npm ci --prefix gateway --ignore-scripts --no-audit --no-fund
    printf '%s\n' "$pages" >gateway/node_modules/locked
fi
elapsed=$(($(date +%s) - started))
[ "$elapsed" -lt 2 ] || say "ready after $elapsed s"
