# The private MariaDB server of a stack. Sourced, not run.
#
# Its data is in $STATE/mysql and outlives the run. It listens on $STATE/mariadb.sock alone; whoever
# can reach that (the directory is private) is its administrator, root, without a password.

DATABASE=orbia
ACCOUNT=orbia_conversation
# The server that the administrator's commands go to.
administered=mariadb

start_mariadb() {
    write_mariadb_configuration
    create_data_directory mariadb
    say "starting MariaDB"
    launch_mariadb mariadb
    # Recovery after a crash can take its time.
    wait_for_child mariadb 300 "it took a connection" administer --execute 'SELECT 1'
    if [[ $keep_database == yes ]]; then
        keep_child mariadb launch_mariadb
    fi
    load_schema
    create_account localhost
}

launch_mariadb() {
    # Left behind where the server was killed.
    rm -f -- "$STATE/$1.sock"
    start_child "$1" TERM 30 "$STATE/log/$1.log" mariadbd --defaults-file="$STATE/$1.cnf"
}

write_mariadb_configuration() {
    {
        write_common_configuration mariadb "$STATE/mysql"
        cat <<CONFIGURATION
skip-networking
innodb-buffer-pool-size = ${MARIADB_BUFFER_POOL:-1G}
innodb-log-file-size = 512M
CONFIGURATION
    } >"$STATE/mariadb.cnf"
}

# write_common_configuration NAME DATA: what holds for a node of the Galera cluster, too.
#
# Binary log off: the schema's triggers need no extra privilege then. What was committed is on disk,
# as in production: a private server that is faster than the real one would only mislead.
write_common_configuration() {
    cat <<CONFIGURATION
# Written by scripts/run at each start.
[mariadbd]
datadir = $2
socket = $STATE/$1.sock
pid-file = $STATE/$1.pid
tmpdir = $STATE/temp
skip-log-bin
skip-name-resolve
$(if ((EUID == 0)); then echo 'user = root'; fi)

character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
default-time-zone = +00:00
max-connections = 500
innodb-flush-log-at-trx-commit = 1
CONFIGURATION
}

# create_data_directory NAME: mariadb has its data in mysql, and mariadb-N in mysql-N.
create_data_directory() {
    local data="$STATE/mysql${1#mariadb}" user_option=()
    [[ ! -d $data ]] || return 0
    say "creating a database in $data"
    if ((EUID == 0)); then
        user_option=(--user=root)
    fi
    # Under another name until it is whole, so that a run that is stopped here leaves no half.
    rm -rf -- "$STATE/mysql.new"
    # By a relative path: mariadb-install-db stumbles over a space in its --datadir.
    (cd -- "$STATE" && TMPDIR="$STATE/temp" mariadb-install-db --no-defaults --datadir=./mysql.new --skip-test-db \
        --auth-root-authentication-method=normal --skip-name-resolve \
        --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
        "${user_option[@]}") >"$STATE/log/mariadb-install.log" 2>&1 ||
        die "mariadb-install-db failed. The last lines of $STATE/log/mariadb-install.log:" \
            "$(tail -n 20 "$STATE/log/mariadb-install.log")"
    mv -- "$STATE/mysql.new" "$data"
}

# administer ARGUMENT...: the MariaDB client as the server's root. A person's own settings for the
# client (my.cnf, MYSQL_PWD, MYSQL_HOST) have no place here. administer_within, where it is set, bounds
# its time in seconds.
administer() {
    ${administer_within:+timeout "$administer_within"} env --unset=MYSQL_PWD --unset=MYSQL_HOST --unset=MYSQL_TCP_PORT \
        mariadb --no-defaults --protocol=socket --socket="$STATE/$administered.sock" --user=root \
        --default-character-set=utf8mb4 "$@" 9>&-
}

# query STATEMENT: prints its rows, fields parted by tabs.
query() {
    administer --batch --skip-column-names --execute "$1" "$DATABASE"
}

load_schema() {
    say "loading schema.sql"
    administer --execute "CREATE DATABASE IF NOT EXISTS $DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci" ||
        die "the database $DATABASE could not be created."
    administer "$DATABASE" <"$REPOSITORY/schema.sql" >&2 || die "schema.sql was refused; MariaDB's message is above."
}

# create_account HOST...: the service's account at each of the hosts that it may connect from, with
# the role that schema.sql makes for this database, and nothing else: the role that version 2 of schema.sql
# made for all databases goes, since nobody else has a part in this server. The password is set at each start, so that file and
# server always agree.
create_account() {
    local file="$STATE/mysql-password" password host
    if [[ ! -s $file ]]; then
        random_hex | write_private "$file"
    fi
    password=$(<"$file")
    # Through standard input: command lines can be read by everybody.
    administer --execute 'DROP ROLE IF EXISTS orbia_conversation_app' || die "the old role could not be dropped."
    for host in "$@"; do
        administer "$DATABASE" <<SQL || die "the account $ACCOUNT could not be set up."
CREATE USER IF NOT EXISTS '$ACCOUNT'@'$host';
ALTER USER '$ACCOUNT'@'$host' IDENTIFIED BY '$password';
GRANT orbia_conversation_app_$DATABASE TO '$ACCOUNT'@'$host';
SET DEFAULT ROLE orbia_conversation_app_$DATABASE FOR '$ACCOUNT'@'$host';
SQL
    done
}
