# Python environments of the tests. Sourced, not run.
#
# The tests of one directory can need packages that Debian does not have, in versions that other
# tests do not share. Such a directory has a requirements.txt, and gets an environment of its own.
#
# Needs PYTHON, the interpreter that they are made with, and install, which is "yes" or "no".

ENVIRONMENTS="$REPOSITORY/.build/python"

# environment_python NAME: prints the path of the interpreter in the environment of Tests/NAME.
environment_python() {
    printf '%s\n' "$ENVIRONMENTS/$1/bin/python"
}

# prepare_environment NAME: the packages of Tests/NAME/requirements.txt, from PyPI. Costs nothing where
# they are there already; made anew, whole, where the file or Python's version has changed.
prepare_environment() {
    local directory="$ENVIRONMENTS/$1" requirements="$REPOSITORY/Tests/$1/requirements.txt" wanted python
    wanted=$("$PYTHON" --version | cat - "$requirements" | sha256sum)
    # Written last: an installation that was interrupted has none.
    if [[ -e $directory/stamp && $(<"$directory/stamp") == "$wanted" ]]; then
        return
    fi
    [[ $install == yes ]] || die "the Python packages of Tests/$1 are not installed, or not the right ones." \
        "Without --no-install this script installs them, from PyPI, into $directory."

    say "installing the Python packages of Tests/$1"
    python=$(environment_python "$1")
    rm -rf -- "$directory"
    run_step "$PYTHON" -m venv "$directory" >&2 || die "$PYTHON could not make an environment in $directory."
    # The file names every package, those that others need, too: nothing comes in unnamed. What it forgot
    # is what "check" finds.
    run_step "$python" -m pip --disable-pip-version-check install --quiet --no-deps --requirement "$requirements" >&2 ||
        die "pip could not install what $requirements names." "pip's own message is above. It needs PyPI, or a mirror of it."
    run_step "$python" -m pip --disable-pip-version-check check >&2 ||
        die "$requirements is not complete, or its packages do not go together; pip's message is above."
    printf '%s\n' "$wanted" >"$directory/stamp"
}
