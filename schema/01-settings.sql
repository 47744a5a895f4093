-- The tables, triggers, routines and privileges of Orbia Conversation: version {version} of the schema.
--
-- Run by an administrator of the database server, in the platform's database:
--
--     mariadb orbia < schema.sql
--
-- In an empty database it makes everything; a database of the platform, or one that an earlier version
-- of this file made, it brings to the same layout with every row kept; run again, it changes nothing.
-- It looks first: where something is there that it cannot bring to its layout, it names that and changes
-- nothing at all. Interrupted, it goes on where it was when it is run again. It ends with an error where
-- it leaves something to decide, and says what. It holds no password: what the service may do belongs to
-- a role of this database alone, orbia_conversation_app_DATABASE, which the operator grants to the
-- service's account (docs/deployment.md).
--
-- With the binary log on, an administrator without SUPER needs log_bin_trust_function_creators=1 for
-- the triggers; without it this ends with error 1419, and can be run again.

-- Both are stored with every routine and trigger: without them a latin1 client would store the
-- title's 订单 as mojibake, and a lax server would cut what does not fit.
SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION';
-- "IF NOT EXISTS" notes are not news.
SET SESSION sql_notes = 0;
-- Keys and statements are put together with GROUP_CONCAT, which cuts what is longer without an error.
SET SESSION group_concat_max_len = 1048576;
-- What the server's or the client's files may say against changes of many rows, or long ones.
SET SESSION autocommit = 1, sql_safe_updates = 0, max_statement_time = 0,
    sql_select_limit = 18446744073709551615, max_join_size = 18446744073709551615;
