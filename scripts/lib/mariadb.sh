# The private MariaDB server of a stack. Sourced, not run.
#
# Its data is in $STATE/mysql and outlives the run. It listens on $STATE/mariadb.sock alone; whoever
# can reach that (the directory is private) is its administrator, root, without a password.

DATABASE=orbia
ACCOUNT=orbia_conversation

start_mariadb() {
    write_mariadb_configuration
    create_data_directory
    say "starting MariaDB"
    # Left behind where the server was killed.
    rm -f -- "$STATE/mariadb.sock"
    start_child mariadb TERM 30 "$STATE/log/mariadb.log" mariadbd --defaults-file="$STATE/mariadb.cnf"
    # Recovery after a crash can take its time.
    wait_for_child mariadb 300 "it took a connection" administer --execute 'SELECT 1'
    load_schema
    create_account
}

# Binary log off: the schema's triggers need no extra privilege then. What was committed is on disk,
# as in production: a private server that is faster than the real one would only mislead.
write_mariadb_configuration() {
    cat >"$STATE/mariadb.cnf" <<CONFIGURATION
# Written by scripts/run at each start.
[mariadbd]
datadir = $STATE/mysql
socket = $STATE/mariadb.sock
pid-file = $STATE/mariadb.pid
tmpdir = $STATE/temp
skip-networking
skip-log-bin
skip-name-resolve
$(if ((EUID == 0)); then echo 'user = root'; fi)

character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
default-time-zone = +00:00
max-connections = 500

innodb-buffer-pool-size = ${MARIADB_BUFFER_POOL:-1G}
innodb-log-file-size = 512M
innodb-flush-log-at-trx-commit = 1
CONFIGURATION
}

create_data_directory() {
    local user_option=()
    [[ ! -d $STATE/mysql ]] || return 0
    say "creating a database in $STATE/mysql"
    if ((EUID == 0)); then
        user_option=(--user=root)
    fi
    # Under another name until it is whole, so that a run that is stopped here leaves no half.
    rm -rf -- "$STATE/mysql.new"
    # By a relative path: mariadb-install-db stumbles over a space in its --datadir.
    (cd -- "$STATE" && mariadb-install-db --no-defaults --datadir=./mysql.new --skip-test-db \
        --auth-root-authentication-method=normal --skip-name-resolve \
        --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci \
        "${user_option[@]}") >"$STATE/log/mariadb-install.log" 2>&1 ||
        die "mariadb-install-db failed. The last lines of $STATE/log/mariadb-install.log:" \
            "$(tail -n 20 "$STATE/log/mariadb-install.log")"
    mv -- "$STATE/mysql.new" "$STATE/mysql"
}

# administer ARGUMENT...: the MariaDB client as the server's root. A person's own settings for the
# client (my.cnf, MYSQL_PWD, MYSQL_HOST) have no place here.
administer() {
    env --unset=MYSQL_PWD --unset=MYSQL_HOST --unset=MYSQL_TCP_PORT \
        mariadb --no-defaults --protocol=socket --socket="$STATE/mariadb.sock" --user=root \
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

# The service's account: the role that schema.sql makes, and nothing else. The password is set at
# each start, so that file and server always agree.
create_account() {
    local file="$STATE/mysql-password" password
    if [[ ! -s $file ]]; then
        random_hex | write_private "$file"
    fi
    password=$(<"$file")
    # Through standard input: command lines can be read by everybody.
    administer "$DATABASE" <<SQL || die "the account $ACCOUNT could not be set up."
CREATE USER IF NOT EXISTS '$ACCOUNT'@'localhost';
ALTER USER '$ACCOUNT'@'localhost' IDENTIFIED BY '$password';
GRANT orbia_conversation_app TO '$ACCOUNT'@'localhost';
SET DEFAULT ROLE orbia_conversation_app FOR '$ACCOUNT'@'localhost';
SQL
}
