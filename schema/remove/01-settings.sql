-- Takes Orbia Conversation, up to version {version} of its schema, out of the platform's database: its triggers,
-- routines, tables, columns, keys, role and owner. The platform's tables keep every row, and get their own keys back.
--
-- Run by an administrator of the database server, in the platform's database, once no instance of the service runs:
--
--     mariadb orbia < schema-remove.sql
--
-- The platform goes on working meanwhile. What a step takes away, nothing that is left needs: the triggers go first,
-- then the routines that they call, the tables and columns that these write, and at last the account that owned them.
-- After an interruption, the next run goes on where this one ended; where nothing is left to remove, it changes nothing.
-- What is lost with the columns, and what stays, is in docs/operations.md, "Removing it".

SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION';
-- Each IF EXISTS would print a note.
SET SESSION sql_notes = 0;
-- GROUP_CONCAT puts statements together below; it cuts a longer result without an error.
SET SESSION group_concat_max_len = 1048576;
SET SESSION autocommit = 1, sql_safe_updates = 0, max_statement_time = 0,
    sql_select_limit = 18446744073709551615, max_join_size = 18446744073709551615;
-- A server may be told to refuse an ALTER that copies a table. One that copies converts times through the session's time
-- zone, and in a zone with summer time two of them would become one.
SET SESSION alter_algorithm = 'DEFAULT', time_zone = '+00:00';
-- For what is nobody's but the service's, so that nobody else waits behind it.
SET SESSION lock_wait_timeout = 5;
