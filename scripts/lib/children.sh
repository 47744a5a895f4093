# The processes that a script starts, and only those: started, watched, stopped. Sourced, not run.
#
# Each child has a session of its own, so that the terminal's Ctrl-C reaches the script alone and
# the children stop in order. Should the script itself be killed, the kernel sends its children
# SIGTERM; should they be killed too, the next start finds what is left by $STATE/pids.
#
# Needs STATE, the directory of everything that is kept.

child_names=()
declare -A child_pid=() child_log=() child_signal=() child_seconds=()
step_pid=
# What a step has to clean up after SIGINT.
step_seconds=5
stop_held=no
stop_wanted=

# Signals ---------------------------------------------------------------------------------------

# From here on a signal, or the script's end for whatever reason, stops what was started.
stop_children_at_exit() {
    trap 'wish_to_stop 129' HUP
    trap 'wish_to_stop 130' INT
    trap 'wish_to_stop 141' PIPE
    trap 'wish_to_stop 143' TERM
    trap finish EXIT
}

# Between a child's start and its entry in the list a signal has to wait.
wish_to_stop() {
    if [[ $stop_held == yes ]]; then
        stop_wanted=$1
    else
        exit "$1"
    fi
}

finish() {
    local status=$?
    # A terminal that has gone makes every message fail, and that must not end the clean-up.
    set +e
    trap '' HUP INT PIPE TERM
    trap - EXIT
    if [[ -n $step_pid ]]; then
        stop_session "$step_pid" INT "$step_seconds"
    fi
    stop_children
    remove_policy_file
    # Once it was ready, being asked to stop is how it ends, not a failure.
    if [[ ${is_ready:-no} == yes ]] && ((status >= 129)); then
        status=0
    fi
    exit "$status"
}

# Steps -------------------------------------------------------------------------------------------

# run_step COMMAND...: waits for it, but a signal ends it at once. (For a plain foreground command
# bash would wait to its end before it looks at the signal: minutes, for a build.) It is stopped with
# SIGINT, for which build systems and test runners clean up; bash has background commands ignore it.
run_step() {
    local status=0
    setsid setpriv --pdeathsig INT -- env --default-signal=INT,QUIT "$@" </dev/null 9>&- &
    step_pid=$!
    wait "$step_pid" || status=$?
    step_pid=
    return "$status"
}

# Sleeps so that a signal's trap runs at once, not when the sleep is over.
pause() {
    sleep "$1" 9>&- &
    wait $! || true
}

# Children ----------------------------------------------------------------------------------------

# start_child NAME SIGNAL SECONDS LOG COMMAND...: SIGNAL makes it stop gracefully, for which it has
# SECONDS. The log of the run before is kept as LOG.1.
start_child() {
    local name=$1 log=$4
    child_signal[$name]=$2
    child_seconds[$name]=$3
    child_log[$name]=$log
    shift 4
    if [[ -s $log ]]; then
        mv -f "$log" "$log.1"
    fi
    stop_held=yes
    # Descriptor 9 is the lock on $STATE: a child that outlives us must not hold it.
    setsid setpriv --pdeathsig TERM -- "$@" </dev/null >>"$log" 2>&1 9>&- &
    child_pid[$name]=$!
    child_names+=("$name")
    printf '%s\n' "$!" >"$STATE/pids/$name"
    stop_held=no
    if [[ -n $stop_wanted ]]; then
        exit "$stop_wanted"
    fi
}

child_runs() {
    kill -0 "${child_pid[$1]}" 2>/dev/null
}

# wait_for_child NAME SECONDS CONDITION COMMAND...: until COMMAND succeeds. CONDITION says in words
# what that means.
wait_for_child() {
    local name=$1 seconds=$2 condition=$3
    local deadline=$((SECONDS + seconds))
    shift 3
    until "$@" >/dev/null 2>&1; do
        child_runs "$name" || child_failed "$name" "stopped before $condition"
        ((SECONDS < deadline)) || child_failed "$name" "runs, but in $seconds s it was not so that $condition"
        pause 0.1
    done
}

