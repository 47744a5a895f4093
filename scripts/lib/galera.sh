# The private Galera cluster of a stack: three MariaDB servers that hold the same. Sourced, not run.
#
# Node N keeps its data in $STATE/mysql-N. Its administrator's socket is $STATE/mariadb-N.sock, as with
# the one server; besides it listens on 127.0.0.1, at galera_port + 10 N for clients, and at the next
# three for the group and for the two kinds of state transfer: of the changes that a node has missed,
# and of all that there is.
#
# A node that dies is started again, and the others bring it up to date. Where all of them are down,
# the one that saw the most begins a new cluster, and the others join it:
# https://mariadb.com/kb/en/getting-started-with-mariadb-galera-cluster/#restarting-the-cluster
# Nodes that died one after the other can find together again without one that has "complete state", and
# wait for it for ever. An operator would have to see that, and stop all of them; here watch_cluster does.

NODES=(mariadb-1 mariadb-2 mariadb-3)
GALERA_NODE="$REPOSITORY/scripts/lib/galera/node"
GALERA_LIBRARY=/usr/lib/galera/libgalera_smm.so
# Seconds; the nodes need up to about fifteen to find together again.
longest_without_primary=30
primary_seen=0
cluster_check_due=0
# Where MariaDB's script for the state transfer is, as Debian has it only in the package of a server that
# runs as a system service.
TRANSFER_SCRIPTS="$REPOSITORY/.build/galera"

start_galera() {
    local name first
    for name in "${NODES[@]}"; do
        write_node_configuration "$name"
    done
    if ! compgen -G "$STATE/mysql-*/mysql" >/dev/null; then
        create_data_directory "${NODES[0]}"
    fi
    # A node without data gets them from another one.
    for name in "${NODES[@]}"; do
        mkdir -p -m 700 -- "$(node_data "$name")"
    done
    first=$(first_node)
    say "starting MariaDB: $first begins the cluster"
    begin_cluster "$first"
    await_node "$first"
    for name in "${NODES[@]}"; do
        if [[ $name != "$first" ]]; then
            say "starting MariaDB: $name joins it"
            launch_node "$name"
            await_node "$name"
        fi
        keep_child "$name" start_node
    done
    administered=$first
    primary_seen=$SECONDS
    load_schema
    create_account localhost 127.0.0.1
}

# start_node NAME: for one that has ended.
start_node() {
    local first
    if other_node_runs "$1"; then
        launch_node "$1"
        return
    fi
    say "no node of the cluster runs"
    first=$(first_node)
    say "$first begins the cluster again"
    if [[ $first != "$1" ]]; then
        if [[ -n ${child_pid[$first]} ]]; then
            forget_process "$first"
        fi
        unset "child_due[$first]"
    fi
    begin_cluster "$first"
    if [[ $first != "$1" ]]; then
        launch_node "$1"
    fi
}

# watch_cluster: where for some time no node has been part of a majority, the cluster begins anew.
watch_cluster() {
    local name
    if ((SECONDS < cluster_check_due)); then
        return
    elif ((SECONDS > cluster_check_due + 10)); then
        # Nobody looked for a while: a restart was under way.
        primary_seen=$SECONDS
    fi
    cluster_check_due=$((SECONDS + 2))
    for name in "${NODES[@]}"; do
        if child_runs "$name" && node_is_primary "$name"; then
            primary_seen=$SECONDS
            return
        fi
    done
    if ((SECONDS - primary_seen < longest_without_primary)); then
        return
    fi
    say "for $longest_without_primary s no node of the cluster has been ready; stopping all of them"
    for name in "${NODES[@]}"; do
        if [[ -n ${child_pid[$name]} ]]; then
            forget_process "$name"
        fi
        unset "child_due[$name]"
    done
    primary_seen=$SECONDS
    for name in "${NODES[@]}"; do
        child_runs "$name" || start_node "$name"
    done
}

other_node_runs() {
    local name
    for name in "${NODES[@]}"; do
        if [[ $name != "$1" ]] && child_runs "$name"; then
            return 0
        fi
    done
    return 1
}

# first_node: prints the one that may begin a new cluster: it stopped as the last one, or else, after
# a crash, it has the last transaction. Those of the others that it has not would be lost.
first_node() {
    local name seqno first='' greatest=-2
    for name in "${NODES[@]}"; do
        [[ -d $(node_data "$name")/mysql ]] || continue
        if grep -qs '^safe_to_bootstrap: 1' "$(node_data "$name")/grastate.dat"; then
            printf '%s\n' "$name"
            return
        fi
        seqno=$(run_node "$name" position 9>&-)
        seqno=${seqno##*:}
        if ((${seqno:=-1} > greatest)); then
            greatest=$seqno
            first=$name
        fi
    done
    [[ -n $first ]] || die "no node of the cluster in $STATE has data that are whole."
    printf '%s\n' "$first"
}

# begin_cluster NAME: Galera refuses to, where it has not been told that this node is the one.
begin_cluster() {
    local state
    state="$(node_data "$1")/grastate.dat"
    if [[ -s $state ]]; then
        sed -i 's/^safe_to_bootstrap: 0/safe_to_bootstrap: 1/' "$state"
    fi
    launch_node "$1" --wsrep-new-cluster
}

# launch_node NAME [OPTION]
launch_node() {
    local name=$1
    shift
    # Left behind where it was killed.
    rm -f -- "$STATE/$name.sock"
    run_node "$name" serve "$@"
}

# run_node NAME serve|position [OPTION]. The state transfer's own scripts are found through PATH.
run_node() {
    local name=$1 action=$2
    local -x PATH="$REPOSITORY/scripts/lib/galera:$TRANSFER_SCRIPTS:$PATH"
    shift 2
    case $action in
        serve)
            start_child "$name" TERM 30 "$STATE/log/$name.log" \
                "$GALERA_NODE" serve "$STATE/$name.cnf" "$(node_data "$name")" "$@"
            ;;
        position) "$GALERA_NODE" position "$STATE/$name.cnf" "$(node_data "$name")" ;;
    esac
}

