# The service: built, checked, started. Sourced, not run.

# choose_build SANITIZER: which build of the service is made and run from here on. "address" or "thread": one
# with that sanitizer, in a directory of its own. Nothing: the plain one.
#
# What a sanitizer finds is in a file for each process in SANITIZER_REPORTS, since the processes' own outputs
# are read by others, or by nobody.
choose_build() {
    local common
    export SANITIZER=$1
    BUILD="$REPOSITORY/.build${1:+-$1}"
    SERVICE="$BUILD/release/orbia-conversation"
    SANITIZER_OPTIONS=()
    [[ -n $1 ]] || return 0
    [[ $1 == address || $1 == thread ]] || die "SANITIZER must be address or thread, not $1."
    SANITIZER_OPTIONS=(--scratch-path "$BUILD" --sanitize "$1")
    SANITIZER_REPORTS="$BUILD/reports"
    mkdir -p -- "$SANITIZER_REPORTS"
    common="log_path=$SANITIZER_REPORTS/$1"
    # Threads that never end hold memory at the process's end: what leaks is told by the tests that repeat things.
    export ASAN_OPTIONS="$common:detect_leaks=0:detect_stack_use_after_return=1"
    export TSAN_OPTIONS="$common:suppressions=$REPOSITORY/Tests/sanitizers/thread.supp:halt_on_error=0:history_size=4"
}

choose_build "${SANITIZER:-}"

build_service() {
    say "building the service${SANITIZER:+ with the $SANITIZER sanitizer} (the first time this takes some minutes)"
    run_step swift build --package-path "$REPOSITORY" -c release --product orbia-conversation \
        "${SANITIZER_OPTIONS[@]}" >&2 ||
        die "the service could not be built; the compiler's messages are above."
}

# The secret that signs tokens: JWT_SECRET where it is set, else the one of the run before, else a
# new one.
keep_jwt_secret() {
    local file="$STATE/jwt-secret"
    if [[ -n ${JWT_SECRET:-} ]]; then
        printf '%s' "$JWT_SECRET" | write_private "$file"
    elif [[ ! -s $file ]]; then
        random_hex | write_private "$file"
    fi
}

# with_settings INSTANCE COMMAND...: runs it with that instance's environment. Not on its command
# line, which everybody on the machine can read. To the service an empty variable is one that is not
# set: the status socket then lies beside the other one.
with_settings() {
    local -x JWT_SECRET ORBIA_LISTEN="$STATE/$1.sock" ORBIA_STATUS_LISTEN=''
    local -x ORBIA_ACCESS_LOG="$STATE/log/access-${1#service-}.log" ORBIA_WORKERS=${workers:-${ORBIA_WORKERS:-}}
    shift
    JWT_SECRET=$(<"$STATE/jwt-secret")
    if [[ $database != given ]]; then
        local -x MYSQL_HOST='' MYSQL_PORT='' MYSQL_SOCKET=''
        if [[ $database == galera ]]; then
            MYSQL_HOST=$(node_addresses 0)
        else
            MYSQL_SOCKET="$STATE/mariadb.sock"
        fi
        local -x MYSQL_DATABASE=$DATABASE MYSQL_USERNAME=$ACCOUNT MYSQL_PASSWORD
        MYSQL_PASSWORD=$(<"$STATE/mysql-password")
    fi
    "$@"
}

# The service's own look at its settings and its database, which says how to mend what is wrong.
check_service() {
    with_settings service-1 "$SERVICE" check >&2 9>&- || die "the service cannot work like this; its reason is above."
}

# instance_names: prints the names of the service's processes, a line each.
instance_names() {
    local i
    for ((i = 1; i <= instances; i++)); do
        printf 'service-%s\n' "$i"
    done
}

start_service() {
    local name
    say "starting the service"
    # An earlier run may have had more instances than this one.
    rm -f -- "$STATE"/service*.sock
    for name in $(instance_names); do
        set_log_aside "$STATE/log/access-${name#service-}.log"
        start_instance "$name"
    done
    for name in $(instance_names); do
        wait_for_child "$name" 60 "it listened on $STATE/$name.sock" test -S "$STATE/$name.sock"
        keep_child "$name" start_instance await_instance
    done
}

# 30 s to stop: nginx may take up to 20 of them to retire the connections that it keeps.
start_instance() {
    # Left behind where it was killed.
    rm -f -- "$STATE/$1.sock" "$STATE/$1.status.sock"
    with_settings "$1" start_child "$1" TERM 30 "$STATE/log/$1.log" "$SERVICE" serve
}

# await_instance NAME: until it is ready, and nginx sends it requests again. nginx leaves one that was
# away alone for a second (fail_timeout=1s), and counts in whole seconds: for up to two. Then it tries
# it with one request, and until that is answered takes no other there: if the next instance were
# away at that moment, the others would get a 502. So there are some requests for nginx to try it with.
await_instance() {
    local i
    await_child "$1" 60 instance_is_ready "$1" || return 1
    pause_and_mind 2.5
    for ((i = 0; i < 2 * instances; i++)); do
        service_answers || true
    done
}

# By its own account, which nginx hands on: it listens, its database is there, and so is the schema.
instance_is_ready() {
    curl --silent --fail --noproxy '*' --max-time 5 "http://127.0.0.1:$status_port/${1#service-}/readyz"
}

# token USER SECONDS: prints a token for that user's id.
token() {
    with_settings service-1 "$SERVICE" token --user-id "$1" --ttl "$2" 9>&-
}
