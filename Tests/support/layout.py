"""What a database's layout is, whatever its keys are called and in whatever order its columns stand."""

TABLES = ["orbia_user", "orbia_kol", "orbia_kol_order", "orbia_conversation",
          "orbia_conversation_member", "orbia_message"]


def layout(database) -> dict:
    """Columns, keys and foreign keys; of two databases with the same layout it is equal."""
    return {
        "columns": _as_set(
            database,
            "SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLUMN_DEFAULT, EXTRA, COLLATION_NAME,"
            " COLUMN_COMMENT FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()"),
        "keys": _as_set(
            database,
            "SELECT TABLE_NAME, NON_UNIQUE, INDEX_NAME = 'PRIMARY' AS is_primary,"
            " GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS `columns`, MAX(SUB_PART) AS prefix"
            " FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = DATABASE()"
            " GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE"),
        "number of keys": database.value(
            "SELECT COUNT(DISTINCT TABLE_NAME, INDEX_NAME) FROM information_schema.STATISTICS"
            " WHERE TABLE_SCHEMA = DATABASE()"),
        "foreign keys": _as_set(
            database,
            "SELECT k.TABLE_NAME, k.COLUMN_NAME, k.REFERENCED_TABLE_NAME, k.REFERENCED_COLUMN_NAME,"
            " r.DELETE_RULE, r.UPDATE_RULE FROM information_schema.KEY_COLUMN_USAGE k"
            " JOIN information_schema.REFERENTIAL_CONSTRAINTS r USING (CONSTRAINT_SCHEMA, CONSTRAINT_NAME, TABLE_NAME)"
            " WHERE k.TABLE_SCHEMA = DATABASE()"),
        "tables": _as_set(
            database,
            "SELECT TABLE_NAME, ENGINE, TABLE_COLLATION FROM information_schema.TABLES"
            " WHERE TABLE_SCHEMA = DATABASE()"),
        "triggers": _as_set(
            database,
            "SELECT TRIGGER_NAME, ACTION_TIMING, EVENT_MANIPULATION, EVENT_OBJECT_TABLE, ACTION_STATEMENT,"
            " SQL_MODE, DEFINER FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"),
        "routines": _as_set(
            database,
            "SELECT ROUTINE_NAME, ROUTINE_DEFINITION, SQL_MODE, DEFINER, SECURITY_TYPE, ROUTINE_COMMENT"
            " FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()"),
    }


def _as_set(database, query) -> set:
    return {tuple(row.values()) for row in database.rows(query)}


def rows(database) -> dict:
    """The rows of each table, whole, in the order of id; each a dictionary."""
    return {table: database.rows(f"SELECT * FROM {table} ORDER BY id") for table in TABLES}


def tablespaces(database) -> dict:
    """The number of each table and key within InnoDB. A table that is rebuilt gets a new one, and a new key does."""
    return {
        row["name"]: row["id"]
        for row in database.rows(
            "SELECT CONCAT(t.NAME, ' ', i.NAME) AS name, CONCAT(t.TABLE_ID, ' ', i.INDEX_ID) AS id"
            " FROM information_schema.INNODB_SYS_TABLES t JOIN information_schema.INNODB_SYS_INDEXES i USING (TABLE_ID)"
            " WHERE t.NAME LIKE CONCAT(DATABASE(), '/%')")
    }
