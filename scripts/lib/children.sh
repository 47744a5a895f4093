# The processes that a script starts, and only those: started, watched, stopped. Sourced, not run.
#
# Each child has a session of its own, so that the terminal's Ctrl-C reaches the script alone and
# the children stop in order. Should the script itself be killed, the kernel sends its children
# SIGTERM; should they be killed too, the next start finds what is left by $STATE/pids.
#
# The end of a child ends the script, but for the children that are kept: such a one is started
# again, and SIGHUP can restart those of them in turn that can be awaited.
#
# Needs STATE, the directory of everything that is kept.

child_names=()
declare -A child_pid=() child_log=() child_signal=() child_seconds=() child_since=()
# Of those that are kept; child_due is when one that has ended is started again.
declare -A child_start=() child_await=() child_pause=() child_due=()
step_pid=
# What a step has to clean up after SIGINT.
step_seconds=5
stop_held=no
stop_wanted=
restart_held=yes
restart_wanted=no
# The child that is stopped and started right now.
restarting=
had_terminal=no

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

# From here on SIGHUP restarts the kept children. A terminal that closes sends the same signal; who
# started the script in it is gone then, and the script stops as before.
restart_children_on_hangup() {
    if has_terminal; then
        had_terminal=yes
    fi
    trap wish_to_restart HUP
}

has_terminal() {
    { : </dev/tty; } 2>/dev/null
}

wish_to_restart() {
    if [[ $had_terminal == yes ]] && ! has_terminal; then
        wish_to_stop 129
        return
    fi
    restart_wanted=yes
    restart_as_wished
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
    # Its own message about a child that is killed meanwhile is left out.
    wait $! 2>/dev/null || true
}

# Children ----------------------------------------------------------------------------------------

# start_child NAME SIGNAL SECONDS LOG COMMAND...: SIGNAL makes it stop gracefully, for which it has
# SECONDS. The log of the run before is kept as LOG.1; a child that is started again goes on writing
# to its log, and keeps its place among the others.
start_child() {
    local name=$1 log=$4 is_new=no
    if [[ -z ${child_log[$name]:-} ]]; then
        is_new=yes
        set_log_aside "$log"
    fi
    child_signal[$name]=$2
    child_seconds[$name]=$3
    child_log[$name]=$log
    child_since[$name]=$SECONDS
    shift 4
    stop_held=yes
    # Descriptor 9 is the lock on $STATE: a child that outlives us must not hold it.
    setsid setpriv --pdeathsig TERM -- "$@" </dev/null >>"$log" 2>&1 9>&- &
    child_pid[$name]=$!
    if [[ $is_new == yes ]]; then
        child_names+=("$name")
    fi
    printf '%s\n' "$!" >"$STATE/pids/$name"
    stop_held=no
    if [[ -n $stop_wanted ]]; then
        exit "$stop_wanted"
    fi
}

# set_log_aside LOG: the log of the run before becomes LOG.1.
set_log_aside() {
    if [[ -s $1 ]]; then
        mv -f -- "$1" "$1.1"
    fi
}

