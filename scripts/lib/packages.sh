# Debian packages: what is missing is installed. Sourced, not run.

# To build the service. libfcgi, libmariadb and libcrypto are found through pkg-config.
BUILD_PACKAGES=(libfcgi-dev libmariadb-dev libssl-dev pkg-config)
# To run it: the two "core" packages of MariaDB bring the programs without a system service.
RUN_PACKAGES=(mariadb-server-core mariadb-client-core nginx openssl curl)

# For a Galera cluster: ss (iproute2) and rsync are what MariaDB's script for the state transfer uses.
GALERA_PACKAGES=(galera-4 rsync iproute2)

# For scripts/load, scripts/compare-c and scripts/resilience.
# shellcheck disable=SC2034 # they take it from here
LOAD_PACKAGES=(wrk)

# For the tests, with Debian's own Python; python3-venv is for those whose packages come from PyPI.
# mariadb-client has mariadb-dump and mariadb-binlog; faketime sets a database's clock wrong.
TEST_PACKAGES=(python3-pytest python3-pytest-xdist python3-requests python3-pymysql python3-venv iproute2 spawn-fcgi systemd
    mariadb-client faketime)

# For the browser tests, with fonts that have what people write.
# shellcheck disable=SC2034 # scripts/test takes it from here
BROWSER_PACKAGES=(chromium fonts-noto-cjk fonts-noto-color-emoji)

POLICY_FILE=/usr/sbin/policy-rc.d
policy_file_is_ours=no

# missing_packages NAME...: prints those that are not installed.
missing_packages() {
    local name
    for name in "$@"; do
        if [[ $(dpkg-query --show --showformat='${db:Status-Status}' "$name" 2>/dev/null) != installed ]]; then
            printf '%s\n' "$name"
        fi
    done
}

# install_packages NAME...
install_packages() {
    local missing=()
    command -v dpkg-query apt-get >/dev/null ||
        die "this machine has no apt-get." \
            "Install what these Debian packages hold, then use --no-install: $*"
    mapfile -t missing < <(missing_packages "$@")
    ((${#missing[@]})) || return 0

    say "installing ${missing[*]}"
    find_root "${missing[@]}"
    keep_services_from_starting "${missing[@]}"
    as_root apt-get update >&2 || say "apt-get update failed; trying with the lists that are here"
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install --yes --no-install-recommends "${missing[@]}" >&2 ||
        die "apt-get could not install ${missing[*]}"
    let_services_start "${missing[@]}"
}

# find_root PACKAGE...: chooses how to become root, or prints the line that the person has to run.
find_root() {
    if ((EUID == 0)); then
        root_command=()
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        root_command=(sudo -n)
    elif command -v sudo >/dev/null && [[ -t 0 && -t 2 ]]; then
        root_command=(sudo)
    else
        local advice=("Run this line as root, then start again:" "" "    apt-get install --yes --no-install-recommends $*")
        if [[ " $* " == *" nginx "* ]]; then
            advice+=("" "(nginx's package starts a web server on port 80. It is not needed here:"
                "systemctl disable --now nginx)")
        fi
        die "some packages are missing, and this account cannot install them." "${advice[@]}"
    fi
}

as_root() {
    "${root_command[@]}" "$@"
}

# nginx's package starts a server on port 80 as soon as it is installed. Debian's way to prevent
# that is a policy-rc.d that forbids it; one that is there already is left alone.
keep_services_from_starting() {
    if [[ " $* " == *" nginx "* && ! -e $POLICY_FILE ]]; then
        policy_file_is_ours=yes
        printf '#!/bin/sh\nexit 101\n' | as_root tee "$POLICY_FILE" >/dev/null
        as_root chmod 755 "$POLICY_FILE"
    fi
}

let_services_start() {
    remove_policy_file
    # What we did not install is not ours to switch off.
    if [[ " $* " == *" nginx "* ]] && command -v systemctl >/dev/null; then
        as_root systemctl disable nginx.service >/dev/null 2>&1 || true
    fi
}

# Also called when a script ends early.
remove_policy_file() {
    if [[ $policy_file_is_ours == yes ]]; then
        as_root rm -f "$POLICY_FILE"
        policy_file_is_ours=no
    fi
}

# need_commands COMMAND...: for --no-install, and for what no package of Debian has.
need_commands() {
    local name
    for name in "$@"; do
        command -v "$name" >/dev/null || die "the command $name is missing." \
            "Without --no-install this script installs what it needs."
    done
}

need_swift() {
    command -v swift >/dev/null || die "the command swift is missing." \
        "Install Swift 6.3 (https://www.swift.org/install/linux/) and put its usr/bin into PATH."
}
