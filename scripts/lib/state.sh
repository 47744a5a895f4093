# The directory of everything that a stack keeps. Sourced, not run.

# prepare_state DIR: makes DIR where it is missing, locks it, and sets STATE to its absolute path.
prepare_state() {
    if [[ ! -e $1 ]]; then
        mkdir -p -- "$(dirname -- "$1")"
        mkdir -m 700 -- "$1"
    fi
    [[ -d $1 ]] || die "$1 is not a directory."
    STATE=$(cd -- "$1" && pwd -P)
    check_path
    if [[ ! -e $STATE/run.lock && -n $(ls -A -- "$STATE") ]]; then
        die "$STATE holds files of something else." "Choose an empty or a new directory with --dir."
    fi
    # The database in it lets everybody in who can reach its socket.
    chmod 700 -- "$STATE" || die "cannot make $STATE private."
    lock_state
    mkdir -p -- "$STATE/log" "$STATE/pids" "$STATE/tls" "$STATE/nginx/temp" "$STATE/temp"
}

check_path() {
    local longest="$STATE/service-$instances.status.sock" length
    length=$(printf '%s' "$longest" | wc -c)
    if ((length > 107)); then
        die "the path $STATE is too long." \
            "The name of a Unix socket has at most 107 bytes, and $longest has $length." \
            "Choose a shorter one with --dir."
    fi
    # They have a meaning in the configuration files that name it.
    if has_unwritable "$STATE"; then
        die "the path $STATE holds a character that nginx's or MariaDB's configuration cannot." \
            "Choose a directory without quotes, backslashes, \$ and # with --dir."
    fi
    if has_unwritable "$REPOSITORY"; then
        die "the path $REPOSITORY holds a character that nginx's configuration cannot." \
            "Move the project to a directory without quotes, backslashes, \$ and #."
    fi
}

has_unwritable() {
    [[ $1 == *[\"\'\\\$\#]* || $1 == *$'\n'* ]]
}

# One run at a time. The lock is the kernel's: it ends with the process, however that ends.
lock_state() {
    exec 9>>"$STATE/run.lock"
    # A command of a run that was just killed may hold it a moment longer.
    if ! flock --wait 2 9; then
        die "scripts/run is already running on $STATE (process $(<"$STATE/run.lock"))." \
            "Stop that one, or choose another directory and other ports with --dir, --https, --http, --status."
    fi
    printf '%s\n' "$$" >"$STATE/run.lock"
}

# write_private FILE: standard input into a file that nobody else can read, all of it or nothing.
write_private() {
    (umask 077 && cat >"$1.new") && mv -f -- "$1.new" "$1"
}

# 32 random bytes in hex, without an end of line.
random_hex() {
    openssl rand -hex 32 | tr -d '\n'
}
