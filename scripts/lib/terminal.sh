# What the scripts say, and how they give up. Sourced, not run.
#
# Progress goes to standard error; standard output is kept for what a reader or a program wants from
# a script.

say() {
    printf '==> %s\n' "$*" >&2
}

# die MESSAGE...: the first line says what is wrong, further ones what to do about it.
die() {
    printf 'scripts/%s: %s\n' "${0##*/}" "$1" >&2
    shift
    if (($#)); then
        printf '%s\n' "$@" | sed 's/^/  /' >&2
    fi
    exit 1
}

# A wrong command line: exit status 2, as other commands do.
usage_error() {
    printf 'scripts/%s: %s\n' "${0##*/}" "$1" >&2
    printf '  scripts/%s --help lists the options.\n' "${0##*/}" >&2
    exit 2
}