await_node() {
    wait_for_child "$1" 300 "it was in step with the cluster" node_is_synced "$1"
}

node_is_synced() {
    local state
    state=$(node_status "$1")
    is_primary "$state" && [[ $state == *Synced* && $state == *ON* ]]
}

node_is_primary() {
    is_primary "$(node_status "$1")"
}

is_primary() {
    [[ $1 == *Primary* && $1 != *non-Primary* ]]
}

# node_status NAME: prints what the node says of itself; nothing where it does not answer.
node_status() {
    local administered=$1 administer_within=3
    administer --batch --skip-column-names --execute \
        "SHOW STATUS WHERE Variable_name IN ('wsrep_cluster_status', 'wsrep_local_state_comment', 'wsrep_ready')" \
        2>/dev/null || true
}

node_data() {
    printf '%s/mysql-%s' "$STATE" "${1#mariadb-}"
}

# node_port NAME OFFSET: prints the one for clients (0), the group (1), or a state transfer (2, 3).
node_port() {
    printf '%s' $((galera_port + 10 * ${1#mariadb-} + $2))
}

# node_addresses OFFSET: prints host and port of all nodes, with commas.
node_addresses() {
    local name list=()
    for name in "${NODES[@]}"; do
        list+=("127.0.0.1:$(node_port "$name" "$1")")
    done
    (IFS=, && printf '%s' "${list[*]}")
}

check_galera_ports() {
    local name offset
    for name in "${NODES[@]}"; do
        for offset in 0 1 2 3; do
            check_port 127.0.0.1 "$(node_port "$name" "$offset")" --galera-port
        done
    done
}

# Of binlog-format, default-storage-engine and innodb-autoinc-lock-mode Galera takes no other values.
# A node that is silent for two seconds is no longer waited for; Galera's own five are for networks.
write_node_configuration() {
    local name=$1 options
    options="gmcast.listen_addr=tcp://127.0.0.1:$(node_port "$name" 1);ist.recv_addr=127.0.0.1:$(node_port "$name" 2)"
    options+=";gcache.size=128M;evs.keepalive_period=PT0.5S;evs.inactive_check_period=PT0.5S"
    options+=";evs.suspect_timeout=PT2S;evs.inactive_timeout=PT5S"
    {
        write_common_configuration "$name" "$(node_data "$name")"
        cat <<CONFIGURATION
bind-address = 127.0.0.1
port = $(node_port "$name" 0)
innodb-buffer-pool-size = ${MARIADB_BUFFER_POOL:-256M}
innodb-log-file-size = 96M

binlog-format = ROW
default-storage-engine = InnoDB
innodb-autoinc-lock-mode = 2
wsrep-on = ON
wsrep-provider = $GALERA_LIBRARY
wsrep-provider-options = "$options"
wsrep-cluster-name = orbia
wsrep-cluster-address = gcomm://$(node_addresses 1)
wsrep-node-name = $name
wsrep-node-address = 127.0.0.1
wsrep-sst-method = rsync_private
wsrep-sst-receive-address = 127.0.0.1:$(node_port "$name" 3)
wsrep-sst-donor = $(donors "$name")
CONFIGURATION
    } >"$STATE/$name.cnf"
}

# donors NAME: prints who is asked for all the data, in this order. A server that gives them takes no
# writes meanwhile, so the first node, the one that the service uses, is asked last. The comma at the
# end stands for "or any other".
donors() {
    local i
    for ((i = ${#NODES[@]} - 1; i >= 0; i--)); do
        if [[ ${NODES[i]} != "$1" ]]; then
            printf '%s,' "${NODES[i]}"
        fi
    done
}

# Packages ----------------------------------------------------------------------------------------

# install_galera: the packages, and MariaDB's script for the state transfer out of mariadb-server, which
# is not installed: it would start a server at every boot.
install_galera() {
    local directory
    install_packages "${GALERA_PACKAGES[@]}"
    ! has_transfer_script || return 0
    say "fetching wsrep_sst_rsync from the package mariadb-server"
    mkdir -p -- "$REPOSITORY/.build"
    directory=$(mktemp -d -- "$TRANSFER_SCRIPTS.XXXXXX")
    if ! (cd -- "$directory" && apt-get download mariadb-server && dpkg-deb -x mariadb-server_*.deb .) >&2; then
        rm -rf -- "$directory"
        die "the package mariadb-server could not be fetched." "apt-get update may help."
    fi
    mkdir -p -- "$TRANSFER_SCRIPTS"
    mv -f -- "$directory"/usr/bin/wsrep_sst_{common,rsync} "$TRANSFER_SCRIPTS"
    rm -rf -- "$directory"
}

need_galera() {
    need_commands rsync ss
    if [[ ! -e $GALERA_LIBRARY ]] || ! has_transfer_script; then
        die "$GALERA_LIBRARY or MariaDB's wsrep_sst_rsync is missing." \
            "Without --no-install this script fetches what it needs."
    fi
}

has_transfer_script() {
    [[ -x $TRANSFER_SCRIPTS/wsrep_sst_rsync ]] || command -v wsrep_sst_rsync >/dev/null
}