child_runs() {
    [[ -n ${child_pid[$1]} ]] && kill -0 "${child_pid[$1]}" 2>/dev/null
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

# watch_children [COMMAND]: does not return. The end of a child that is not kept ends the script. COMMAND
# is run again and again, with some seconds between.
watch_children() {
    while true; do
        restart_held=yes
        mind_children
        if (($#)); then
            "$1"
        fi
        restart_held=no
        restart_as_wished
        if ! all_children_run; then
            pause 0.2
        elif (($# == 0)); then
            # Its own message about a killed child is left out; ours follows.
            wait -n "${child_pid[@]}" 2>/dev/null || true
        else
            wait_for_an_end 2
        fi
    done
}

# wait_for_an_end SECONDS: until a child ends, and no longer than that.
wait_for_an_end() {
    local clock
    sleep "$1" 9>&- &
    clock=$!
    wait -n "${child_pid[@]}" "$clock" 2>/dev/null || true
    kill "$clock" 2>/dev/null || true
    wait "$clock" 2>/dev/null || true
}

all_children_run() {
    local name
    for name in "${child_names[@]}"; do
        child_runs "$name" || return 1
    done
}

# A look at each of them, but for the one that is being restarted.
mind_children() {
    local name
    for name in "${child_names[@]}"; do
        if [[ $name == "$restarting" ]] || child_runs "$name"; then
            continue
        fi
        [[ -n ${child_start[$name]:-} ]] || child_failed "$name" "stopped unexpectedly"
        revive_child "$name"
    done
}

# child_failed NAME WHAT: ends the script, with the last lines of the child's log.
child_failed() {
    report_child "$1" "$2"
    is_ready=no
    exit 1
}

# report_child NAME WHAT: says so, with how the child ended, where it has, and the end of its log.
report_child() {
    local name=$1 what=$2 status=0 signal log=${child_log[$1]}
    if ! child_runs "$name"; then
        wait "${child_pid[$name]}" 2>/dev/null || status=$?
        what+=", with exit status $status"
        if ((status > 128)) && signal=$(kill -l "$status" 2>/dev/null); then
            what+=" (SIG$signal)"
        fi
    fi
    printf 'scripts/%s: %s %s.\n' "${0##*/}" "$name" "$what" >&2
    if [[ -s $log ]]; then
        printf '  The last lines of %s:\n' "$log" >&2
        tail -n 20 -- "$log" | sed 's/^/    /' >&2
    else
        printf '  It wrote nothing to %s.\n' "$log" >&2
    fi
}

# Kept children -----------------------------------------------------------------------------------

# keep_child NAME START [AWAIT]: from now on START NAME starts the child again when it has ended. AWAIT
# NAME returns when another one may be stopped after that, and fails where it does not get so far. One
# without it is not restarted in turn with the others.
keep_child() {
    child_start[$1]=$2
    child_await[$1]=${3:-}
    child_pause[$1]=0
}

# revive_child NAME: for one that has ended. Says so at the first look, starts it when that is due.
revive_child() {
    local name=$1
    if [[ -z ${child_due[$name]:-} ]]; then
        report_child "$name" "stopped unexpectedly"
        forget_process "$name"
        set_pause "$name"
        child_due[$name]=$((SECONDS + child_pause[$name]))
        say "starting $name again, ${child_pause[$name]} s from now"
    fi
    if ((SECONDS >= child_due[$name])); then
        unset "child_due[$name]"
        "${child_start[$name]}" "$name"
    fi
}

# set_pause NAME: none for one that had lived for a while. One that dies at its start, again and
# again, must not keep the machine busy with it.
set_pause() {
    local seconds=0
    if ((SECONDS - child_since[$1] < 5)); then
        seconds=$((child_pause[$1] ? 2 * child_pause[$1] : 1))
    fi
    child_pause[$1]=$((seconds < 10 ? seconds : 10))
}

# Its number comes round again: nothing may be sent there any more.
forget_process() {
    stop_session "${child_pid[$1]}" KILL 0
    child_pid[$1]=
    rm -f -- "$STATE/pids/$1"
}

# A restart runs where the script waits, in SIGHUP's trap, or else when restart_held is "no" again. A
# signal that comes during a restart asks for another one after it, however many of them come.
restart_as_wished() {
    while [[ $restart_wanted == yes && $restart_held == no ]]; do
        restart_wanted=no
        restart_held=yes
        restart_in_turn
        restart_held=no
    done
}

restart_in_turn() {
    local name count=0
    for name in "${child_names[@]}"; do
        [[ -n ${child_await[$name]:-} ]] || continue
        if ! restart_child "$name"; then
            say "the restart ends here; those after $name run on as they are"
            return 0
        fi
        count=$((count + 1))
    done
    say "restarted all $count instances"
}

# restart_child NAME: fails where it does not come up again.
restart_child() {
    local name=$1 is_back=yes
    say "restarting $name"
    restarting=$name
    if child_runs "$name"; then
        end_child "$name"
    fi
    unset "child_due[$name]"
    "${child_start[$name]}" "$name"
    "${child_await[$name]}" "$name" || is_back=no
    restarting=
    [[ $is_back == yes ]]
}

# end_child NAME: has it finish what it has.
end_child() {
    local name=$1 deadline=$((SECONDS + child_seconds[$1])) status=0
    kill -s "${child_signal[$name]}" "${child_pid[$name]}" 2>/dev/null || true
    while child_runs "$name" && ((SECONDS < deadline)); do
        pause_and_mind 0.1
    done
    if child_runs "$name"; then
        say "$name did not stop in ${child_seconds[$name]} s, and is killed"
    else
        wait "${child_pid[$name]}" 2>/dev/null || status=$?
        ((status == 0)) || report_child "$name" "stopped as it was told to"
    fi
    forget_process "$name"
}

# await_child NAME SECONDS COMMAND...: until COMMAND succeeds; fails where it does not in that time.
await_child() {
    local name=$1 seconds=$2 deadline=$((SECONDS + $2))
    shift 2
    until "$@" >/dev/null 2>&1; do
        child_runs "$name" || return 1
        if ((SECONDS >= deadline)); then
            report_child "$name" "runs, but was not ready in $seconds s"
            return 1
        fi
        pause_and_mind 0.1
    done
}

# A pause in a restart: the other children are looked after meanwhile.
pause_and_mind() {
    pause "$1"
    mind_children
}

# Stopping ----------------------------------------------------------------------------------------

# The youngest first: nginx takes no more requests while the service finishes those it has, and
# MariaDB goes last.
stop_children() {
    local i name
    for ((i = ${#child_names[@]} - 1; i >= 0; i--)); do
        name=${child_names[i]}
        if child_runs "$name"; then
            say "stopping $name"
        fi
        if [[ -n ${child_pid[$name]} ]]; then
            stop_session "${child_pid[$name]}" "${child_signal[$name]}" "${child_seconds[$name]}"
        fi
        rm -f "$STATE/pids/$name"
    done
    child_names=()
}

# Sessions ----------------------------------------------------------------------------------------

# stop_session PID SIGNAL SECONDS: SIGNAL to the process that began the session. What is left of the
# session once that process has gone, or when the time is up, is killed.
stop_session() {
    local deadline=$((SECONDS + $3)) left
    kill -s "$2" "$1" 2>/dev/null || true
    while is_running "$1" && ((SECONDS < deadline)); do
        sleep 0.05
    done
    mapfile -t left < <(session_members "$1")
    if ((${#left[@]})); then
        kill -s KILL "${left[@]}" 2>/dev/null || true
    fi
    wait "$1" 2>/dev/null || true
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
