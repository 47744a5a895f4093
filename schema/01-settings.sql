-- The tables, triggers, routines and privileges of Orbia Conversation: version {version} of the schema.
--
-- Run by an administrator of the database server, in the platform's database:
--
--     mariadb orbia < schema.sql
--
-- In an empty database this file makes everything. A database of the platform, or one that an earlier version of this
-- file made, is brought to the same layout, and keeps every row. A second run changes nothing. Before the first change
-- the file checks what is there: where it finds something that it cannot bring to its layout, it names that and changes
-- nothing at all. After an interruption, the next run goes on where this one ended. The file ends with an error where
-- an operator has to decide something, and says what. It holds no password: the service's rights belong to a role of
-- this database alone, orbia_conversation_app_DATABASE, which the operator grants to the service's account
-- (docs/deployment.md).
--
-- With the binary log on, an administrator without SUPER needs log_bin_trust_function_creators=1 for
-- the triggers; without it this ends with error 1419, and can be run again.

-- The server stores character set and mode with every routine and trigger. Without these two statements a latin1
-- client would store the title's 订单 as mojibake, and a server without strict mode would cut values that do not fit.
SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION';
-- Each IF NOT EXISTS would print a note.
SET SESSION sql_notes = 0;
-- GROUP_CONCAT puts keys and statements together below; it cuts a longer result without an error.
SET SESSION group_concat_max_len = 1048576;
-- The configuration of the server or of the client may forbid changes of many rows, or long ones.
SET SESSION autocommit = 1, sql_safe_updates = 0, max_statement_time = 0,
    sql_select_limit = 18446744073709551615, max_join_size = 18446744073709551615;
-- A server may be told to refuse an ALTER that copies a table.
SET SESSION alter_algorithm = 'DEFAULT';
