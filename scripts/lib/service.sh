# The service: built, checked, started. Sourced, not run.

SERVICE="$REPOSITORY/.build/release/orbia-conversation"

build_service() {
    say "building the service (the first time this takes some minutes)"
    run_step swift build --package-path "$REPOSITORY" -c release --product orbia-conversation >&2 ||
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

# with_settings COMMAND...: runs it with the service's environment. Not on its command line, which
# everybody on the machine can read. To the service an empty variable is one that is not set.
with_settings() {
    local -x JWT_SECRET ORBIA_LISTEN="$STATE/service.sock" ORBIA_WORKERS=${workers:-${ORBIA_WORKERS:-}}
    JWT_SECRET=$(<"$STATE/jwt-secret")
    if [[ $database == private ]]; then
        local -x MYSQL_HOST='' MYSQL_PORT='' MYSQL_SOCKET="$STATE/mariadb.sock"
        local -x MYSQL_DATABASE=$DATABASE MYSQL_USERNAME=$ACCOUNT MYSQL_PASSWORD
        MYSQL_PASSWORD=$(<"$STATE/mysql-password")
    fi
    "$@"
}

# The service's own look at its settings and its database, which says how to mend what is wrong.
check_service() {
    with_settings "$SERVICE" check >&2 9>&- || die "the service cannot work like this; its reason is above."
}

start_service() {
    say "starting the service"
    rm -f -- "$STATE/service.sock"
    with_settings start_child service TERM 15 "$STATE/log/service.log" "$SERVICE" serve
    wait_for_child service 60 "it listened on $STATE/service.sock" test -S "$STATE/service.sock"
}

# token USER SECONDS: prints a token for that user's id.
token() {
    with_settings "$SERVICE" token --user-id "$1" --ttl "$2" 9>&-
}