# watch_children: returns when one of them has ended, which ends the script.
watch_children() {
    local name status
    while true; do
        for name in "${child_names[@]}"; do
            child_runs "$name" || child_failed "$name" "stopped unexpectedly"
        done
        # Its own message about a killed child is left out; ours follows.
        wait -n "${child_pid[@]}" 2>/dev/null || true
    done
}

# child_failed NAME WHAT: ends the script, with the last lines of the child's log.
child_failed() {
    local name=$1 what=$2 status=0 log=${child_log[$1]}
    if ! child_runs "$name"; then
        wait "${child_pid[$name]}" 2>/dev/null || status=$?
        what+=", with exit status $status"
    fi
    printf 'scripts/%s: %s %s.\n' "${0##*/}" "$name" "$what" >&2
    if [[ -s $log ]]; then
        printf '  The last lines of %s:\n' "$log" >&2
        tail -n 20 -- "$log" | sed 's/^/    /' >&2
    else
        printf '  It wrote nothing to %s.\n' "$log" >&2
    fi
    is_ready=no
    exit 1
}

# The youngest first: nginx takes no more requests while the service finishes those it has, and
# MariaDB goes last.
stop_children() {
    local i name
    for ((i = ${#child_names[@]} - 1; i >= 0; i--)); do
        name=${child_names[i]}
        if child_runs "$name"; then
            say "stopping $name"
        fi
        stop_session "${child_pid[$name]}" "${child_signal[$name]}" "${child_seconds[$name]}"
        rm -f "$STATE/pids/$name"
    done
    child_names=()
}

# Sessions ----------------------------------------------------------------------------------------

# stop_session PID SIGNAL SECONDS: SIGNAL to the process that began the session. What is left of the
# session once that process has gone, or when the time is up, is killed.
stop_session() {
    local deadline=$((SECONDS + $3)) left
    kill -s "$2" "$1" 2>/dev/null
    while is_running "$1" && ((SECONDS < deadline)); do
        sleep 0.05
    done
    mapfile -t left < <(session_members "$1")
    if ((${#left[@]})); then
        kill -s KILL "${left[@]}" 2>/dev/null
    fi
    wait "$1" 2>/dev/null
    return 0
}

# read_process PID: its state, parent, group, session and more, into process_fields.
read_process() {
    local line
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 1
    # The name before them stands in parentheses and can hold anything.
    read -ra process_fields <<<"${line##*) }"
}

# Has not ended; one that has and was not waited for does not count.
is_running() {
    read_process "$1" && [[ ${process_fields[0]} != Z ]]
}

# session_members SESSION: prints the processes of it that still run.
session_members() {
    local directory
    for directory in /proc/[0-9]*; do
        if is_running "${directory#/proc/}" && [[ ${process_fields[3]} == "$1" ]]; then
            printf '%s\n' "${directory#/proc/}"
        fi
    done
}

# stop_leftovers: what an earlier run on this directory left behind when it was killed.
stop_leftovers() {
    local file pid left
    for file in "$STATE"/pids/*; do
        [[ -f $file ]] || continue
        pid=$(<"$file")
        mapfile -t left < <(leftovers "$pid")
        if ((${#left[@]})); then
            say "stopping ${file##*/}, left over from a run that was killed"
            stop_leftover "$pid" "${left[@]}"
        fi
        rm -f "$file"
    done
}

# stop_leftover SESSION PROCESS...: none of them is a child of ours.
stop_leftover() {
    local session=$1 deadline=$((SECONDS + 30)) left
    shift
    kill -s TERM "$@" 2>/dev/null || true
    while ((SECONDS < deadline)); do
        mapfile -t left < <(leftovers "$session")
        ((${#left[@]})) || return 0
        pause 0.1
    done
    kill -s KILL "${left[@]}" 2>/dev/null || true
}

# leftovers SESSION: prints the members that write to a log of this directory. Process ids come
# round again; a stranger that has got one does not write there.
leftovers() {
    local pid output
    [[ $1 =~ ^[0-9]+$ ]] || return 0
    while read -r pid; do
        output=$(readlink "/proc/$pid/fd/1" "/proc/$pid/fd/2" 2>/dev/null) || true
        if [[ $'\n'$output == *$'\n'"$STATE/log/"* ]]; then
            printf '%s\n' "$pid"
        fi
    done < <(session_members "$1")
}
