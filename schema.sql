-- This file is put together from schema/*.sql by scripts/assemble-schema: change the parts, not this file.

-- schema/01-settings.sql --------------------------------------------------------------------------

-- The tables, triggers, routines and privileges of Orbia Conversation: version 3 of the schema.
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


-- schema/01-waiting.sql ---------------------------------------------------------------------------

-- How this file changes a table that others use.

DELIMITER //

-- While an ALTER or a trigger's CREATE waits for an open transaction, every other statement on that table waits behind
-- it, reads included. So what @orbia_statement says is run when nobody is in @orbia_table: that is tried without
-- waiting, again and again. Where others come and go so often that there is no such moment, the statement waits for a
-- second. A transaction that stays open for 20 seconds ends the file, with an error that names it.
SET @orbia_run = "
BEGIN NOT ATOMIC
    DECLARE v_began DATETIME(6) DEFAULT SYSDATE(6);
    DECLARE v_looked_at DATETIME(6);
    DECLARE v_waited DOUBLE DEFAULT 0;
    DECLARE v_is_free, v_is_done BOOLEAN;
    -- An ALTER or a RENAME locks the tables that refer to its own, too, whose rows others may hold.
    DECLARE v_tables TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT (
        SELECT CONCAT(@orbia_table, ' WRITE', COALESCE(GROUP_CONCAT(DISTINCT ', `', REPLACE(TABLE_NAME, '`', '``'), '` WRITE' SEPARATOR ''), ''))
        FROM information_schema.REFERENTIAL_CONSTRAINTS
        WHERE CONSTRAINT_SCHEMA = DATABASE() AND BINARY REFERENCED_TABLE_NAME = BINARY @orbia_table
          AND BINARY TABLE_NAME <> BINARY @orbia_table AND @orbia_statement REGEXP '^(ALTER|RENAME)');
    -- The transactions that were open when it looked last, and the connections of those that had been open for a second.
    DECLARE v_open, v_names, v_message TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

    running: LOOP
        SET v_is_free = TRUE, v_is_done = TRUE;
        BEGIN
            DECLARE CONTINUE HANDLER FOR 1205 SET v_is_free = FALSE;
            -- Without the right to lock a table, or without the table, this cannot be tried.
            DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
            EXECUTE IMMEDIATE CONCAT('LOCK TABLES ', v_tables, ' WAIT 0');
            EXECUTE IMMEDIATE 'UNLOCK TABLES';
        END;
        IF v_is_free OR (v_waited > 1 AND v_names IS NULL) THEN
            BEGIN
                DECLARE CONTINUE HANDLER FOR 1205 SET v_is_done = FALSE;
                EXECUTE IMMEDIATE CONCAT('SET STATEMENT lock_wait_timeout = 1, innodb_lock_wait_timeout = 1 FOR ', @orbia_statement);
            END;
            IF v_is_done THEN
                LEAVE running;
            END IF;
        END IF;

        IF v_looked_at IS NULL OR TIMESTAMPDIFF(MICROSECOND, v_looked_at, SYSDATE(6)) > 1000000 THEN
            BEGIN
                -- Without the right to see others' transactions.
                DECLARE CONTINUE HANDLER FOR 1227 SET v_names = NULL;
                SELECT GROUP_CONCAT(CONCAT(t.trx_id, ' ', t.trx_started)),
                       GROUP_CONCAT(IF(FIND_IN_SET(CONCAT(t.trx_id, ' ', t.trx_started), v_open),
                                       CONCAT(p.ID, ' (', p.USER, '@', p.HOST, ')'), NULL) ORDER BY t.trx_started SEPARATOR ', ')
                INTO v_open, v_names
                FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
                WHERE p.ID <> CONNECTION_ID();
            END;
            SET v_looked_at = SYSDATE(6);
        END IF;
        SET v_waited = TIMESTAMPDIFF(MICROSECOND, v_began, SYSDATE(6)) / 1000000e0;
        IF v_waited > 20 THEN
            SET v_message = CONCAT(
                'others use ', @orbia_table, ' or a table that belongs to it', COALESCE(CONCAT('. Open is the transaction of connection ', LEFT(v_names, 250)), ''),
                '. What was done so far stays. Run this file again when that has ended');
            SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205, MESSAGE_TEXT = v_message;
        END IF;
        DO SLEEP(IF(v_is_done, 0.05, 1));
    END LOOP;
END" //

DELIMITER ;


-- schema/02-layout.sql ----------------------------------------------------------------------------

-- The layout: what the database is to be. Every other part takes it from here.

-- The version of the schema, and the oldest version whose builds it serves. The number is written here alone:
-- scripts/assemble-schema puts it wherever else it stands, in routines and in the program.
SET @orbia_version = 3, @orbia_serves_from = 2;

-- The routines, and the rights of their owner, in a text of their own: orbia_definer_report needs no more than these.
--
-- The comment of a routine has `version`, the one that its parameters and answer belong to. `since` is the version whose
-- builds were the first to call it. `is_called`: the service calls it, and not other routines or operators alone.
-- `has_parameters`: a call without any is an error, and runs nothing.
SET @orbia_routines = "
    routine_layout (name, version, since, is_called, has_parameters) AS (
        VALUES ('orbia_post_message', 3, 3, 1, 1),
               -- Builds of version 2 send by this one.
               ('orbia_send_message', 3, 1, 1, 1),
               ('orbia_recall_message', 3, 3, 1, 1),
               ('orbia_post_system_message', 3, 3, 0, 1),
               ('orbia_mark_read', 3, 1, 1, 1),
               ('orbia_backfill_conversations', 3, 1, 1, 1),
               ('orbia_schema_state', 3, 3, 1, 1),
               ('orbia_definer_report', 3, 3, 1, 0),
               ('orbia_backfill_report', 3, 3, 1, 1),
               -- Builds of version 2 ask this one.
               ('orbia_schema_report', 2, 1, 1, 0),
               ('orbia_tell_order_progress', 3, 3, 1, 1),
               ('orbia_order_progress_report', 3, 3, 1, 0),
               ('orbia_tell_progress_of_order', 3, 3, 0, 1),
               ('orbia_turn_feature', 3, 3, 0, 1),
               ('orbia_order_progress_on', 3, 3, 0, 0),
               ('orbia_order_progress_off', 3, 3, 0, 0),
               ('orbia_open_order_conversation', 3, 1, 0, 1),
               ('orbia_note_change', 3, 3, 0, 1)
    ),
    definer_right (table_name, privilege) AS (
        VALUES ('orbia_user', 'SELECT'),
               ('orbia_kol', 'SELECT'),
               ('orbia_kol_order', 'SELECT'), ('orbia_kol_order', 'TRIGGER'),
               ('orbia_conversation', 'SELECT'), ('orbia_conversation', 'INSERT'), ('orbia_conversation', 'UPDATE'),
               -- DELETE takes back a conversation whose members could not be added.
               ('orbia_conversation', 'DELETE'), ('orbia_conversation', 'TRIGGER'),
               ('orbia_conversation_member', 'SELECT'), ('orbia_conversation_member', 'INSERT'),
               ('orbia_conversation_member', 'UPDATE'), ('orbia_conversation_member', 'TRIGGER'),
               ('orbia_message', 'SELECT'), ('orbia_message', 'INSERT'), ('orbia_message', 'UPDATE'),
               ('orbia_conversation_change', 'SELECT'), ('orbia_conversation_change', 'INSERT'),
               ('orbia_conversation_change', 'UPDATE'), ('orbia_conversation_change', 'DELETE'),
               ('orbia_order_progress', 'SELECT'), ('orbia_order_progress', 'INSERT'), ('orbia_order_progress', 'DELETE'),
               ('orbia_conversation_feature', 'SELECT'), ('orbia_conversation_feature', 'INSERT'),
               ('orbia_conversation_feature', 'UPDATE')
    )";

-- The layout of tables, columns and keys is stated here and nowhere else. The preflight, the making of tables, the
-- migration, and the report that `check` and readiness read, all take it from this text, which is the beginning of a
-- WITH.
--
-- A column's type and its rest are spelt as information_schema spells them. `requirement` says whose the column is, and
-- what this project needs of it:
--   own      this project's: it is added where it is missing, and is exactly as it stands here
--   exact    the platform's, which is brought to exactly this type
--   written  the platform's, which the routines write: it holds every value of this type, or more
--   prose    as `written`, and every character: people write it
--   cut      as `written`, but of any length: the routines cut a longer value
--   read     the platform's, which routines, triggers or the service read: any type of the same kind will do
--   unused   the platform's, which is made in an empty database and not looked at again
-- `follows` names a column of the platform's: this column has that column's type, where it differs from the one here.
-- A column that follows an id is a foreign key to it.
--
-- A key is known by its columns; its name does not matter. An `initial` key is made together with its table, and
-- not checked later; a `required` one is checked, and added where it is missing.
SET @orbia_layout = CONCAT("
    table_layout (place, name) AS (
        VALUES (1, 'orbia_user'), (2, 'orbia_kol'), (3, 'orbia_kol_order'),
               (4, 'orbia_conversation'), (5, 'orbia_conversation_member'), (6, 'orbia_message'),
               (7, 'orbia_conversation_change'), (8, 'orbia_order_progress'), (9, 'orbia_conversation_feature')
    ),
    column_layout (table_name, place, name, requirement, type, rest, follows, comment) AS (
        VALUES
        ('orbia_user',  1, 'id',                'read',   'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_user',  2, 'wallet_address',    'unused', 'varchar(42)', '', NULL, ''),
        ('orbia_user',  3, 'email',             'unused', 'varchar(255)', '', NULL, ''),
        ('orbia_user',  4, 'password_hash',     'unused', 'varchar(255)', '', NULL, ''),
        ('orbia_user',  5, 'verification_code', 'unused', 'varchar(10)', '', NULL, ''),
        ('orbia_user',  6, 'code_expiry',       'unused', 'timestamp', '', NULL, ''),
        ('orbia_user',  7, 'nickname',          'read',   'varchar(100)', '', NULL, ''),
        ('orbia_user',  8, 'avatar_url',        'read',   'varchar(500)', '', NULL, ''),
        ('orbia_user',  9, 'role',              'unused', 'enum(''normal'',''admin'')', 'not null default ''normal''', NULL, ''),
        ('orbia_user', 10, 'status',            'read',   'enum(''normal'',''disabled'',''deleted'')', 'not null default ''normal''', NULL, ''),
        ('orbia_user', 11, 'kol_id',            'unused', 'bigint(20)', '', NULL, ''),
        ('orbia_user', 12, 'current_team_id',   'unused', 'bigint(20)', '', NULL, ''),
        ('orbia_user', 13, 'created_at',        'unused', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_user', 14, 'updated_at',        'unused', 'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),

        ('orbia_kol',  1, 'id',            'read',   'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_kol',  2, 'user_id',       'read',   'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_kol',  3, 'avatar_url',    'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol',  4, 'display_name',  'unused', 'varchar(100)', '', NULL, ''),
        ('orbia_kol',  5, 'description',   'unused', 'text', '', NULL, ''),
        ('orbia_kol',  6, 'country',       'unused', 'varchar(50)', '', NULL, ''),
        ('orbia_kol',  7, 'tiktok_url',    'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol',  8, 'youtube_url',   'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol',  9, 'x_url',         'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol', 10, 'discord_url',   'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol', 11, 'status',        'unused', 'enum(''pending'',''approved'',''rejected'')', 'not null default ''pending''', NULL, ''),
        ('orbia_kol', 12, 'reject_reason', 'unused', 'text', '', NULL, ''),
        ('orbia_kol', 13, 'approved_at',   'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol', 14, 'created_at',    'unused', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_kol', 15, 'updated_at',    'unused', 'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_kol', 16, 'deleted_at',    'unused', 'timestamp', '', NULL, ''),

        ('orbia_kol_order',  1, 'id',                      'read',   'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_kol_order',  2, 'order_id',                'read',   'varchar(64)', 'not null', NULL, ''),
        ('orbia_kol_order',  3, 'user_id',                 'read',   'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_kol_order',  4, 'team_id',                 'unused', 'bigint(20)', '', NULL, ''),
        ('orbia_kol_order',  5, 'kol_id',                  'read',   'bigint(20)', 'not null', 'orbia_kol.id', ''),
        ('orbia_kol_order',  6, 'plan_id',                 'unused', 'bigint(20)', 'not null', NULL, ''),
        ('orbia_kol_order',  7, 'plan_title',              'unused', 'varchar(200)', 'not null', NULL, ''),
        ('orbia_kol_order',  8, 'plan_description',        'unused', 'text', '', NULL, ''),
        ('orbia_kol_order',  9, 'plan_price',              'unused', 'decimal(10,2)', 'not null', NULL, ''),
        ('orbia_kol_order', 10, 'plan_type',               'unused', 'varchar(20)', 'not null', NULL, ''),
        ('orbia_kol_order', 11, 'title',                   'read',   'varchar(200)', 'not null', NULL, ''),
        ('orbia_kol_order', 12, 'requirement_description', 'unused', 'text', 'not null', NULL, ''),
        ('orbia_kol_order', 13, 'video_type',              'unused', 'varchar(100)', 'not null', NULL, ''),
        ('orbia_kol_order', 14, 'video_duration',          'unused', 'int(11)', 'not null', NULL, 'seconds'),
        ('orbia_kol_order', 15, 'target_audience',         'unused', 'varchar(500)', 'not null', NULL, ''),
        ('orbia_kol_order', 16, 'expected_delivery_date',  'unused', 'date', 'not null', NULL, ''),
        ('orbia_kol_order', 17, 'additional_requirements', 'unused', 'text', '', NULL, ''),
        ('orbia_kol_order', 18, 'status',                  'read',   'enum(''pending_payment'',''pending'',''confirmed'',''in_progress'',''completed'',''cancelled'',''refunded'')', 'not null default ''pending_payment''', NULL, ''),
        ('orbia_kol_order', 19, 'reject_reason',           'unused', 'text', '', NULL, ''),
        ('orbia_kol_order', 20, 'confirmed_at',            'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol_order', 21, 'completed_at',            'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol_order', 22, 'cancelled_at',            'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol_order', 23, 'created_at',              'unused', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_kol_order', 24, 'updated_at',              'read',   'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_kol_order', 25, 'deleted_at',              'read',   'timestamp', '', NULL, ''),

        ('orbia_conversation',  1, 'id',                 'read',    'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_conversation',  2, 'conversation_id',    'written', 'varchar(64)', 'not null', NULL, ''),
        ('orbia_conversation',  3, 'title',              'cut',     'varchar(200)', '', NULL, ''),
        ('orbia_conversation',  4, 'type',               'written', 'enum(''kol_order'',''ad_order'',''general'',''support'')', 'not null default ''general''', NULL, ''),
        ('orbia_conversation',  5, 'related_order_type', 'written', 'varchar(50)', '', NULL, ''),
        ('orbia_conversation',  6, 'related_order_id',   'written', 'varchar(64)', '', NULL, ''),
        ('orbia_conversation',  7, 'status',             'written', 'enum(''active'',''archived'',''closed'')', 'not null default ''active''', NULL, ''),
        ('orbia_conversation',  8, 'last_message_at',    'exact',   'timestamp(3)', '', NULL, ''),
        ('orbia_conversation',  9, 'created_at',         'written', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_conversation', 10, 'updated_at',         'unused',  'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_conversation', 11, 'deleted_at',         'read',    'timestamp', '', NULL, ''),
        ('orbia_conversation', 12, 'has_quotes',         'own',     'tinyint(1)', '', NULL, 'whether a message quotes another one; NULL: none does'),

        ('orbia_conversation_member', 1, 'id',                'read',    'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_conversation_member', 2, 'conversation_id',   'written', 'bigint(20)', 'not null', 'orbia_conversation.id', ''),
        ('orbia_conversation_member', 3, 'user_id',           'written', 'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_conversation_member', 4, 'role',              'written', 'enum(''creator'',''member'',''admin'')', 'not null default ''member''', NULL, ''),
        ('orbia_conversation_member', 5, 'unread_count',      'written', 'int(11)', 'not null default 0', NULL, ''),
        ('orbia_conversation_member', 6, 'last_read_at',      'exact',   'timestamp(3)', '', NULL, ''),
        ('orbia_conversation_member', 7, 'joined_at',         'written', 'timestamp', 'default current_timestamp()', NULL, ''),
        -- The next two are copies from the conversation, so that a user's list is one walk along an index.
        ('orbia_conversation_member', 8, 'last_activity_at',  'own',     'timestamp(3)', 'not null default current_timestamp(3)', NULL, 'last message, else creation, of the conversation'),
        ('orbia_conversation_member', 9, 'conversation_type', 'own',     'enum(''kol_order'',''ad_order'',''general'',''support'')', 'not null default ''general''', 'orbia_conversation.type', ''),

        ('orbia_message',  1, 'id',              'read',    'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_message',  2, 'message_id',      'written', 'varchar(64)', 'not null', NULL, ''),
        ('orbia_message',  3, 'conversation_id', 'written', 'bigint(20)', 'not null', 'orbia_conversation.id', ''),
        ('orbia_message',  4, 'sender_id',       'written', 'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_message',  5, 'message_type',    'written', 'enum(''text'',''image'',''file'',''video'',''audio'',''system'')', 'not null default ''text''', NULL, ''),
        ('orbia_message',  6, 'content',         'prose',   'text', 'not null', NULL, ''),
        ('orbia_message',  7, 'file_name',       'prose',   'varchar(500)', '', NULL, ''),
        ('orbia_message',  8, 'file_size',       'written', 'bigint(20)', '', NULL, 'bytes'),
        ('orbia_message',  9, 'file_type',       'prose',   'varchar(100)', '', NULL, 'MIME type'),
        ('orbia_message', 10, 'status',          'written', 'enum(''sent'',''delivered'',''read'',''failed'')', 'not null default ''sent''', NULL, ''),
        ('orbia_message', 11, 'created_at',      'exact',   'timestamp(3)', 'not null default current_timestamp(3)', NULL, ''),
        ('orbia_message', 12, 'updated_at',      'unused',  'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_message', 13, 'deleted_at',      'read',    'timestamp', '', NULL, ''),
        -- The client chooses this key; it is compared byte by byte, trailing spaces included.
        ('orbia_message', 14, 'client_message_id', 'own',   'varchar(64) collate utf8mb4_nopad_bin', '', NULL, 'idempotency key of the send'),
        ('orbia_message', 15, 'event',       'own', 'varchar(1024) collate utf8mb4_bin', '', NULL, 'JSON object that clients of a system message go by'),
        ('orbia_message', 16, 'reply_to',    'own', 'bigint(20)', '', NULL, 'orbia_message.id of the message that is quoted'),
        ('orbia_message', 17, 'recalled_at', 'own', 'timestamp(3)', '', NULL, 'when its sender has recalled it; deleted_at is set then, too'),

        -- No foreign keys: a row outlives the membership, and their checks would lock the rows that they refer to.
        ('orbia_conversation_change', 1, 'conversation_id', 'own', 'bigint(20)', 'not null', NULL, ''),
        ('orbia_conversation_change', 2, 'user_id',         'own', 'bigint(20)', 'not null', NULL, ''),
        ('orbia_conversation_change', 3, 'changed_at',      'own', 'timestamp(3)', 'not null default current_timestamp(3)', NULL, 'newest change for this user'),
        ('orbia_conversation_change', 4, 'membership_at',   'own', 'timestamp(3)', '', NULL, 'newest change of the number of conversations of this user'),

        -- No foreign keys, whose checks would lock rows in the order's transaction, and no key that another transaction
        -- could hold a gap of. The texts hold any value of the platform's columns, or the part of it that is told.
        ('orbia_order_progress', 1, 'id',           'own', 'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_order_progress', 2, 'kol_order_id', 'own', 'bigint(20)', 'not null', NULL, 'orbia_kol_order.id'),
        ('orbia_order_progress', 3, 'order_id',     'own', 'text', '', NULL, ''),
        ('orbia_order_progress', 4, 'user_id',      'own', 'bigint(20)', '', NULL, 'who ordered'),
        ('orbia_order_progress', 5, 'from_status',  'own', 'varchar(255)', '', NULL, ''),
        ('orbia_order_progress', 6, 'to_status',    'own', 'varchar(255)', '', NULL, ''),
        ('orbia_order_progress', 7, 'is_opening',   'own', 'tinyint(1)', 'not null default 0', NULL, 'the conversation begins with this change; nothing up to it is told'),
        ('orbia_order_progress', 8, 'changed_at',   'own', 'timestamp(3)', 'not null default current_timestamp(3)', NULL, ''),

        ('orbia_conversation_feature', 1, 'name',       'own', 'varchar(64)', 'not null', NULL, ''),
        ('orbia_conversation_feature', 2, 'is_on',      'own', 'tinyint(1)', 'not null default 0', NULL, 'without a row it is off'),
        ('orbia_conversation_feature', 3, 'changed_at', 'own', 'timestamp(3)', 'not null default current_timestamp(3)', NULL, 'when it was turned on or off')
    ),
    key_layout (table_name, place, kind, name, columns, requirement) AS (
        VALUES
        ('orbia_user', 1, 'primary', '', 'id', 'initial'),
        ('orbia_user', 2, 'unique',  '', 'wallet_address', 'initial'),
        ('orbia_user', 3, 'unique',  '', 'email', 'initial'),
        ('orbia_kol', 1, 'primary', '', 'id', 'initial'),
        ('orbia_kol', 2, 'unique',  '', 'user_id', 'initial'),
        ('orbia_kol_order', 1, 'primary', '', 'id', 'initial'),
        ('orbia_kol_order', 2, 'unique',  '', 'order_id', 'initial'),
        ('orbia_kol_order', 3, 'index',   '', 'user_id', 'initial'),
        ('orbia_kol_order', 4, 'index',   '', 'kol_id', 'initial'),
        -- The back-fill looks through the orders that changed lately.
        ('orbia_kol_order', 5, 'index',   '', 'status,updated_at', 'required'),
        ('orbia_conversation', 1, 'primary', '', 'id', 'required'),
        ('orbia_conversation', 2, 'unique',  '', 'conversation_id', 'required'),
        -- An order has one conversation of a type, softly deleted ones included.
        ('orbia_conversation', 3, 'unique',  '', 'related_order_id,type', 'required'),
        ('orbia_conversation', 4, 'index',   '', 'deleted_at', 'required'),
        ('orbia_conversation_member', 1, 'primary', '', 'conversation_id,user_id', 'required'),
        ('orbia_conversation_member', 2, 'unique',  '', 'id', 'required'),
        -- This index stands before the ones below, since the foreign key to orbia_user binds to the first one on
        -- user_id. If it were bound to one that every send changes, each send would lock all the members' user rows.
        ('orbia_conversation_member', 3, 'index',   '', 'user_id', 'required'),
        -- This index has the list's order, and the count behind it: the list is read from the index alone.
        ('orbia_conversation_member', 4, 'index',   '', 'user_id,last_activity_at,conversation_id,unread_count', 'required'),
        ('orbia_conversation_member', 5, 'index',   '', 'user_id,conversation_type,last_activity_at', 'required'),
        -- Unread messages are summed up over the unread conversations alone, however many others there are.
        ('orbia_conversation_member', 6, 'index',   '', 'user_id,unread_count', 'required'),
        -- Messages are clustered as they are read: the newest page of a conversation lies together on disk.
        ('orbia_message', 1, 'primary', '', 'conversation_id,created_at,id', 'required'),
        ('orbia_message', 2, 'unique',  '', 'id', 'required'),
        ('orbia_message', 3, 'unique',  '', 'message_id', 'required'),
        ('orbia_message', 4, 'unique',  'client_message', 'conversation_id,sender_id,client_message_id', 'required'),
        ('orbia_message', 5, 'index',   '', 'sender_id', 'required'),
        ('orbia_conversation_change', 1, 'primary', '', 'conversation_id,user_id', 'required'),
        ('orbia_conversation_change', 2, 'index',   '', 'user_id,changed_at', 'required'),
        ('orbia_conversation_change', 3, 'index',   '', 'user_id,membership_at', 'required'),
        ('orbia_conversation_change', 4, 'index',   '', 'changed_at', 'required'),
        ('orbia_order_progress', 1, 'primary', '', 'id', 'required'),
        ('orbia_order_progress', 2, 'index',   '', 'kol_order_id', 'required'),
        ('orbia_conversation_feature', 1, 'primary', '', 'name', 'required')
    ),
    -- `since` is as in routine_layout: builds of an older version work without the trigger.
    trigger_layout (name, event, since) AS (
        VALUES ('orbia_conversation_on_order_update', 'AFTER UPDATE ON orbia_kol_order', 1),
               ('orbia_conversation_on_order_insert', 'AFTER INSERT ON orbia_kol_order', 1),
               ('orbia_conversation_member_copies', 'BEFORE INSERT ON orbia_conversation_member', 1),
               ('orbia_conversation_carry', 'AFTER UPDATE ON orbia_conversation', 1),
               ('orbia_conversation_member_joined', 'AFTER INSERT ON orbia_conversation_member', 3),
               ('orbia_conversation_member_left', 'AFTER DELETE ON orbia_conversation_member', 3),
               ('orbia_conversation_deleted', 'BEFORE DELETE ON orbia_conversation', 3)
    ),
    ", @orbia_routines, ",
    found_column AS (
        SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
    ),
    -- Each column of the layout beside the column that is found. `type` is that of the column that it follows.
    wanted_column AS (
        SELECT l.table_name, l.place, l.name, l.requirement, CONCAT(l.table_name, '.', l.name) AS full_name, l.rest, l.comment,
               IF(l.follows IS NULL, l.type,
                  COALESCE(MAX(IF(l.follows IS NULL, f.COLUMN_TYPE, NULL)) OVER following, l.type)) AS type,
               IF(l.follows IS NULL, NULL, MAX(IF(l.follows IS NULL, f.COLLATION_NAME, NULL)) OVER following) AS collation,
               IF(l.follows LIKE '%.id', SUBSTRING_INDEX(l.follows, '.', 1), NULL) AS foreign_table,
               COUNT(f.COLUMN_NAME) OVER (PARTITION BY l.table_name) = 0 AS has_no_table,
               l.type AS layout_type, f.DATA_TYPE AS found_base, f.COLUMN_TYPE AS found_type, f.CHARACTER_SET_NAME AS found_charset,
               f.COLLATION_NAME AS found_collation, f.CHARACTER_MAXIMUM_LENGTH AS found_length,
               f.IS_NULLABLE AS found_nullable, f.COLUMN_DEFAULT AS found_default, f.EXTRA AS found_extra,
               f.COLUMN_COMMENT AS found_comment
        FROM column_layout l LEFT JOIN found_column f ON f.TABLE_NAME = l.table_name AND f.COLUMN_NAME = l.name
        WINDOW following AS (PARTITION BY COALESCE(l.follows, CONCAT(l.table_name, '.', l.name)))
    ),
    found_key AS (
        SELECT TABLE_NAME AS table_name, INDEX_NAME AS name, COUNT(*) AS parts,
               CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'primary' WHEN NON_UNIQUE = 0 THEN 'unique' ELSE 'index' END AS kind,
               GROUP_CONCAT(COLUMN_NAME, IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')) ORDER BY SEQ_IN_INDEX) AS columns
        FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND INDEX_TYPE = 'BTREE'
        GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE
    )");


-- schema/03-findings.sql --------------------------------------------------------------------------

-- Compares the database with the layout, for the preflight, the migration and the report. Each part of the layout has a
-- row: kind, name, expected and found text (NULL: the part is missing; equal texts: it is as expected), `is_needed` (the
-- service cannot work without), `is_mendable` (this file can bring it to the layout), and the reason for the
-- requirement.
SET @orbia_findings = "
    number (n) AS (VALUES (1), (2), (3), (4), (5), (6), (7)),
    -- The wanted and the found kind of each column, and their widths.
    column_pair AS (
        SELECT w.*, IF(requirement IN ('own', 'exact'), type, layout_type) AS wanted_type,
               SUBSTRING_INDEX(SUBSTRING_INDEX(layout_type, '(', 1), ' ', 1) AS wanted_base,
               IF(layout_type LIKE 'varchar%',
                  CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(layout_type, '(', -1), ')', 1) AS UNSIGNED), NULL) AS wanted_length,
               CASE WHEN layout_type LIKE '%int(%' THEN 'number'
                    WHEN layout_type LIKE 'timestamp%' THEN 'time' ELSE 'text' END AS wanted_kind,
               CASE WHEN found_base IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') THEN 'number'
                    WHEN found_base IN ('timestamp', 'datetime') THEN 'time'
                    WHEN found_base IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum') THEN 'text'
                    ELSE COALESCE(found_base, 'nothing') END AS found_kind,
               MAX(IF(full_name = 'orbia_kol_order.order_id', found_length, NULL)) OVER () AS order_id_length
        FROM wanted_column w WHERE requirement <> 'unused'
    ),
    -- A column of the platform's may have another type as long as it holds the same values: `serves` says whether it
    -- does.
    judged_column AS (
        SELECT p.*, COALESCE(wanted_kind = found_kind AND CASE
                   WHEN wanted_kind = 'time' THEN found_base <> 'datetime' OR name = 'deleted_at'
                   -- A foreign key makes sure that the id fits.
                   WHEN requirement = 'read' OR foreign_table IS NOT NULL THEN TRUE
                   WHEN wanted_kind = 'number' THEN
                       FIELD(found_base, 'tinyint', 'smallint', 'mediumint', 'int', 'bigint')
                       >= FIELD(wanted_base, 'tinyint', 'smallint', 'mediumint', 'int', 'bigint')
                   WHEN found_base = 'enum' THEN wanted_base = 'enum' AND NOT EXISTS (
                       SELECT 1 FROM number
                       WHERE n <= 1 + LENGTH(layout_type) - LENGTH(REPLACE(layout_type, ',', ''))
                         AND LOCATE(SUBSTRING_INDEX(SUBSTRING_INDEX(
                                 SUBSTR(layout_type, 6, LENGTH(layout_type) - 6), ',', n), ',', -1), found_type) = 0)
                   WHEN wanted_base = 'enum' THEN found_length >= 10
                   ELSE (requirement = 'written' OR found_charset = 'utf8mb4')
                        AND (requirement = 'cut' OR found_length >= IF(wanted_base = 'text', 65535, wanted_length))
               END, FALSE) AS serves
        FROM column_pair p
    ),
    -- The properties of a column that are compared, each in a row of its own.
    aspect (kind, matter) AS (VALUES ('column', 'type'), ('default', 'default'), ('column', 'width')),
    column_finding AS (
        SELECT a.kind, full_name AS name,
               CASE WHEN a.matter = 'width' THEN 'as wide as orbia_kol_order.order_id'
                    WHEN a.matter = 'default' THEN COALESCE(NULLIF(TRIM(REPLACE(rest, 'not null', '')), ''), 'none')
                    WHEN requirement IN ('own', 'exact') THEN
                        CONCAT(REPLACE(wanted_type, ' collate ', ' '), IF(rest LIKE 'not null%', ' not null', ''))
                    WHEN wanted_kind = 'number' THEN
                        IF(requirement = 'read' OR foreign_table IS NOT NULL, 'a whole number', CONCAT(wanted_base, ' or wider'))
                    WHEN wanted_kind = 'time' THEN 'timestamp'
                    WHEN wanted_base = 'enum' AND requirement <> 'read' THEN CONCAT(layout_type, ' or more')
                    WHEN requirement = 'prose' THEN CONCAT(layout_type, ' utf8mb4 or wider')
                    WHEN requirement = 'written' THEN CONCAT(layout_type, ' or wider')
                    ELSE IF(requirement = 'cut', 'text utf8mb4', 'text') END AS expected,
               CASE WHEN a.matter = 'width' THEN found_type
                    WHEN a.matter = 'default' THEN COALESCE(NULLIF(TRIM(
                        CONCAT(IF(COALESCE(found_default, 'NULL') = 'NULL', '', CONCAT('default ', found_default)),
                               IF(found_extra = '', '', CONCAT(' ', found_extra)))), ''), 'none')
                    WHEN requirement IN ('own', 'exact') THEN
                        CONCAT(found_type, IF(wanted_type LIKE '% collate %', CONCAT(' ', found_collation), ''),
                               IF(found_nullable = 'NO', ' not null', ''))
                    ELSE CONCAT(found_type, IF(requirement IN ('prose', 'cut'), CONCAT(' ', COALESCE(found_charset, 'binary')), ''))
               END AS found,
               requirement NOT IN ('own', 'exact') AND a.matter = 'type' AND serves AS is_as_expected,
               CASE WHEN a.matter = 'width' THEN 0
                    -- A time that every UPDATE sets anew no longer says when something happened.
                    WHEN a.matter = 'default' THEN found_extra LIKE '%on update%'
                    -- Where the list of types differs, the only harm is that a conversation is not found by its type.
                    WHEN name = 'conversation_type' THEN NOT (found_kind = 'text' AND found_nullable = 'NO')
                    WHEN requirement IN ('own', 'exact') THEN 1
                    ELSE NOT (wanted_kind = 'time' AND found_kind = 'time') END AS is_needed,
               CASE WHEN a.matter <> 'type' THEN a.matter = 'default' AND requirement IN ('own', 'exact')
                    WHEN has_no_table THEN 1
                    WHEN found_type IS NULL THEN requirement = 'own'
                    WHEN requirement IN ('own', 'exact') THEN found_base = wanted_base OR (found_kind = 'text' AND wanted_kind = 'text')
                    ELSE 0 END AS is_mendable,
               CASE WHEN a.matter = 'width' THEN 'an order with a longer order_id gets no conversation'
                    WHEN a.matter = 'default' AND name = 'related_order_id'
                    THEN 'of the conversations of no order it lets in one of each type'
                    WHEN full_name = 'orbia_conversation.id' AND found_type IS NULL
                    THEN 'the layout of the platform in which conversation_id is the key of a conversation is another than this one'
                    WHEN found_base = 'datetime' AND requirement = 'exact' THEN 'a datetime does not say in which time zone its values are'
                    WHEN found_base = 'datetime' THEN 'a datetime is shown as if it were UTC'
                    WHEN requirement = 'prose' THEN 'a message may be as long, and hold every character' END AS why
        FROM judged_column JOIN aspect a
          ON a.matter = 'type'
             OR (a.matter = 'default' AND found_base IS NOT NULL
                 AND (requirement IN ('own', 'exact') OR full_name = 'orbia_conversation.related_order_id'))
             OR (a.matter = 'width' AND full_name = 'orbia_conversation.related_order_id' AND order_id_length > found_length)
    ),
    -- The members' foreign key to orbia_user is bound to the first key on user_id, in the table's order. No column of
    -- STATISTICS has that order, and no table of the server shows the binding: LIMIT 1 takes the first one that comes.
    first_on_user AS (
        SELECT INDEX_NAME FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND NON_UNIQUE = 1
          AND SEQ_IN_INDEX = 1 AND COLUMN_NAME = 'user_id'
        LIMIT 1
    ),
    found_table AS (
        SELECT TABLE_NAME AS name,
               LOWER(CONCAT(
                   -- These tables are only read, so the server may keep a history of them.
                   IF(TABLE_NAME IN ('orbia_user', 'orbia_kol') AND TABLE_TYPE = 'SYSTEM VERSIONED', 'BASE TABLE', TABLE_TYPE),
                   COALESCE(CONCAT(' ', ENGINE), ''), IF(CREATE_OPTIONS LIKE '%partitioned%', ' partitioned', ''))) AS definition
        FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
    ),
    finding (kind, name, expected, found, is_needed, is_mendable, why) AS (
        SELECT 'table', l.name, 'base table innodb', f.definition, 1, f.name IS NULL,
               'rows of it are locked, rolled back, and refer to each other'
        FROM table_layout l LEFT JOIN found_table f ON f.name = l.name
        UNION ALL
        SELECT kind, name, expected, IF(is_as_expected, expected, found), is_needed, is_mendable, why FROM column_finding
        UNION ALL
        SELECT 'default', CONCAT(f.TABLE_NAME, '.', f.COLUMN_NAME), 'a default', 'not null without one',
               w.requirement IS NULL OR w.requirement <> 'written', 0,
               IF(w.requirement = 'written', 'to add a member a plain INSERT of conversation, user and role is to be enough',
                  'nothing could be inserted (error 1364)')
        FROM found_column f LEFT JOIN column_layout w ON w.table_name = f.TABLE_NAME AND w.name = f.COLUMN_NAME
        WHERE f.TABLE_NAME IN ('orbia_conversation', 'orbia_conversation_member', 'orbia_message')
          AND f.IS_NULLABLE = 'NO' AND f.COLUMN_DEFAULT IS NULL AND f.EXTRA NOT LIKE '%auto_increment%' AND f.IS_GENERATED = 'NEVER'
          AND (COALESCE(w.requirement, 'unused') IN ('unused', 'read')
               OR (f.TABLE_NAME = 'orbia_conversation_member' AND f.COLUMN_NAME IN ('unread_count', 'joined_at')))
        UNION ALL
        SELECT 'index', CONCAT(l.table_name, ' (', l.columns, ')'), l.kind, MAX(f.kind), 1, 1, NULL
        FROM key_layout l
        LEFT JOIN found_key f ON f.table_name = l.table_name AND f.columns = l.columns AND f.kind = l.kind
        WHERE l.requirement = 'required' AND CONCAT(l.table_name, ' (', l.columns, ')') <> 'orbia_conversation_member (user_id)'
        GROUP BY l.table_name, l.columns, l.kind
        UNION ALL
        SELECT 'index', 'orbia_conversation_member (user_id)', 'first on user_id',
               IF(f.columns = 'user_id', 'first on user_id', CONCAT('behind (', f.columns, ')')), 1, 1, NULL
        FROM key_layout l
        LEFT JOIN found_key f ON f.table_name = l.table_name AND f.name = (SELECT INDEX_NAME FROM first_on_user)
        WHERE l.table_name = 'orbia_conversation_member' AND l.columns = 'user_id'
        UNION ALL
        SELECT 'trigger', l.name, l.event,
               CONCAT(f.ACTION_TIMING, ' ', f.EVENT_MANIPULATION, ' ON ', f.EVENT_OBJECT_TABLE), 1, 1, NULL
        FROM trigger_layout l
        LEFT JOIN information_schema.TRIGGERS f ON f.TRIGGER_SCHEMA = DATABASE() AND f.TRIGGER_NAME = l.name
        UNION ALL
        SELECT 'routine', l.name, CONCAT('orbia-conversation ', l.version), f.ROUTINE_COMMENT, 1, 1, NULL
        FROM routine_layout l
        LEFT JOIN information_schema.ROUTINES f ON f.ROUTINE_SCHEMA = DATABASE() AND f.ROUTINE_NAME = l.name
    )";


-- schema/04-preflight.sql -------------------------------------------------------------------------

-- The preflight: it ends this file before the first change where the database cannot be brought to the layout.

DELIMITER //

-- Ends the file with an error that names what it cannot bring to its layout. Up to here only this session was changed.
BEGIN NOT ATOMIC
    DECLARE v_first, v_message TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_version BIGINT UNSIGNED;

    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_preflight_fault (kind VARCHAR(16), name VARCHAR(255), expected TEXT, found TEXT, why TEXT)'
        ' ENGINE = Aria CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci AS WITH ', @orbia_layout, ', ', @orbia_findings,
        ' SELECT kind, name, expected, COALESCE(found, ''nothing'') AS found, why FROM finding'
        ' WHERE is_needed AND NOT is_mendable AND NOT (found <=> expected)');
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_wanted_key ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT * FROM key_layout');
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_found_key ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT * FROM found_key');

    IF DATABASE() IN ('mysql', 'information_schema', 'performance_schema', 'sys') THEN
        INSERT INTO orbia_preflight_fault VALUES ('database', DATABASE(), 'the platform''s', 'the server''s own', NULL);
    END IF;
    IF CAST(SUBSTRING_INDEX(VERSION(), '.', 1) AS UNSIGNED) * 1000
       + CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 2), '.', -1) AS UNSIGNED) < 10011 THEN
        INSERT INTO orbia_preflight_fault VALUES ('server', 'MariaDB', '10.11 or later', VERSION(), 'nothing older was tried');
    END IF;

    -- This file would put its older routines in the place of a newer schema's, and the service would stop.
    SELECT MAX(CAST(SUBSTRING_INDEX(ROUTINE_COMMENT, ' ', -1) AS UNSIGNED)) INTO v_version
    FROM information_schema.ROUTINES
    WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT REGEXP '^orbia-conversation [0-9]+$';
    IF v_version > @orbia_version THEN
        INSERT INTO orbia_preflight_fault
        VALUES ('version', 'schema.sql', CONCAT('version ', @orbia_version, ' or older'), CONCAT('version ', v_version),
                CONCAT('the database is newer than this file: use the schema.sql of version ', v_version));
    END IF;

    -- A missing unique key may be refused by doubled rows. They are not looked for where a key on some of its columns
    -- rules them out already.
    FOR new_key IN (
        SELECT w.table_name, w.columns, w.kind, CONCAT('`', REPLACE(w.columns, ',', '`, `'), '`') AS quoted
        FROM orbia_wanted_key w
        WHERE w.requirement = 'required' AND w.kind <> 'index' AND w.columns <> 'related_order_id,type'
          AND EXISTS (SELECT 1 FROM orbia_found_key f WHERE f.table_name = w.table_name)
          AND NOT EXISTS (SELECT 1 FROM orbia_found_key f
                          WHERE f.table_name = w.table_name AND f.kind <> 'index'
                            AND (f.columns = w.columns OR (f.parts = 1 AND FIND_IN_SET(f.columns, w.columns))))
          AND NOT EXISTS (SELECT 1 FROM orbia_preflight_fault o WHERE o.name LIKE CONCAT(w.table_name, '%'))
          AND (SELECT COUNT(*) FROM information_schema.COLUMNS c
               WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = w.table_name AND FIND_IN_SET(c.COLUMN_NAME, w.columns))
              = 1 + LENGTH(w.columns) - LENGTH(REPLACE(w.columns, ',', ''))
    ) DO
        EXECUTE IMMEDIATE CONCAT(
            'INSERT INTO orbia_preflight_fault SELECT ''index'', ?, ''no two rows with the same'', CONCAT(COUNT(*), '' values in several rows''), NULL'
            ' FROM (SELECT 1 FROM ', new_key.table_name, ' WHERE TRUE',
            IF(new_key.kind = 'unique', CONCAT(' AND ', REPLACE(new_key.quoted, ',', ' IS NOT NULL AND'), ' IS NOT NULL'), ''),
            ' GROUP BY ', new_key.quoted, ' HAVING COUNT(*) > 1) AS doubled HAVING COUNT(*) > 0')
        USING CONCAT(new_key.table_name, ' (', new_key.columns, ')');
    END FOR;

    -- A column of a primary key takes no NULL. For created_at the migration finds a value where there is none.
    FOR nullable IN (
        SELECT c.TABLE_NAME AS table_name, c.COLUMN_NAME AS name
        FROM information_schema.COLUMNS c JOIN orbia_wanted_key w
          ON w.table_name = c.TABLE_NAME AND w.kind = 'primary' AND w.requirement = 'required' AND FIND_IN_SET(c.COLUMN_NAME, w.columns)
        WHERE c.TABLE_SCHEMA = DATABASE() AND c.IS_NULLABLE = 'YES' AND c.COLUMN_NAME <> 'created_at'
          AND NOT EXISTS (SELECT 1 FROM orbia_preflight_fault o WHERE o.name LIKE CONCAT(w.table_name, '%'))
    ) DO
        EXECUTE IMMEDIATE CONCAT(
            'INSERT INTO orbia_preflight_fault SELECT ''column'', ?, ''a value in each row'', CONCAT(COUNT(*), '' rows with NULL''), NULL'
            ' FROM ', nullable.table_name, ' WHERE `', nullable.name, '` IS NULL HAVING COUNT(*) > 0')
        USING CONCAT(nullable.table_name, '.', nullable.name);
    END FOR;

    IF EXISTS (SELECT 1 FROM orbia_preflight_fault) THEN
        SELECT kind, name, found, expected, COALESCE(why, '') AS why FROM orbia_preflight_fault ORDER BY kind NOT IN ('version', 'server'), name, kind;
        SELECT CONCAT(name, ': ', found, ', expected ', expected) INTO v_first
        FROM orbia_preflight_fault ORDER BY kind NOT IN ('version', 'server'), name, kind LIMIT 1;
        SELECT LEFT(CONCAT('nothing was changed: ', COUNT(*), ' parts of this database are beyond what can be brought to the layout',
                           ' that is needed. See above; the first is ', v_first), 500) INTO v_message FROM orbia_preflight_fault;
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;
END //

DELIMITER ;


-- schema/05-tables.sql ----------------------------------------------------------------------------

-- The tables that are missing are made from the layout.

DELIMITER //

BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_wanted_column ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT w.table_name, w.place, w.name, w.full_name, w.foreign_table, t.place AS table_place,'
        -- A comment that the column has already stays.
        ' COALESCE(NULLIF(w.found_comment, ''''), w.comment) AS comment,'
        ' CONCAT(w.type, IF(w.collation IS NULL, '''', CONCAT('' collate '', w.collation)), '' '','
        ' IF(w.rest LIKE ''not null%'', '''', ''null ''), w.rest) AS definition'
        ' FROM wanted_column w JOIN table_layout t ON t.name = w.table_name');

    FOR missing_table IN (
        SELECT CONCAT(
            'CREATE TABLE ', c.table_name, ' (',
            GROUP_CONCAT('`', c.name, '` ', c.definition, IF(c.comment = '', '', CONCAT(' comment ', QUOTE(c.comment))) ORDER BY c.place SEPARATOR ', '),
            (SELECT GROUP_CONCAT(', ', IF(k.kind = 'index', 'key', CONCAT(k.kind, ' key')), ' ', k.name, ' (', k.columns, ')' ORDER BY k.place SEPARATOR '')
             FROM orbia_wanted_key k WHERE k.table_name = c.table_name),
            COALESCE(GROUP_CONCAT(', foreign key (', c.name, ') references ' , c.foreign_table, ' (id) on delete cascade' ORDER BY c.place SEPARATOR ''), ''),
            ') ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci') AS statement
        FROM orbia_wanted_column c
        WHERE NOT EXISTS (SELECT 1 FROM information_schema.TABLES t
                          WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = c.table_name)
        GROUP BY c.table_name, c.table_place
        ORDER BY c.table_place
    ) DO
        EXECUTE IMMEDIATE missing_table.statement;
    END FOR;
END //

DELIMITER ;


-- schema/06-migration.sql -------------------------------------------------------------------------

-- The migration: it brings existing tables to the layout, and keeps every row.

-- ALTER converts times through the session's time zone, and in a zone with summer time two of them would become one.
SET SESSION time_zone = '+00:00';
-- A routine that is replaced waits for the calls of it that run.
SET SESSION lock_wait_timeout = 20;

DELIMITER //

-- A message without a time gets one before created_at becomes NOT NULL, since the ALTER would give it the present
-- time. It gets that of its last change, else that of its neighbour in the conversation, else the present one. A
-- message that is inserted between this and the ALTER is new, and the present time is right for it.
BEGIN NOT ATOMIC
    DECLARE v_created_at TIMESTAMP(3);
    IF EXISTS (SELECT 1 FROM orbia_message WHERE created_at IS NULL) THEN
        UPDATE orbia_message SET created_at = updated_at, updated_at = updated_at
        WHERE created_at IS NULL AND updated_at IS NOT NULL;

        START TRANSACTION;
        FOR timeless IN (SELECT id, conversation_id FROM orbia_message WHERE created_at IS NULL ORDER BY id) DO
            SET v_created_at = COALESCE(
                (SELECT created_at FROM orbia_message
                 WHERE conversation_id = timeless.conversation_id AND id < timeless.id AND created_at IS NOT NULL
                 ORDER BY id DESC LIMIT 1),
                (SELECT created_at FROM orbia_message
                 WHERE conversation_id = timeless.conversation_id AND id > timeless.id AND created_at IS NOT NULL
                 ORDER BY id LIMIT 1),
                NOW(3));
            UPDATE orbia_message SET created_at = v_created_at, updated_at = updated_at
            WHERE id = timeless.id AND created_at IS NULL;
        END FOR;
        COMMIT;
    END IF;
END //

-- Adds the key that gives an order one conversation of a type, in a statement of its own, so that nothing else fails
-- with it. Where an order has two already, the rest of the file does without the key, and its end says what to decide.
BEGIN NOT ATOMIC
    DECLARE CONTINUE HANDLER FOR 1062 SET @orbia_has_order_key = FALSE;
    SET @orbia_has_order_key = EXISTS (
        SELECT 1 FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation' AND NON_UNIQUE = 0
        GROUP BY INDEX_NAME
        HAVING GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) = 'related_order_id,type'
    );
    IF NOT @orbia_has_order_key THEN
        SET @orbia_has_order_key = TRUE;
        SET @orbia_table = 'orbia_conversation',
            @orbia_statement = 'ALTER TABLE orbia_conversation ADD UNIQUE KEY (related_order_id, type)';
        EXECUTE IMMEDIATE @orbia_run;
    END IF;
END //

-- Adding the column in a statement of its own needs no rebuild of the table; together with its key it would.
BEGIN NOT ATOMIC
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message' AND COLUMN_NAME = 'client_message_id'
    ) AND (
        SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message' AND INDEX_NAME = 'PRIMARY'
    ) = 'conversation_id,created_at,id' THEN
        SET @orbia_table = 'orbia_message', @orbia_statement =
            'ALTER TABLE orbia_message
                 ADD COLUMN client_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL COMMENT ''idempotency key of the send'',
                 ALGORITHM = INSTANT';
        EXECUTE IMMEDIATE @orbia_run;
    END IF;
END //

-- Brings the other columns and keys to the layout, with one ALTER for each table, and so with one rebuild. Keys are
-- known by their columns, whatever their names. The tables that a send writes lose the keys that nothing here
-- reads: other ones of a single column, and doubled ones. Other keys of several columns, unique and full-text ones were
-- made by somebody for a reason, and stay.
BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_found_key ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT * FROM found_key');
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_changed_column ENGINE = Aria AS WITH ', @orbia_layout, ', ', @orbia_findings,
        ' SELECT DISTINCT p.full_name, p.found_type IS NULL AS is_missing'
        ' FROM finding f JOIN wanted_column p ON p.full_name = f.name'
        ' WHERE p.requirement IN (''own'', ''exact'') AND f.kind IN (''column'', ''default'') AND NOT (f.found <=> f.expected)');

    FOR each_table IN (
        WITH
        missing_key AS (
            SELECT w.* FROM orbia_wanted_key w
            WHERE w.requirement = 'required'
              AND NOT EXISTS (SELECT 1 FROM orbia_found_key f
                              WHERE f.table_name = w.table_name AND f.kind = w.kind AND f.columns = w.columns)
        ),
        surplus_key AS (
            SELECT f.* FROM orbia_found_key f
            WHERE f.kind <> 'primary'
              AND f.table_name IN ('orbia_conversation', 'orbia_conversation_member', 'orbia_message')
              AND CASE
                  WHEN EXISTS (SELECT 1 FROM orbia_wanted_key w
                               WHERE w.table_name = f.table_name AND w.kind = f.kind AND w.columns = f.columns)
                      THEN EXISTS (SELECT 1 FROM orbia_found_key double_of_it
                                   WHERE double_of_it.table_name = f.table_name AND double_of_it.kind = f.kind
                                     AND double_of_it.columns = f.columns AND double_of_it.name < f.name)
                  WHEN f.kind = 'index' AND f.columns = 'related_order_id'
                      THEN EXISTS (SELECT 1 FROM orbia_found_key k
                                   WHERE k.table_name = f.table_name AND k.kind = 'unique'
                                     AND k.columns = 'related_order_id,type')
                  ELSE (f.kind = 'index' AND f.parts = 1)
                       OR EXISTS (SELECT 1 FROM orbia_wanted_key w
                                  WHERE w.table_name = f.table_name AND w.columns = f.columns)
                       -- Version 1 of this file made this key.
                       OR (f.table_name = 'orbia_conversation_member' AND f.kind = 'index'
                           AND f.columns = 'user_id,last_activity_at')
              END
        ),
        needed (table_name, step, place, clause) AS (
            SELECT w.table_name, 1, w.place,
                   CONCAT(IF(c.is_missing, 'ADD COLUMN ', 'MODIFY '), w.name, ' ', w.definition,
                          IF(w.comment = '', '', CONCAT(' COMMENT ', QUOTE(w.comment))))
            FROM orbia_changed_column c JOIN orbia_wanted_column w ON w.full_name = c.full_name
            UNION ALL
            SELECT k.table_name, 2, 0, 'DROP PRIMARY KEY' FROM missing_key k
            WHERE k.kind = 'primary'
              AND EXISTS (SELECT 1 FROM orbia_found_key f WHERE f.table_name = k.table_name AND f.kind = 'primary')
            UNION ALL
            SELECT table_name, 3, 0, CONCAT('DROP KEY `', REPLACE(name, '`', '``'), '`') FROM surplus_key
            UNION ALL
            SELECT table_name, 4, place,
                   CONCAT('ADD ', IF(kind = 'index', 'KEY', CONCAT(UPPER(kind), ' KEY')), ' ', name, ' (', columns, ')')
            FROM missing_key
            -- This key was tried above. It is missing still where an order has two conversations.
            WHERE columns <> 'related_order_id,type'
        )
        SELECT table_name, CONCAT('ALTER TABLE ', table_name, ' ', GROUP_CONCAT(clause ORDER BY step, place, clause SEPARATOR ', ')) AS statement
        FROM needed
        -- Columns are added by a statement of their own, which takes no time; together with a key they cost a copy of the
        -- table.
        GROUP BY table_name, clause NOT LIKE 'ADD COLUMN %'
        ORDER BY table_name, clause NOT LIKE 'ADD COLUMN %'
    ) DO
        SET @orbia_table = each_table.table_name, @orbia_statement = each_table.statement;
        SELECT @orbia_statement AS running;
        EXECUTE IMMEDIATE @orbia_run;
    END FOR;
END //

-- The foreign key to orbia_user is bound to the first key on user_id (see the layout). Where a wider key stands before
-- the plain one, it is dropped and added behind it; ALGORITHM = COPY makes the table, and so the foreign key, anew.
BEGIN NOT ATOMIC
    DECLARE v_first VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    -- The rows come in the table's order; there is no column to ask for it with ORDER BY.
    SELECT INDEX_NAME INTO v_first FROM information_schema.STATISTICS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND NON_UNIQUE = 1
      AND SEQ_IN_INDEX = 1 AND COLUMN_NAME = 'user_id'
    LIMIT 1;
    IF (SELECT COUNT(*) FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND INDEX_NAME = v_first) > 1
    THEN
        FOR wider IN (
            SELECT CONCAT('ALTER TABLE orbia_conversation_member ',
                          GROUP_CONCAT('DROP KEY `', name, '`, ADD KEY `', name, '` (', definition, ')'),
                          ', ALGORITHM = COPY') AS statement
            FROM (
                SELECT REPLACE(INDEX_NAME, '`', '``') AS name, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS definition
                FROM information_schema.STATISTICS
                WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND NON_UNIQUE = 1
                GROUP BY INDEX_NAME
                HAVING definition LIKE 'user\_id,%'
            ) AS behind_user_id
        ) DO
            SET @orbia_table = 'orbia_conversation_member', @orbia_statement = wider.statement;
            SELECT @orbia_statement AS running;
            EXECUTE IMMEDIATE @orbia_run;
        END FOR;
    END IF;
END //

DELIMITER ;


-- schema/07-definer.sql ---------------------------------------------------------------------------

-- Makes the account that owns the triggers and routines. It is locked, and no operator has a reason to drop it:
-- without its definer every insert of an order would fail (error 1449). Its rights are granted for the tables of this
-- database here, and for its routines at the end of this file.
CREATE USER IF NOT EXISTS 'orbia_conversation_definer'@'localhost' ACCOUNT LOCK;

DELIMITER //

BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_definer_right ENGINE = Aria AS WITH ', @orbia_routines,
        ' SELECT * FROM definer_right');
    FOR each_table IN (
        SELECT CONCAT('GRANT ', GROUP_CONCAT(privilege), ' ON ', table_name,
                      ' TO ''orbia_conversation_definer''@''localhost''') AS statement
        FROM orbia_definer_right
        GROUP BY table_name
    ) DO
        EXECUTE IMMEDIATE each_table.statement;
    END FOR;
END //

DELIMITER ;


-- schema/08-schema-report.sql ---------------------------------------------------------------------

-- The routines that report the state of the schema to builds of this version and of older ones.

DELIMITER //

-- Reports to `check` and to the readiness of a build of version p_build, since the service's account cannot see
-- triggers and routines by itself. The answer has a row for each part of the layout (@orbia_findings has its columns),
-- and each row has the schema's version and the oldest version whose builds it serves. Name, parameter and columns stay
-- as they are in all later versions: an older build asks a newer schema with them, and a newer build an older schema.
BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT("
        CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_schema_state(IN p_build INT)
            READS SQL DATA
            SQL SECURITY DEFINER
            COMMENT 'orbia-conversation 3'
        BEGIN
            -- A short limit of the caller's session would cut the list of a key's columns.
            SET SESSION group_concat_max_len = GREATEST(@@SESSION.group_concat_max_len, 65536);
            WITH ", @orbia_layout, ", ", @orbia_findings, "
            SELECT kind, name,
                   -- While this file runs, routines of the build's own version are still there, and will do.
                   IF(p_build < ", @orbia_version, " AND kind = 'routine' AND found REGEXP '^orbia-conversation [0-9]+$'
                      AND SUBSTRING_INDEX(found, ' ', -1) >= p_build, found, expected) AS expected,
                   found, is_needed, is_mendable, why,
                   ", @orbia_version, " AS version, ", @orbia_serves_from, " AS serves_from
            FROM finding
            -- Builds of version 2 take each difference for a fault, so they get those alone that are one.
            WHERE (p_build > 2 OR is_needed OR found <=> expected)
              -- An older build does not need a routine or trigger that it does not know, and that may not be made yet.
              AND NOT (kind = 'routine' AND name IN (SELECT l.name FROM routine_layout l WHERE l.since > p_build))
              AND NOT (kind = 'trigger' AND name IN (SELECT l.name FROM trigger_layout l WHERE l.since > p_build));
        END");
    -- The right is granted at once, since builds of version 2 ask while this file runs, and their report calls this
    -- one.
    EXECUTE IMMEDIATE 'GRANT EXECUTE ON PROCEDURE orbia_schema_state TO ''orbia_conversation_definer''@''localhost''';
END //

-- Answers builds of version 2, which read the first four columns.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_schema_report()
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 2'
BEGIN
    CALL orbia_schema_state(2);
END //

-- A call of version 2's own report may still be running. It gets time to end before the first routine is replaced by
-- one that it does not expect.
BEGIN NOT ATOMIC
    IF EXISTS (SELECT 1 FROM information_schema.ROUTINES
               WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT = 'orbia-conversation 2'
                 AND ROUTINE_NAME <> 'orbia_schema_report') THEN
        DO SLEEP(0.5);
    END IF;
END //

DELIMITER ;


-- schema/09-making-triggers.sql -------------------------------------------------------------------

DELIMITER //

-- What makes a trigger's statement write to rows that are newer than the transaction's view, where the server's
-- innodb_snapshot_isolation would refuse that, and with it the platform's own statement. It is put in here and not by a
-- comment with the server's version: the server keeps such a comment as it has read it, and the texts would differ.
SET @orbia_without_snapshots = IF(EXISTS (
    SELECT 1 FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME = 'INNODB_SNAPSHOT_ISOLATION'),
    'SET STATEMENT innodb_snapshot_isolation = 0 FOR', '') //

-- How the triggers are made: only where they are missing or otherwise. Making one locks its table, so that reads of it fail
-- for that moment, and a further run of this file is to be noticed by nobody.
SET @orbia_make_trigger = "
BEGIN NOT ATOMIC
    SET @orbia_body = REPLACE(@orbia_body, '/* without snapshot isolation */', @orbia_without_snapshots);
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE() AND BINARY TRIGGER_NAME = BINARY @orbia_trigger
          AND BINARY EVENT_OBJECT_TABLE = BINARY @orbia_table
          AND BINARY CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION) = BINARY @orbia_event
          AND BINARY ACTION_STATEMENT = BINARY @orbia_body
          AND DEFINER = 'orbia_conversation_definer@localhost' AND SQL_MODE = @@SESSION.sql_mode
          AND CHARACTER_SET_CLIENT = @@SESSION.character_set_client
          AND COLLATION_CONNECTION = @@SESSION.collation_connection
          AND DATABASE_COLLATION = @@SESSION.collation_database
    ) THEN
        SET @orbia_statement = CONCAT(
            'CREATE OR REPLACE DEFINER = ''orbia_conversation_definer''@''localhost'' TRIGGER ', @orbia_trigger, ' ',
            @orbia_event, ' ON ', @orbia_table, ' FOR EACH ROW ', @orbia_body);
        EXECUTE IMMEDIATE @orbia_run;
    END IF;
END" //

DELIMITER ;


-- schema/09-writing.sql ---------------------------------------------------------------------------

-- The routines that write: each request of send_message, recall_message and mark_read is one call.

DELIMITER //

-- Sends one message, and answers with one row. `outcome` is 'sent', or the reason why nothing was sent: 'unknown_user',
-- 'user_not_normal', 'no_conversation', 'not_a_member', 'duplicate', 'other_content', 'conversation_closed',
-- 'no_quoted_message' or 'end_of_time', in the order in which the API checks. The conversation is named by p_conversation or, where that is
-- NULL, by p_conversation_code (CONV_…). created_at is in milliseconds since 1970.
--
-- p_client_message_id is the idempotency key: the sender has at most one message with it in a conversation. Where there
-- is one already, nothing is written. The outcome is 'duplicate', with that message's id, time and status, where its
-- content and the message that it quotes are the same as this one's, else 'other_content'. is_recalled tells that the
-- message was recalled since.
--
-- p_reply_to is the message_id of a message of the conversation that this one quotes, or NULL. Where that is not there, or
-- was deleted, or is a system message, the outcome is 'no_quoted_message', before anything is written. `quote` has what
-- an answer shows of it, as JSON.
--
-- p_answers_version_2: the answer is that of version 2, without the last three columns. A build that has prepared a CALL
-- reads as many columns as it found then.
--
-- The order of the statements follows from rules of MariaDB's:
--   * The first read locks the conversation's row. That makes the sends of a conversation one queue, and the order of
--     created_at the order of the commits. Any other first lock deadlocks.
--   * NOW(3) is taken after that lock, in a statement of its own. Within the SELECT … FOR UPDATE it would be the time
--     before the wait.
--   * ROLLBACK is the first statement, and stands in the handler: an error can leave a routine's transaction open, and
--     the next START TRANSACTION would commit that half.
--   * The platform's columns may be wider than in the layout, of another collation, or NULL. A variable that takes a
--     column's value has the column's type, or one that holds any. A column is compared with a parameter BINARY or in
--     ASCII, which mixes with each collation and keeps to the column's index.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_post_message(
    IN p_user BIGINT,
    IN p_conversation BIGINT,
    IN p_conversation_code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_message_type VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_content TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_file_name VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_file_size BIGINT,
    IN p_file_type VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_client_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
    IN p_reply_to VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
    IN p_answers_version_2 BOOLEAN
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_outcome VARCHAR(32) DEFAULT 'sent';
    DECLARE v_user, v_conversation, v_member, v_quoted BIGINT UNSIGNED;
    -- A value of an ENUM has 255 characters at the most.
    DECLARE v_conversation_status, v_user_status VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_nickname TYPE OF orbia_user.nickname;
    DECLARE v_avatar_url TYPE OF orbia_user.avatar_url;
    DECLARE v_newest, v_created_at TIMESTAMP(3);
    DECLARE v_milliseconds BIGINT;
    DECLARE v_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_status VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT 'sent';
    DECLARE v_is_same BOOLEAN;
    DECLARE v_is_recalled BOOLEAN DEFAULT FALSE;
    DECLARE v_quote TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        ROLLBACK;
        SET @orbia_carried = NULL;
        RESIGNAL;
    END;

    ROLLBACK;
    START TRANSACTION;

    IF p_conversation IS NOT NULL THEN
        SELECT id, status INTO v_conversation, v_conversation_status
        FROM orbia_conversation WHERE id = p_conversation AND deleted_at IS NULL FOR UPDATE;
    ELSE
        SELECT id, status INTO v_conversation, v_conversation_status
        FROM orbia_conversation
        WHERE conversation_id = CONVERT(p_conversation_code USING ascii) AND deleted_at IS NULL FOR UPDATE;
    END IF;

    SELECT u.id, u.status, u.nickname, u.avatar_url, m.user_id
    INTO v_user, v_user_status, v_nickname, v_avatar_url, v_member
    FROM orbia_user u
    LEFT JOIN orbia_conversation_member m ON m.conversation_id = v_conversation AND m.user_id = u.id
    WHERE u.id = p_user;

    IF v_user IS NULL THEN
        SET v_outcome = 'unknown_user';
    ELSEIF NOT (v_user_status <=> 'normal') THEN
        SET v_outcome = 'user_not_normal';
    ELSEIF v_conversation IS NULL THEN
        SET v_outcome = 'no_conversation';
    ELSEIF v_member IS NULL THEN
        SET v_outcome = 'not_a_member';
    ELSE
        -- Under the conversation's lock nobody else can insert the message after this read.
        SELECT message_id, UNIX_TIMESTAMP(created_at) * 1000, status,
               BINARY message_type = BINARY p_message_type AND BINARY content = BINARY p_content
               AND BINARY file_name <=> BINARY p_file_name AND file_size <=> p_file_size
               AND BINARY file_type <=> BINARY p_file_type,
               recalled_at IS NOT NULL, reply_to
        INTO v_message_id, v_milliseconds, v_status, v_is_same, v_is_recalled, v_quoted
        FROM orbia_message
        WHERE conversation_id = v_conversation AND sender_id = p_user AND client_message_id = p_client_message_id;

        IF v_message_id IS NOT NULL THEN
            IF v_is_same AND (v_quoted IS NOT NULL OR p_reply_to IS NOT NULL) THEN
                SET v_is_same = BINARY (SELECT message_id FROM orbia_message WHERE id = v_quoted) <=> BINARY p_reply_to;
            END IF;
            SET v_outcome = IF(v_is_same, 'duplicate', 'other_content');
        ELSEIF v_conversation_status = 'closed' THEN
            SET v_outcome = 'conversation_closed';
        ELSE
            SELECT MAX(created_at) INTO v_newest FROM orbia_message WHERE conversation_id = v_conversation;
            -- UNIX_TIMESTAMP gives NULL for a time that a TIMESTAMP of this server cannot hold.
            SET v_milliseconds = UNIX_TIMESTAMP(GREATEST(NOW(3), COALESCE(v_newest + INTERVAL 1000 MICROSECOND, NOW(3)))) * 1000;
            IF v_milliseconds IS NULL THEN
                SET v_outcome = 'end_of_time';
            END IF;
            IF p_reply_to IS NOT NULL THEN
                SELECT id INTO v_quoted
                FROM orbia_message
                WHERE message_id = CONVERT(p_reply_to USING ascii) AND BINARY message_id = BINARY p_reply_to
                  AND conversation_id = v_conversation AND deleted_at IS NULL AND NOT (message_type <=> 'system');
                IF v_quoted IS NULL THEN
                    SET v_outcome = 'no_quoted_message';
                END IF;
            END IF;
        END IF;

        IF v_outcome = 'sent' THEN
            SET v_created_at = FROM_UNIXTIME(v_milliseconds * 0.001);
            SET v_message_id = CONCAT('MSG_', v_milliseconds, '_', v_conversation);

            INSERT INTO orbia_message
                (message_id, conversation_id, sender_id, message_type, content, file_name, file_size, file_type,
                 status, created_at, client_message_id, reply_to)
            VALUES
                (v_message_id, v_conversation, p_user, p_message_type, p_content, p_file_name, p_file_size, p_file_type,
                 v_status, v_created_at, p_client_message_id, v_quoted);

            -- The members are updated before the conversation, whose trigger is told that it has nothing to carry: to
            -- find that out by itself takes it a tenth of a send.
            UPDATE orbia_conversation_member
            SET unread_count = COALESCE(unread_count, 0) + (user_id <> p_user), last_activity_at = v_created_at
            WHERE conversation_id = v_conversation;

            SET @orbia_carried = v_conversation;
            IF v_quoted IS NULL THEN
                UPDATE orbia_conversation SET last_message_at = v_created_at WHERE id = v_conversation;
            ELSE
                UPDATE orbia_conversation SET last_message_at = v_created_at, has_quotes = TRUE WHERE id = v_conversation;
            END IF;
            SET @orbia_carried = NULL;
        END IF;
        IF v_quoted IS NOT NULL THEN
            -- MessageSQL.quote of the program is the same.
            SELECT IF(q.deleted_at IS NULL,
                JSON_OBJECT('message_id', q.message_id, 'sender_id', q.sender_id,
                            'sender_nickname', COALESCE(NULLIF(u.nickname, ''), CONCAT('用户', q.sender_id)),
                            'message_type', COALESCE(q.message_type, 'text'),
                            'content', LEFT(COALESCE(q.content, ''), 200), 'file_name', q.file_name),
                JSON_OBJECT('message_id', q.message_id, 'sender_id', q.sender_id,
                            'sender_nickname', COALESCE(NULLIF(u.nickname, ''), CONCAT('用户', q.sender_id)),
                            'message_type', COALESCE(q.message_type, 'text'), 'recalled', TRUE))
            INTO v_quote
            FROM orbia_message q LEFT JOIN orbia_user u ON u.id = q.sender_id
            WHERE q.id = v_quoted;
        END IF;
    END IF;

    COMMIT;

    IF p_answers_version_2 THEN
        SELECT v_outcome AS outcome, v_message_id AS message_id, v_milliseconds AS created_at,
               v_nickname AS sender_nickname, v_avatar_url AS sender_avatar_url, v_status AS status;
    ELSE
        SELECT v_outcome AS outcome, v_message_id AS message_id, v_milliseconds AS created_at,
               v_nickname AS sender_nickname, v_avatar_url AS sender_avatar_url, v_status AS status,
               v_is_recalled AS is_recalled, v_quote AS quote, CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS SIGNED) AS present;
    END IF;
END //

-- The right is granted at once: builds of version 2 send while this file runs.
GRANT EXECUTE ON PROCEDURE orbia_post_message TO 'orbia_conversation_definer'@'localhost' //

-- As builds of version 2 send a message, without a quote.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_send_message(
    IN p_user BIGINT,
    IN p_conversation BIGINT,
    IN p_conversation_code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_message_type VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_content TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_file_name VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_file_size BIGINT,
    IN p_file_type VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_client_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
CALL orbia_post_message(p_user, p_conversation, p_conversation_code, p_message_type, p_content, p_file_name, p_file_size,
                        p_file_type, p_client_message_id, NULL, TRUE) //

-- Stores a message of type system in the caller's transaction, which has locked the conversation's row before. It comes
-- after the newest message, moves the conversation in the lists, and is nobody's unread message. p_event is a JSON object
-- that clients go by, and p_key its client_message_id, once for each sender and conversation. p_milliseconds becomes its
-- created_at; NULL: the conversation is at the end of time, and nothing was stored.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_post_system_message(
    IN p_conversation BIGINT,
    IN p_sender BIGINT,
    IN p_content TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_event VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
    OUT p_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    OUT p_milliseconds BIGINT
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_newest, v_created_at TIMESTAMP(3);
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        SET @orbia_carried = NULL;
        RESIGNAL;
    END;
    SELECT MAX(created_at) INTO v_newest FROM orbia_message WHERE conversation_id = p_conversation;
    -- SYSDATE, since NOW is the time at which a trigger's outer statement began.
    SET p_milliseconds = UNIX_TIMESTAMP(GREATEST(SYSDATE(3), COALESCE(v_newest + INTERVAL 1000 MICROSECOND, SYSDATE(3)))) * 1000;
    IF p_milliseconds IS NOT NULL THEN
        SET v_created_at = FROM_UNIXTIME(p_milliseconds * 0.001),
            p_message_id = CONCAT('MSG_', p_milliseconds, '_', p_conversation);
        INSERT INTO orbia_message
            (message_id, conversation_id, sender_id, message_type, content, status, created_at, client_message_id, event)
        VALUES
            (p_message_id, p_conversation, p_sender, 'system', p_content, 'sent', v_created_at, p_key, p_event);
        UPDATE orbia_conversation_member SET last_activity_at = v_created_at WHERE conversation_id = p_conversation;
        SET @orbia_carried = p_conversation;
        UPDATE orbia_conversation SET last_message_at = v_created_at WHERE id = p_conversation;
        SET @orbia_carried = NULL;
    END IF;
END //

GRANT EXECUTE ON PROCEDURE orbia_post_system_message TO 'orbia_conversation_definer'@'localhost' //

-- Recalls a message of the caller's: it is softly deleted, the unread counts that hold it go down, and a system message
-- says so. The answer is one row: `outcome` is 'recalled', also where it was recalled before, with the system message; or a
-- reason as in orbia_post_message, or 'unknown_message', 'not_the_sender' or 'recall_too_late'. A text can be recalled for
-- p_text_time milliseconds, a message of another type for p_file_time. Locks and checks are those of orbia_post_message.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_recall_message(
    IN p_user BIGINT,
    IN p_conversation BIGINT,
    IN p_conversation_code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin,
    IN p_text_time BIGINT,
    IN p_file_time BIGINT
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_outcome VARCHAR(32) DEFAULT 'recalled';
    DECLARE v_user, v_conversation, v_member, v_message, v_sender BIGINT UNSIGNED;
    DECLARE v_conversation_status, v_user_status, v_type VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_nickname TYPE OF orbia_user.nickname;
    DECLARE v_avatar_url TYPE OF orbia_user.avatar_url;
    DECLARE v_created_at TIMESTAMP(3);
    DECLARE v_is_deleted, v_is_recalled BOOLEAN;
    DECLARE v_milliseconds BIGINT;
    DECLARE v_message_id, v_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_content TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_event VARCHAR(1024) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        ROLLBACK;
        RESIGNAL;
    END;

    ROLLBACK;
    START TRANSACTION;

    IF p_conversation IS NOT NULL THEN
        SELECT id, status INTO v_conversation, v_conversation_status
        FROM orbia_conversation WHERE id = p_conversation AND deleted_at IS NULL FOR UPDATE;
    ELSE
        SELECT id, status INTO v_conversation, v_conversation_status
        FROM orbia_conversation
        WHERE conversation_id = CONVERT(p_conversation_code USING ascii) AND deleted_at IS NULL FOR UPDATE;
    END IF;

    SELECT u.id, u.status, u.nickname, u.avatar_url, m.user_id
    INTO v_user, v_user_status, v_nickname, v_avatar_url, v_member
    FROM orbia_user u
    LEFT JOIN orbia_conversation_member m ON m.conversation_id = v_conversation AND m.user_id = u.id
    WHERE u.id = p_user;

    SELECT id, sender_id, message_type, created_at, deleted_at IS NOT NULL, recalled_at IS NOT NULL
    INTO v_message, v_sender, v_type, v_created_at, v_is_deleted, v_is_recalled
    FROM orbia_message
    WHERE message_id = CONVERT(p_message_id USING ascii) AND BINARY message_id = BINARY p_message_id
      AND conversation_id = v_conversation;
    SET v_key = CONCAT('server:recall:', v_message);

    IF v_user IS NULL THEN
        SET v_outcome = 'unknown_user';
    ELSEIF NOT (v_user_status <=> 'normal') THEN
        SET v_outcome = 'user_not_normal';
    ELSEIF v_conversation IS NULL THEN
        SET v_outcome = 'no_conversation';
    ELSEIF v_member IS NULL THEN
        SET v_outcome = 'not_a_member';
    ELSEIF v_message IS NULL OR (v_is_deleted AND NOT v_is_recalled) THEN
        SET v_outcome = 'unknown_message';
    ELSEIF v_sender <> p_user OR v_type <=> 'system' THEN
        SET v_outcome = 'not_the_sender';
    ELSEIF v_is_recalled THEN
        SELECT message_id, CAST(UNIX_TIMESTAMP(created_at) * 1000 AS SIGNED), content, event
        INTO v_message_id, v_milliseconds, v_content, v_event
        FROM orbia_message
        WHERE conversation_id = v_conversation AND sender_id = p_user AND client_message_id = v_key;
        IF v_message_id IS NULL THEN
            SET v_outcome = 'unknown_message';
        END IF;
    ELSEIF v_conversation_status = 'closed' THEN
        SET v_outcome = 'conversation_closed';
    ELSEIF UNIX_TIMESTAMP(NOW(3)) > UNIX_TIMESTAMP(v_created_at) + IF(COALESCE(v_type, 'text') = 'text', p_text_time, p_file_time) * 0.001 THEN
        SET v_outcome = 'recall_too_late';
    ELSE
        -- Those who joined within the second of the message are known by the note of their joining alone.
        UPDATE orbia_conversation_member
        SET unread_count = unread_count - 1
        WHERE conversation_id = v_conversation AND user_id <> p_user AND unread_count > 0
          AND COALESCE(last_read_at < v_created_at, TRUE) AND COALESCE(joined_at <= v_created_at, TRUE)
          AND NOT EXISTS (
              SELECT 1 FROM orbia_conversation_change g
              WHERE g.conversation_id = v_conversation AND g.user_id = orbia_conversation_member.user_id
                AND g.membership_at > v_created_at AND g.membership_at < orbia_conversation_member.joined_at + INTERVAL 1 SECOND);
        SET v_content = CONCAT(COALESCE(NULLIF(v_nickname, ''), CONCAT('用户', p_user)), ' 撤回了一条消息'),
            v_event = JSON_OBJECT('type', 'recall', 'message_id', p_message_id);
        CALL orbia_post_system_message(v_conversation, p_user, v_content, v_event, v_key, v_message_id, v_milliseconds);
        IF v_milliseconds IS NULL THEN
            SET v_outcome = 'end_of_time';
            ROLLBACK;
        ELSE
            UPDATE orbia_message SET deleted_at = NOW(), recalled_at = NOW(3)
            WHERE conversation_id = v_conversation AND created_at = v_created_at AND id = v_message;
        END IF;
    END IF;

    COMMIT;

    SELECT v_outcome AS outcome, v_message_id AS message_id, v_milliseconds AS created_at,
           v_nickname AS sender_nickname, v_avatar_url AS sender_avatar_url, v_content AS content, v_event AS event;
END //

-- Marks the messages up to p_read_up_to (milliseconds since 1970; NULL: all) as read for the caller, and moves
-- last_read_at forward, never back. Later messages of others that were unread stay so. The answer is one row: `outcome`
-- ('read', or a reason as in orbia_send_message) and the number of unread messages. Locks and checks are those of
-- orbia_send_message, for the same reasons; both spell them out, since a shared routine made a send 4% slower.
--
-- A read is a change for all members (orbia_conversation_change) where it lowers unread_count or passes over a message
-- of others. Any other is none: two clients that mark what they are told of would tell each other for ever.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_mark_read(
    IN p_user BIGINT,
    IN p_conversation BIGINT,
    IN p_conversation_code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_read_up_to BIGINT
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_outcome VARCHAR(32) DEFAULT 'read';
    DECLARE v_user, v_conversation, v_member BIGINT UNSIGNED;
    DECLARE v_unread, v_unread_before BIGINT DEFAULT 0;
    DECLARE v_user_status VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_last_message_at, v_last_read_at, v_read_up_to TIMESTAMP(3);
    DECLARE v_is_change BOOLEAN;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        ROLLBACK;
        RESIGNAL;
    END;

    ROLLBACK;
    START TRANSACTION;

    IF p_conversation IS NOT NULL THEN
        SELECT id, last_message_at INTO v_conversation, v_last_message_at
        FROM orbia_conversation WHERE id = p_conversation AND deleted_at IS NULL FOR UPDATE;
    ELSE
        SELECT id, last_message_at INTO v_conversation, v_last_message_at
        FROM orbia_conversation
        WHERE conversation_id = CONVERT(p_conversation_code USING ascii) AND deleted_at IS NULL FOR UPDATE;
    END IF;

    SELECT u.id, u.status, m.user_id, COALESCE(m.unread_count, 0), m.last_read_at
    INTO v_user, v_user_status, v_member, v_unread_before, v_last_read_at
    FROM orbia_user u
    LEFT JOIN orbia_conversation_member m ON m.conversation_id = v_conversation AND m.user_id = u.id
    WHERE u.id = p_user;

    IF v_user IS NULL THEN
        SET v_outcome = 'unknown_user';
    ELSEIF NOT (v_user_status <=> 'normal') THEN
        SET v_outcome = 'user_not_normal';
    ELSEIF v_conversation IS NULL THEN
        SET v_outcome = 'no_conversation';
    ELSEIF v_member IS NULL THEN
        SET v_outcome = 'not_a_member';
    ELSE
        -- The newest message can be ahead of the clock, by the milliseconds that kept its time unique.
        SET v_read_up_to = GREATEST(NOW(3), COALESCE(v_last_message_at, NOW(3)));
        IF p_read_up_to IS NULL THEN
            SET v_unread = 0;
        ELSE
            -- A time in the future counts as the present one, so it is never too late for a TIMESTAMP. The earliest
            -- TIMESTAMP is the first second of 1970.
            IF p_read_up_to < UNIX_TIMESTAMP(v_read_up_to) * 1000 THEN
                SET v_read_up_to = FROM_UNIXTIME(GREATEST(p_read_up_to, 1000) * 0.001);
            END IF;
            SELECT COUNT(*) INTO v_unread
            FROM (SELECT 1 FROM orbia_message FORCE INDEX (PRIMARY)
                  WHERE conversation_id = v_conversation AND created_at > v_read_up_to
                    AND sender_id <> p_user AND deleted_at IS NULL AND NOT (message_type <=> 'system')
                  LIMIT v_unread_before) newer;
        END IF;
        UPDATE orbia_conversation_member
        SET unread_count = v_unread, last_read_at = GREATEST(COALESCE(last_read_at, v_read_up_to), v_read_up_to)
        WHERE conversation_id = v_conversation AND user_id = p_user;

        SET v_is_change = v_unread < v_unread_before;
        -- The newest message of all costs a third of a look for one of others, and mostly there is none to pass over.
        IF NOT v_is_change AND (SELECT MAX(created_at) FROM orbia_message WHERE conversation_id = v_conversation)
                > COALESCE(v_last_read_at, FROM_UNIXTIME(1)) THEN
            -- Without a row the variable stays as it is. Without the hint the optimizer weighs the other indexes, which
            -- takes as long as the read.
            SELECT TRUE INTO v_is_change FROM orbia_message FORCE INDEX (PRIMARY)
            WHERE conversation_id = v_conversation AND created_at > COALESCE(v_last_read_at, FROM_UNIXTIME(1))
              AND created_at <= v_read_up_to AND sender_id <> p_user AND deleted_at IS NULL
            LIMIT 1;
        END IF;
        IF v_is_change THEN
            -- The new time differs from the old one, as in orbia_note_change.
            INSERT INTO orbia_conversation_change (conversation_id, user_id, changed_at)
            SELECT conversation_id, user_id, SYSDATE(3) FROM orbia_conversation_member WHERE conversation_id = v_conversation
            ON DUPLICATE KEY UPDATE changed_at = IF(
                orbia_conversation_change.changed_at BETWEEN VALUES(changed_at) AND VALUES(changed_at) + INTERVAL 2 SECOND,
                orbia_conversation_change.changed_at + INTERVAL 1000 MICROSECOND, VALUES(changed_at));
        END IF;
    END IF;

    COMMIT;

    SELECT v_outcome AS outcome, v_unread AS unread_count;
END //

DELIMITER ;


-- schema/10-order-conversations.sql ---------------------------------------------------------------

-- The conversation of a confirmed order: triggers open it, or the back-fill where they could not.

DELIMITER //

-- Where an order has two conversations already, the unique key is still missing that would refuse a third one. Until
-- it is there, this trigger refuses it, since the platform's own code tries to insert one for each order.
BEGIN NOT ATOMIC
    DECLARE v_has_trigger BOOLEAN;
    SET v_has_trigger = EXISTS (
        SELECT 1 FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME = 'orbia_conversation_once'
    );
    SET @orbia_trigger = 'orbia_conversation_once', @orbia_event = 'BEFORE INSERT', @orbia_table = 'orbia_conversation', @orbia_body = "BEGIN
    IF EXISTS (SELECT 1 FROM orbia_conversation WHERE related_order_id = NEW.related_order_id AND type = NEW.type) THEN
        SIGNAL SQLSTATE '23000' SET MYSQL_ERRNO = 1062, MESSAGE_TEXT = 'the order has a conversation';
    END IF;
END";
    IF @orbia_has_order_key AND v_has_trigger THEN
        SET @orbia_statement = 'DROP TRIGGER orbia_conversation_once';
        EXECUTE IMMEDIATE @orbia_run;
    ELSEIF NOT @orbia_has_order_key THEN
        EXECUTE IMMEDIATE @orbia_make_trigger;
    END IF;
END //

-- Opens the conversation of one order, in the caller's transaction. p_outcome becomes 'opened', 'exists' (also where it
-- was softly deleted), or 'failed' with the reason in p_error. A failure leaves nothing half made behind, and the
-- caller gets no error that a handler can catch. The parameters hold any value of the platform's columns; a value that
-- does not fit into a column of the conversation is cut on purpose or refused.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_open_order_conversation(
    IN p_order BIGINT UNSIGNED,
    IN p_order_id LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_title LONGTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_user BIGINT UNSIGNED,
    IN p_kol BIGINT UNSIGNED,
    OUT p_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    OUT p_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_conversation, v_kol_user BIGINT UNSIGNED;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
        GET DIAGNOSTICS CONDITION 1 p_error = MESSAGE_TEXT;
        SET p_outcome = 'failed';
        -- A trigger cannot roll back to a savepoint, so the conversation is deleted by hand.
        IF v_conversation IS NOT NULL THEN
            DELETE FROM orbia_conversation WHERE id = v_conversation;
        END IF;
    END;

    SET p_outcome = 'exists', p_error = NULL;
    SELECT user_id INTO v_kol_user FROM orbia_kol WHERE id = p_kol;

    opening: BEGIN
        -- A variable of the column's type is compared in the column's collation, and refuses a value that is too long.
        DECLARE v_order_id TYPE OF orbia_conversation.related_order_id DEFAULT p_order_id;
        -- A character has four bytes at the most.
        DECLARE v_title_length BIGINT UNSIGNED DEFAULT (
            SELECT CHARACTER_OCTET_LENGTH DIV 4 FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation' AND COLUMN_NAME = 'title');
        -- The platform's own code inserts a conversation, too, and so may another transaction. The key decides who is
        -- first.
        DECLARE EXIT HANDLER FOR 1062
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM orbia_conversation WHERE related_order_id = v_order_id AND type = 'kol_order') THEN
                SET p_outcome = 'failed', p_error = 'its conversation_id is taken';
            END IF;
        END;
        -- No key would keep an order without an order_id to one conversation.
        IF v_order_id IS NULL OR p_user IS NULL OR v_kol_user IS NULL THEN
            SET p_outcome = 'failed', p_error = 'the order has no order_id, user or KOL';
            LEAVE opening;
        END IF;
        INSERT INTO orbia_conversation
            (conversation_id, title, type, related_order_type, related_order_id, status, created_at)
        VALUES (CONCAT('CONV_', CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED), '_', p_order),
                LEFT(CONCAT('KOL订单: ', COALESCE(p_title, '')), v_title_length), 'kol_order', 'kol_order', v_order_id,
                'active', NOW());
        SET v_conversation = LAST_INSERT_ID();
    END opening;

    IF v_conversation IS NOT NULL THEN
        INSERT INTO orbia_conversation_member (conversation_id, user_id, role, unread_count, joined_at)
        VALUES (v_conversation, p_user, 'creator', 0, NOW());
        IF v_kol_user <> p_user THEN
            INSERT INTO orbia_conversation_member (conversation_id, user_id, role, unread_count, joined_at)
            VALUES (v_conversation, v_kol_user, 'member', 0, NOW());
        END IF;
        SET p_outcome = 'opened';
    END IF;
END //

-- Opens the conversation, and records the change for 10-order-progress.sql, where that is on.
--   * The record is a plain INSERT into a table without foreign keys or unique values, so that it waits for nobody.
--     Whether the order has a conversation is not looked up here: under REPEATABLE READ the look might miss one that was
--     opened since this transaction began, and with a lock the order would wait for sends.
--   * A change to confirmed that finds no conversation is marked. It opens one, or the back-fill does so later; neither
--     it nor what came before is told in there.
--   * The variable is read by a SELECT INTO: one within IF would lock the row under REPEATABLE READ.
SET @orbia_trigger = 'orbia_conversation_on_order_update', @orbia_event = 'AFTER UPDATE', @orbia_table = 'orbia_kol_order', @orbia_body = "BEGIN
    DECLARE v_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_is_recorded BOOLEAN DEFAULT FALSE;
    -- An error here must not fail the order's own statement; the back-fill opens the conversation later.
    DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
    IF NEW.status = 'confirmed' AND NOT (OLD.status <=> 'confirmed') AND NEW.deleted_at IS NULL THEN
        CALL orbia_open_order_conversation(NEW.id, NEW.order_id, NEW.title, NEW.user_id, NEW.kol_id, v_outcome, v_error);
    END IF;
    IF NOT (NEW.status <=> OLD.status) AND NEW.deleted_at IS NULL THEN
        SELECT COUNT(*) INTO v_is_recorded FROM orbia_conversation_feature WHERE name = 'order_progress' AND is_on;
        IF v_is_recorded THEN
            INSERT INTO orbia_order_progress
                (kol_order_id, order_id, user_id, from_status, to_status, is_opening, changed_at)
            VALUES (NEW.id, LEFT(NEW.order_id, 1000), NEW.user_id, LEFT(OLD.status, 255), LEFT(NEW.status, 255),
                    NEW.status = 'confirmed' AND NOT (v_outcome <=> 'exists'), SYSDATE(3));
        END IF;
    END IF;
END" //
EXECUTE IMMEDIATE @orbia_make_trigger //

SET @orbia_trigger = 'orbia_conversation_on_order_insert', @orbia_event = 'AFTER INSERT', @orbia_table = 'orbia_kol_order', @orbia_body = "BEGIN
    DECLARE v_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
    IF NEW.status = 'confirmed' AND NEW.deleted_at IS NULL THEN
        CALL orbia_open_order_conversation(NEW.id, NEW.order_id, NEW.title, NEW.user_id, NEW.kol_id, v_outcome, v_error);
    END IF;
END" //
EXECUTE IMMEDIATE @orbia_make_trigger //

-- Opens the conversations that are missing, for orders that were confirmed before the triggers existed, or whose
-- trigger failed. It looks at the orders that were changed within the last p_seconds, or at all of them where that is
-- NULL. The answer is one row: the numbers of conversations that were opened and that could not be, the last error, and
-- `busy`. One call opens 500 at the most; it is called again while it opens any. Each order has a transaction of its
-- own, so that one that fails keeps no other from its conversation. With nothing to do the call costs one statement
-- along an index. While another session runs it, it does nothing, and `busy` is that session's connection id; else that
-- is NULL.
--
-- It deletes the changes, too, that are older than any client's cursor may be: 1,000 in a transaction, 10,000 a call. A
-- row that somebody has locked is left for the next call, so that it never waits for a lock.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_backfill_conversations(
    IN p_seconds INT UNSIGNED
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_opened, v_failed, v_changes, v_batch, v_old INT DEFAULT 0;
    DECLARE v_busy BIGINT;
    DECLARE v_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_error, v_last_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_since TIMESTAMP DEFAULT FROM_UNIXTIME(1);
    DECLARE v_lock VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT LEFT(CONCAT(DATABASE(), '.orbia_backfill'), 64);
    -- Cursors with names, since MariaDB 11.8 cannot read the SELECT of a FOR loop again, as it has to after each ALTER
    -- of a table in it: the routine would fail with error 1064 from then on.
    DECLARE missing_orders CURSOR FOR
        SELECT o.id, o.order_id, o.title, o.user_id, o.kol_id
        FROM orbia_kol_order o
        -- In ASCII the order_id mixes with the collation of the other column, and keeps to its index. An order_id with
        -- other characters finds no conversation here; opening it again then ends with 'exists', by the key.
        LEFT JOIN orbia_conversation c
          ON c.related_order_id = CONVERT(o.order_id USING ascii) AND c.type = 'kol_order'
        WHERE o.status IN ('confirmed', 'in_progress', 'completed')
          AND (o.updated_at >= v_since OR o.updated_at IS NULL)
          AND o.deleted_at IS NULL
          AND c.id IS NULL;
    DECLARE old_changes CURSOR FOR
        SELECT conversation_id, user_id FROM orbia_conversation_change
        WHERE changed_at < NOW() - INTERVAL 25 HOUR
        ORDER BY changed_at LIMIT 1000 FOR UPDATE SKIP LOCKED;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        ROLLBACK;
        DO RELEASE_LOCK(v_lock);
        RESIGNAL;
    END;

    ROLLBACK;
    IF p_seconds IS NOT NULL THEN
        SET v_since = FROM_UNIXTIME(GREATEST(1, UNIX_TIMESTAMP() - CAST(p_seconds AS SIGNED)));
    END IF;

    IF GET_LOCK(v_lock, 0) = 1 THEN
        opening: FOR missing IN missing_orders DO
            one_order: BEGIN
                DECLARE EXIT HANDLER FOR SQLEXCEPTION
                BEGIN
                    GET DIAGNOSTICS CONDITION 1 v_error = MESSAGE_TEXT;
                    ROLLBACK;
                    SET v_outcome = 'failed';
                END;
                START TRANSACTION;
                CALL orbia_open_order_conversation(missing.id, missing.order_id, missing.title, missing.user_id,
                                                   missing.kol_id, v_outcome, v_error);
                -- What the order has gone through until now is not told in the new conversation.
                SELECT COUNT(*) INTO v_changes FROM orbia_order_progress WHERE kol_order_id = missing.id;
                IF v_outcome = 'opened' AND v_changes > 0 THEN
                    INSERT INTO orbia_order_progress (kol_order_id, order_id, user_id, is_opening, changed_at)
                    VALUES (missing.id, LEFT(missing.order_id, 1000), missing.user_id, TRUE, SYSDATE(3));
                END IF;
                COMMIT;
            END one_order;
            IF v_outcome = 'opened' THEN
                SET v_opened = v_opened + 1;
            ELSEIF v_outcome = 'failed' THEN
                SET v_failed = v_failed + 1, v_last_error = LEFT(CONCAT(COALESCE(missing.order_id, missing.id), ': ', COALESCE(v_error, 'unknown')), 512);
            END IF;
            IF v_opened >= 500 THEN
                LEAVE opening;
            END IF;
        END FOR;

        REPEAT
            START TRANSACTION;
            SET v_batch = v_batch + 1, v_old = 0;
            FOR old IN old_changes DO
                DELETE FROM orbia_conversation_change WHERE conversation_id = old.conversation_id AND user_id = old.user_id;
                SET v_old = v_old + 1;
            END FOR;
            COMMIT;
        UNTIL v_old < 1000 OR v_batch >= 10 END REPEAT;
        DO RELEASE_LOCK(v_lock);
    ELSE
        -- IS_USED_LOCK is NULL where that session has released the lock meanwhile.
        SET v_busy = COALESCE(IS_USED_LOCK(v_lock), 0);
    END IF;

    SELECT v_opened AS opened, v_failed AS failed, v_last_error AS last_error, v_busy AS busy;
END //

DELIMITER ;


-- schema/10-order-progress.sql --------------------------------------------------------------------

-- The order's progress: each change of an order's status after its conversation's opening becomes a system message in
-- there. The trigger on orbia_kol_order records the change in the order's own transaction (orbia_order_progress), and
-- within a second of its commit the service makes a message of it. It is off until an operator turns it on:
--
--     CALL orbia_order_progress_on();
--     CALL orbia_order_progress_off();

DELIMITER //

-- Turns a feature on or off. Its row outlives restarts, dumps and another run of this file.
--
-- With a binary log that is not in row format, an order's transaction under REPEATABLE READ holds the row shared that
-- its trigger has read. A statement that waited for the row would stand in the way of the orders after it: so this one
-- waits for no lock, and tries again for 20 seconds.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_turn_feature(
    IN p_name VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_is_on BOOLEAN
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_tries INT DEFAULT 0;
    DECLARE v_is_done BOOLEAN DEFAULT FALSE;
    DECLARE v_lock_wait INT DEFAULT @@SESSION.innodb_lock_wait_timeout;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        ROLLBACK;
        SET SESSION innodb_lock_wait_timeout = v_lock_wait;
        RESIGNAL;
    END;

    SET SESSION innodb_lock_wait_timeout = 0;
    WHILE NOT v_is_done DO
        one_try: BEGIN
            DECLARE EXIT HANDLER FOR 1205
            BEGIN
                ROLLBACK;
                IF v_tries >= 400 THEN
                    RESIGNAL SET MESSAGE_TEXT = 'open transactions have changed orders; when they have ended, call this again';
                END IF;
                DO SLEEP(0.05);
            END;
            SET v_tries = v_tries + 1;
            START TRANSACTION;
            INSERT INTO orbia_conversation_feature (name, is_on, changed_at) VALUES (p_name, p_is_on, NOW(3))
            ON DUPLICATE KEY UPDATE changed_at = IF(is_on = p_is_on, changed_at, NOW(3)), is_on = p_is_on;
            COMMIT;
            SET v_is_done = TRUE;
        END one_try;
    END WHILE;
    SET SESSION innodb_lock_wait_timeout = v_lock_wait;
END //

-- Turns the progress on, for the changes that are made from now on.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_order_progress_on()
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    CALL orbia_turn_feature('order_progress', TRUE);
    SELECT 'on' AS order_progress;
END //

-- Turns it off. What was recorded before is still told.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_order_progress_off()
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    CALL orbia_turn_feature('order_progress', FALSE);
    SELECT 'off' AS order_progress;
END //

-- Tells what was recorded of one order, up to 200 changes in a transaction of its own: each becomes a message and its
-- record is deleted, or neither. p_told and p_dropped become the numbers of both kinds of records that are gone,
-- p_errno the number of the error that has undone it all, or NULL.
--
--   * Locks are taken in the order of orbia_send_message: the conversation's row first. Under it nobody else deletes the
--     order's records, so they are read without locks: a record that is not committed yet, which its order's
--     transaction holds, is passed over and not waited for.
--   * Of one order the ids grow in the order of the commits, on a cluster too: who records a change has seen the one
--     before, since both lock the order's row.
--   * What is recorded up to the newest opening is not told. That record is committed together with the conversation.
--   * Without a conversation the changes are dropped that were recorded before the look for it. A later one may
--     have been recorded behind an opening.
--   * The message's key is made from the record, so that a record that is there again, after a partial restore say, tells
--     nothing twice.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_tell_progress_of_order(
    IN p_order BIGINT,
    OUT p_told INT,
    OUT p_dropped INT,
    OUT p_errno INT,
    OUT p_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_conversation, v_open, v_last BIGINT;
    DECLARE v_opening BIGINT DEFAULT 0;
    DECLARE v_has_user, v_is_told BOOLEAN;
    DECLARE v_milliseconds BIGINT;
    DECLARE v_message_id, v_key VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_content VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_event TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    -- It has a name as those of the back-fill do.
    DECLARE records CURSOR FOR
        SELECT id, order_id, user_id, from_status, to_status, changed_at
        FROM orbia_order_progress
        WHERE kol_order_id = p_order AND (v_open IS NOT NULL OR id <= v_last)
        ORDER BY id LIMIT 200;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        GET DIAGNOSTICS CONDITION 1 p_errno = MYSQL_ERRNO, p_error = MESSAGE_TEXT;
        ROLLBACK;
        SET p_told = 0, p_dropped = 0, @orbia_carried = NULL;
    END;

    SET p_told = 0, p_dropped = 0, p_errno = NULL, p_error = NULL;
    SELECT MAX(id) INTO v_last FROM orbia_order_progress WHERE kol_order_id = p_order;
    looking: BEGIN
        -- As in orbia_open_order_conversation. An order_id that does not fit has no conversation.
        DECLARE v_order_id TYPE OF orbia_conversation.related_order_id;
        DECLARE EXIT HANDLER FOR 1406, 1366 BEGIN END;
        SELECT order_id INTO v_order_id FROM orbia_order_progress WHERE id = v_last;
        SELECT id INTO v_conversation FROM orbia_conversation WHERE related_order_id = v_order_id AND type = 'kol_order';
    END looking;

    START TRANSACTION;
    SELECT id INTO v_open FROM orbia_conversation WHERE id = v_conversation AND deleted_at IS NULL FOR UPDATE;
    SELECT COALESCE(MAX(id), 0) INTO v_opening FROM orbia_order_progress WHERE kol_order_id = p_order AND is_opening;
    FOR recorded IN records DO
        SET v_key = CONCAT('server:order:', recorded.id, ':', CAST(UNIX_TIMESTAMP(recorded.changed_at) * 1000 AS SIGNED)),
            v_milliseconds = NULL;
        SELECT COUNT(*) INTO v_has_user FROM orbia_user WHERE id = recorded.user_id;
        SELECT COUNT(*) INTO v_is_told FROM orbia_message
        WHERE conversation_id = v_open AND sender_id = recorded.user_id AND client_message_id = v_key;
        IF v_open IS NOT NULL AND recorded.id > v_opening AND v_has_user AND NOT v_is_told THEN
            SET v_content = CASE recorded.to_status
                    WHEN 'pending_payment' THEN '订单状态已变更为待付款'
                    WHEN 'pending' THEN '订单状态已变更为待确认'
                    WHEN 'confirmed' THEN '订单状态已变更为已确认'
                    WHEN 'in_progress' THEN '订单已开始进行'
                    WHEN 'completed' THEN '订单已完成'
                    WHEN 'cancelled' THEN '订单已取消'
                    WHEN 'refunded' THEN '订单已退款'
                    ELSE IF(COALESCE(recorded.to_status, '') = '', '订单状态已变更', CONCAT('订单状态已变更为 ', recorded.to_status)) END,
                v_event = JSON_OBJECT('type', 'order_status', 'order_id', recorded.order_id,
                                      'from', recorded.from_status, 'to', recorded.to_status);
            -- A value that is far from what the platform has today does not fit into the event, and is left out.
            IF CHAR_LENGTH(v_event) > 1024 THEN
                SET v_event = JSON_OBJECT('type', 'order_status', 'order_id', NULL, 'from', LEFT(recorded.from_status, 64),
                                          'to', LEFT(recorded.to_status, 64));
            END IF;
            CALL orbia_post_system_message(v_open, recorded.user_id, v_content, v_event, v_key, v_message_id, v_milliseconds);
        END IF;
        -- At the end of time nothing was stored, and nothing ever will be.
        SET p_told = p_told + (v_milliseconds IS NOT NULL), p_dropped = p_dropped + (v_milliseconds IS NULL);
        DELETE FROM orbia_order_progress WHERE id = recorded.id;
    END FOR;
    COMMIT;
END //

-- Makes messages of what was recorded, in the order in which it was recorded: of p_order alone or, where that is NULL, of
-- the orders whose records have ids greater than p_after, until 200 orders or a quarter of a second have passed. The
-- answer is one row: whether the progress is on; the numbers of messages and of records without one; the number of
-- orders that an error has kept, and the last error; the orders that a lock has kept, 20 at the most; the p_after to go on
-- with, NULL where no record is left behind it; and the age of the oldest record in milliseconds, NULL where there is none.
-- Several sessions may call it at once. With nothing to do it costs a few looks along almost empty indexes.
--
-- The service calls it so that it waits for no lock, and one conversation, member or user that somebody has locked
-- holds up no other order. Where sends follow each other without a break, the lock is never free at that moment: then
-- the service calls it with p_order, and waits its turn for a short time.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_tell_order_progress(
    IN p_order BIGINT,
    IN p_after BIGINT
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_told, v_dropped, v_failed, v_visited, v_count, v_locked_count INT DEFAULT 0;
    DECLARE v_told_of_order, v_dropped_of_order, v_errno INT;
    DECLARE v_error, v_last_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_locked VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_next, v_batch_end, v_age BIGINT;
    DECLARE v_is_on BOOLEAN;
    -- A TIMESTAMP would be too late for its type in its last quarter of a second.
    DECLARE v_end DATETIME(3) DEFAULT SYSDATE(3) + INTERVAL 250000 MICROSECOND;
    DECLARE changed_orders CURSOR FOR
        SELECT p_order AS kol_order_id, 0 AS first_id, 0 AS batch_end FROM DUAL WHERE p_order IS NOT NULL
        UNION ALL
        SELECT kol_order_id, MIN(id), MAX(MAX(id)) OVER ()
        FROM (SELECT id, kol_order_id FROM orbia_order_progress
              WHERE id > v_next AND p_order IS NULL ORDER BY id LIMIT 200) AS oldest
        GROUP BY kol_order_id
        ORDER BY first_id;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        ROLLBACK;
        SET @orbia_carried = NULL;
        RESIGNAL;
    END;

    ROLLBACK;
    SELECT COUNT(*) INTO v_is_on FROM orbia_conversation_feature WHERE name = 'order_progress' AND is_on;
    SET v_next = COALESCE(p_after, 0);
    telling: WHILE v_next IS NOT NULL DO
        SET v_count = 0;
        FOR changed IN changed_orders DO
            CALL orbia_tell_progress_of_order(changed.kol_order_id, v_told_of_order, v_dropped_of_order, v_errno, v_error);
            SET v_told = v_told + v_told_of_order, v_dropped = v_dropped + v_dropped_of_order, v_count = v_count + 1,
                v_visited = v_visited + 1, v_next = changed.first_id, v_batch_end = changed.batch_end;
            IF v_errno IN (1020, 1205, 1213, 1317, 1969) THEN
                SET v_locked_count = v_locked_count + 1;
                IF v_locked_count <= 20 THEN
                    SET v_locked = CONCAT_WS(',', v_locked, changed.kol_order_id);
                END IF;
            ELSEIF v_errno IS NOT NULL THEN
                SET v_failed = v_failed + 1, v_last_error = LEFT(CONCAT('order ', changed.kol_order_id, ': ', v_error), 512);
            END IF;
            IF p_order IS NULL AND (v_visited >= 200 OR SYSDATE(3) > v_end) THEN
                LEAVE telling;
            END IF;
        END FOR;
        SET v_next = IF(v_count = 0 OR p_order IS NOT NULL, NULL, v_batch_end);
    END WHILE;

    SELECT CAST(TIMESTAMPDIFF(MICROSECOND, changed_at, SYSDATE(3)) DIV 1000 AS SIGNED) INTO v_age
    FROM orbia_order_progress ORDER BY id LIMIT 1;
    SELECT v_is_on AS is_on, v_told AS told, v_dropped AS dropped, v_failed AS failed, v_last_error AS last_error,
           v_locked AS locked, v_next AS next_after, v_age AS oldest_age;
END //

-- Reports to `check`, in one row: whether the progress is on, how many changes are recorded that are not told yet, and
-- how many seconds ago the oldest of them was made, NULL where there is none.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_order_progress_report()
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    SELECT (SELECT COUNT(*) FROM orbia_conversation_feature WHERE name = 'order_progress' AND is_on) AS is_on,
           COUNT(*) AS recorded, TIMESTAMPDIFF(SECOND, MIN(changed_at), NOW(3)) AS oldest_age
    FROM orbia_order_progress;
END //

DELIMITER ;


-- schema/11-conversation-changes.sql --------------------------------------------------------------

DELIMITER //

-- orbia_conversation_change names what no message shows: for each member of a conversation when it changed last for
-- that member, by a read, by status, title or deletion, or because the membership began or ended. A row without a
-- membership says that the member left. A message writes no row: it moves last_activity_at of the members, which is
-- indexed. The service reads the table to find what changed since a client asked last; it looks back 62 seconds, since
-- a transaction may commit that much later than it wrote its change.
--
-- The rows of a conversation are written under its row's lock, as all else of it, apart from a DELETE of a member,
-- which locks no conversation.

-- Notes a change of a conversation for one user; `p_is_membership` where the user's number of conversations changes, too.
--   * SYSDATE is the present time, while NOW in a trigger would be the time at which the outer statement began, before
--     its waits for locks. SET timestamp does not move it either.
--   * The new time always differs from the old one, also where two changes fall into one millisecond, and grows, also
--     where the nodes of a cluster have clocks that are a second apart. A time further ahead is a clock's error.
--   * An INSERT … ON DUPLICATE KEY UPDATE that finds a row locks the gap before it under REPEATABLE READ, the default of
--     others' sessions, and new rows of other conversations would wait for the end of that transaction. An UPDATE by
--     primary key that finds its row locks that alone, and a SELECT INTO, unlike one within IF, locks nothing.
--   * With innodb_snapshot_isolation, which is on by default in MariaDB 11.8, a row that has changed since the
--     transaction's first read cannot be written (error 1020, and all of the transaction is rolled back). The statements
--     of the triggers are without it, so that others' transactions fail on account of their own rows alone.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_note_change(
    IN p_conversation BIGINT,
    IN p_user BIGINT,
    IN p_is_membership BOOLEAN
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    DECLARE v_now TIMESTAMP(3) DEFAULT SYSDATE(3);
    DECLARE v_has_row BOOLEAN;
    SELECT COUNT(*) INTO v_has_row
    FROM orbia_conversation_change WHERE conversation_id = p_conversation AND user_id = p_user;
    IF v_has_row THEN
        /*M!101108 SET STATEMENT innodb_snapshot_isolation = 0 FOR */
        UPDATE orbia_conversation_change
        SET changed_at = IF(changed_at BETWEEN v_now AND v_now + INTERVAL 2 SECOND, changed_at + INTERVAL 1000 MICROSECOND, v_now),
            membership_at = IF(p_is_membership, changed_at, membership_at)
        WHERE conversation_id = p_conversation AND user_id = p_user;
        SET v_has_row = ROW_COUNT() > 0;
    END IF;
    -- The row that was found may be an old one that was deleted since.
    IF NOT v_has_row THEN
        /*M!101108 SET STATEMENT innodb_snapshot_isolation = 0 FOR */
        INSERT INTO orbia_conversation_change (conversation_id, user_id, changed_at, membership_at)
        VALUES (p_conversation, p_user, v_now, IF(p_is_membership, v_now, NULL))
        ON DUPLICATE KEY UPDATE
            changed_at = IF(changed_at BETWEEN v_now AND v_now + INTERVAL 2 SECOND, changed_at + INTERVAL 1000 MICROSECOND, v_now),
            membership_at = IF(p_is_membership, changed_at, membership_at);
    END IF;
END //

-- The right is granted at once: from here on the triggers call the routine, also while this file runs.
GRANT EXECUTE ON PROCEDURE orbia_note_change TO 'orbia_conversation_definer'@'localhost' //

SET @orbia_trigger = 'orbia_conversation_member_joined', @orbia_event = 'AFTER INSERT', @orbia_table = 'orbia_conversation_member', @orbia_body = "CALL orbia_note_change(NEW.conversation_id, NEW.user_id, TRUE)" //
EXECUTE IMMEDIATE @orbia_make_trigger //

SET @orbia_trigger = 'orbia_conversation_member_left', @orbia_event = 'AFTER DELETE', @orbia_table = 'orbia_conversation_member', @orbia_body = "CALL orbia_note_change(OLD.conversation_id, OLD.user_id, TRUE)" //
EXECUTE IMMEDIATE @orbia_make_trigger //

-- A conversation's foreign key deletes its members without firing their trigger. An error here must not keep a
-- conversation from being taken back whose members could not be added. The cursor has a name as those of the back-fill
-- do, and a variable, since MariaDB 11.8 cannot read a SELECT with OLD again (error 1363).
SET @orbia_trigger = 'orbia_conversation_deleted', @orbia_event = 'BEFORE DELETE', @orbia_table = 'orbia_conversation', @orbia_body = "BEGIN
    DECLARE v_conversation BIGINT DEFAULT OLD.id;
    DECLARE members CURSOR FOR SELECT user_id FROM orbia_conversation_member WHERE conversation_id = v_conversation;
    DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
    FOR member IN members DO
        CALL orbia_note_change(OLD.id, member.user_id, TRUE);
    END FOR;
END" //
EXECUTE IMMEDIATE @orbia_make_trigger //

DELIMITER ;


-- schema/12-member-copies.sql ---------------------------------------------------------------------

-- The members' copies of their conversation's activity and type, which triggers keep.

DELIMITER //

-- The platform may add a value to the conversation's type before this file is run again. In this mode the copy of such
-- a value becomes empty; in strict mode the message, or the member, would be refused.
SET SESSION sql_mode = 'NO_ENGINE_SUBSTITUTION' //

-- Fills the copies of a new member, so that a plain INSERT by staff is enough to add one. The read locks the
-- conversation (LOCK IN SHARE MODE): a plain one could copy an activity that a concurrent send is about to change.
SET @orbia_trigger = 'orbia_conversation_member_copies', @orbia_event = 'BEFORE INSERT', @orbia_table = 'orbia_conversation_member', @orbia_body = "BEGIN
    DECLARE v_activity TIMESTAMP(3);
    DECLARE v_type VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    /* without snapshot isolation */
    SELECT COALESCE(last_message_at, created_at), type INTO v_activity, v_type
    FROM orbia_conversation WHERE id = NEW.conversation_id LOCK IN SHARE MODE;
    SET NEW.last_activity_at = COALESCE(v_activity, NOW(3)), NEW.conversation_type = COALESCE(v_type, 'general');
END" //
EXECUTE IMMEDIATE @orbia_make_trigger //

-- Carries a change of the conversation, such as one made by plain SQL, into the members' copies. A send has written them
-- itself, and says so by @orbia_carried, a variable of its session: the conversation's id. It writes only where
-- these differ: a statement that changes a conversation's status and names the member table in a subselect would fail
-- with error 1442 if it came to this UPDATE. The types are compared BINARY, since their columns may have two
-- collations.
--
-- It notes for each member what no newer message shows. The members are read by a cursor, which locks nothing; an
-- INSERT … SELECT under REPEATABLE READ would lock them and the gaps around them, which the members of a new
-- conversation go into. Such a transaction does not see a member who joined after its first read, and notes nothing
-- for them.
SET @orbia_trigger = 'orbia_conversation_carry', @orbia_event = 'AFTER UPDATE', @orbia_table = 'orbia_conversation', @orbia_body = "BEGIN
    DECLARE v_activity TIMESTAMP(3);
    DECLARE v_is_carried BOOLEAN DEFAULT FALSE;
    DECLARE v_conversation BIGINT DEFAULT NEW.id;
    -- As that of orbia_conversation_deleted.
    DECLARE members CURSOR FOR SELECT user_id FROM orbia_conversation_member WHERE conversation_id = v_conversation;
    IF NOT (NEW.id <=> @orbia_carried)
            AND NOT (NEW.last_message_at <=> OLD.last_message_at AND NEW.type <=> OLD.type) THEN
        SET v_activity = COALESCE(NEW.last_message_at, NEW.created_at, NOW(3));
        /* without snapshot isolation */
        UPDATE orbia_conversation_member
        SET last_activity_at = v_activity, conversation_type = COALESCE(NEW.type, 'general')
        WHERE conversation_id = NEW.id
          AND (last_activity_at <> v_activity OR BINARY conversation_type <> BINARY COALESCE(NEW.type, 'general'));
        -- A send has written the members before. A later time that plain SQL has set is told like any other change: the
        -- message that it belongs to may have been seen already.
        SET v_is_carried = ROW_COUNT() > 0;
    END IF;
    IF v_is_carried OR NOT (NEW.status <=> OLD.status AND NEW.deleted_at <=> OLD.deleted_at AND NEW.type <=> OLD.type
            AND BINARY NEW.title <=> BINARY OLD.title
            AND BINARY NEW.related_order_type <=> BINARY OLD.related_order_type
            AND BINARY NEW.related_order_id <=> BINARY OLD.related_order_id) THEN
        FOR member IN members DO
            CALL orbia_note_change(NEW.id, member.user_id,
                                   NOT (NEW.deleted_at <=> OLD.deleted_at AND NEW.type <=> OLD.type));
        END FOR;
    END IF;
END" //
EXECUTE IMMEDIATE @orbia_make_trigger //

SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION' //

-- Fills the copies of members that are older than the triggers, a thousand conversations at a time. It locks only where
-- there is something to fill, and the conversation first, as a send does. Others' transactions may be in the way, such as
-- those that open conversations: then it lets its own locks go, and tries the thousand again. The look is a SELECT INTO,
-- since one within IF locks what it reads.
BEGIN NOT ATOMIC
    DECLARE v_from BIGINT DEFAULT 0;
    DECLARE v_to BIGINT;
    DECLARE v_failures INT DEFAULT 0;
    DECLARE v_is_filled, v_is_needed BOOLEAN;
    filling: LOOP
        SELECT MAX(id) INTO v_to FROM (SELECT id FROM orbia_conversation WHERE id > v_from ORDER BY id LIMIT 1000) AS batch;
        IF v_to IS NULL THEN
            LEAVE filling;
        END IF;
        SET v_is_filled = TRUE;
        BEGIN
            DECLARE CONTINUE HANDLER FOR 1205, 1213
            BEGIN
                SET v_is_filled = FALSE, v_failures = v_failures + 1;
                IF v_failures > 20 THEN
                    RESIGNAL;
                END IF;
            END;
            SELECT EXISTS (
                SELECT 1
                FROM orbia_conversation c STRAIGHT_JOIN orbia_conversation_member m ON m.conversation_id = c.id
                WHERE c.id > v_from AND c.id <= v_to
                  AND (m.last_activity_at <> COALESCE(c.last_message_at, c.created_at, m.last_activity_at)
                       OR BINARY m.conversation_type <> BINARY COALESCE(c.type, 'general'))
            ) INTO v_is_needed;
            IF v_is_needed THEN
                SET STATEMENT innodb_lock_wait_timeout = 1 FOR
                UPDATE orbia_conversation c STRAIGHT_JOIN orbia_conversation_member m ON m.conversation_id = c.id
                SET m.last_activity_at = COALESCE(c.last_message_at, c.created_at, m.last_activity_at),
                    m.conversation_type = COALESCE(c.type, 'general')
                WHERE c.id > v_from AND c.id <= v_to
                  AND (m.last_activity_at <> COALESCE(c.last_message_at, c.created_at, m.last_activity_at)
                       OR BINARY m.conversation_type <> BINARY COALESCE(c.type, 'general'));
            END IF;
        END;
        IF v_is_filled THEN
            SET v_from = v_to;
        ELSE
            DO SLEEP(0.5);
        END IF;
    END LOOP;
END //

DELIMITER ;


-- schema/13-maintenance-reports.sql ---------------------------------------------------------------

-- The reports that `check` asks for beside that on the schema.

DELIMITER //

-- Reports what the triggers and routines lack that run with their owner's rights, in the form of orbia_schema_state: a row
-- for each right of the owner, and for the owner of each trigger and routine. After a restore the account can be missing,
-- or be without rights in this database. Where it may not even run this routine, the error of the call says so.
BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT("
        CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_definer_report()
            READS SQL DATA
            SQL SECURITY DEFINER
            COMMENT 'orbia-conversation 3'
        BEGIN
            DECLARE v_callable VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT '';
            DECLARE v_routine VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

            -- No table that this account can read shows which routines it may call. But a call without their
            -- parameters ends with error 1370 where it may not, else with 1318, and runs nothing.
            FOR routine IN (
                WITH ", @orbia_routines, "
                SELECT l.name FROM routine_layout l
                JOIN information_schema.ROUTINES r ON r.ROUTINE_SCHEMA = DATABASE() AND r.ROUTINE_NAME = l.name
                WHERE l.has_parameters
            ) DO
                BEGIN
                    DECLARE CONTINUE HANDLER FOR 1370 BEGIN END;
                    DECLARE CONTINUE HANDLER FOR 1318 SET v_callable = CONCAT(v_callable, ',', v_routine);
                    SET v_routine = routine.name;
                    EXECUTE IMMEDIATE CONCAT('CALL ', v_routine, '()');
                END;
            END FOR;

            WITH ", @orbia_routines, ",
            -- The server shows an account its own rights alone. One without a table is for all tables.
            found_right (table_name, privilege) AS (
                SELECT TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE()
                UNION ALL
                SELECT NULL, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE TABLE_SCHEMA
                UNION ALL
                SELECT NULL, PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
            ),
            found_definer (kind, name, definer) AS (
                SELECT 'trigger', TRIGGER_NAME, DEFINER FROM information_schema.TRIGGERS
                WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME LIKE 'orbia\\_conversation\\_%'
                UNION ALL
                SELECT 'routine', ROUTINE_NAME, DEFINER FROM information_schema.ROUTINES
                WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT LIKE 'orbia-conversation %'
            )
            SELECT 'grant' AS kind, CONCAT(e.privilege, ' on ', e.table_name) AS name, 'granted' AS expected,
                   IF(EXISTS (SELECT 1 FROM found_right f
                              WHERE f.privilege = e.privilege AND COALESCE(f.table_name, e.table_name) = e.table_name),
                      'granted', NULL) AS found
            FROM definer_right e
            UNION ALL
            SELECT 'grant', CONCAT('EXECUTE on ', e.name), 'granted', IF(FIND_IN_SET(e.name, v_callable), 'granted', NULL)
            FROM routine_layout e WHERE e.has_parameters
            UNION ALL
            SELECT kind, name, CONCAT('definer ', 'orbia_conversation_definer@localhost'), CONCAT('definer ', definer)
            FROM found_definer;
        END");
END //

-- Reports the orders that have had no conversation for p_seconds. The answer is one row: their number, and the largest
-- order_id among them.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_backfill_report(
    IN p_seconds INT UNSIGNED
)
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 3'
BEGIN
    SELECT COUNT(*) AS missing, MAX(o.order_id) AS latest
    FROM orbia_kol_order o
    LEFT JOIN orbia_conversation c ON c.related_order_id = o.order_id AND c.type = 'kol_order'
    WHERE o.status IN ('confirmed', 'in_progress', 'completed')
      AND (o.updated_at <= NOW() - INTERVAL p_seconds SECOND OR o.updated_at IS NULL)
      AND o.deleted_at IS NULL
      AND c.id IS NULL;
END //

DELIMITER ;


-- schema/14-service-role.sql ----------------------------------------------------------------------

-- The role of the service's account, and its rights.

DELIMITER //

-- Makes the role of the service's account: it may read what the service answers with, and call the service's routines,
-- and nothing else. A role belongs to the server; this one has the database's name in its own, so that no account of
-- another database gets into this one.
BEGIN NOT ATOMIC
    DECLARE v_role VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
        DEFAULT CONCAT('`', REPLACE(CONCAT('orbia_conversation_app_', DATABASE()), '`', '``'), '`');
    EXECUTE IMMEDIATE CONCAT('CREATE ROLE IF NOT EXISTS ', v_role);
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_routine ENGINE = Aria AS WITH ', @orbia_layout, ' SELECT * FROM routine_layout');

    FOR each_right IN (
        WITH
        grantee (name) AS (
            SELECT v_role
            UNION ALL
            -- Versions 1 and 2 had one role for all databases of the server. Where that role has rights in this
            -- database, it keeps them until the operator has moved its accounts (docs/deployment.md).
            SELECT DISTINCT 'orbia_conversation_app' FROM information_schema.TABLE_PRIVILEGES
            WHERE GRANTEE = '''orbia_conversation_app''@''''' AND TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message'
        ),
        service_right (what) AS (
            VALUES ('SELECT (id, nickname, avatar_url, status) ON orbia_user'),
                   ('SELECT ON orbia_conversation'), ('SELECT ON orbia_conversation_member'), ('SELECT ON orbia_message'),
                   ('SELECT ON orbia_conversation_change')
        ),
        routine_right (what, is_called) AS (
            SELECT CONCAT('EXECUTE ON PROCEDURE ', name), is_called FROM orbia_routine
        )
        SELECT CONCAT('GRANT ', what, ' TO ', name) AS statement FROM service_right JOIN grantee
        UNION ALL
        SELECT CONCAT('GRANT ', what, ' TO ', name) FROM routine_right JOIN grantee WHERE is_called
        UNION ALL
        -- The owner of a routine needs the right to run it, like everybody else.
        SELECT CONCAT('GRANT ', what, ' TO ''orbia_conversation_definer''@''localhost''') FROM routine_right
    ) DO
        EXECUTE IMMEDIATE each_right.statement;
    END FOR;
END //

DELIMITER ;


-- schema/15-undecided.sql -------------------------------------------------------------------------

-- The end of the file: it tells what an operator has to decide.

DELIMITER //

-- Lists the orders that have several conversations of a type, with the statements that settle it.
BEGIN NOT ATOMIC
    SET @orbia_undecided = NULL;
    IF NOT @orbia_has_order_key THEN
        SELECT c.type, c.related_order_id, c.id, c.conversation_id, c.status, c.created_at, c.deleted_at,
               (SELECT COUNT(*) FROM orbia_message m WHERE m.conversation_id = c.id) AS messages,
               (SELECT COUNT(*) FROM orbia_conversation_member m WHERE m.conversation_id = c.id) AS members
        FROM orbia_conversation c
        JOIN (SELECT related_order_id, type FROM orbia_conversation WHERE related_order_id IS NOT NULL
              GROUP BY related_order_id, type HAVING COUNT(*) > 1) AS doubled
          ON doubled.related_order_id = c.related_order_id AND doubled.type = c.type
        ORDER BY c.type, c.related_order_id, c.id;

        WITH step (place, what_to_do) AS (
            VALUES (1, '-- An order has one conversation of a type. Of those listed above choose one to keep, and for each other one:'),
                   (2, 'SET @keep = its id, @other = the other one''s id;'),
                   (3, 'START TRANSACTION;'),
                   (4, 'SELECT id FROM orbia_conversation WHERE id IN (@keep, @other) FOR UPDATE;'),
                   (5, '-- These five move its messages and members, and delete it softly; without them it stays as it is, of no order:'),
                   (6, 'UPDATE orbia_message SET conversation_id = @keep, updated_at = updated_at WHERE conversation_id = @other;'),
                   (7, 'UPDATE orbia_conversation_member k JOIN orbia_conversation_member o ON o.user_id = k.user_id SET k.unread_count = k.unread_count + o.unread_count WHERE k.conversation_id = @keep AND o.conversation_id = @other;'),
                   (8, 'INSERT IGNORE INTO orbia_conversation_member (conversation_id, user_id, role, unread_count, last_read_at) SELECT @keep, user_id, role, unread_count, last_read_at FROM orbia_conversation_member WHERE conversation_id = @other;'),
                   (9, 'UPDATE orbia_conversation SET last_message_at = (SELECT MAX(created_at) FROM orbia_message WHERE conversation_id = @keep) WHERE id = @keep;'),
                   (10, 'UPDATE orbia_conversation SET deleted_at = COALESCE(deleted_at, NOW()) WHERE id = @other;'),
                   (11, '-- This one is what the key needs:'),
                   (12, 'UPDATE orbia_conversation SET related_order_id = NULL WHERE id = @other;'),
                   (13, 'COMMIT;'),
                   (14, '-- Then run schema.sql again.')
        )
        SELECT what_to_do FROM step ORDER BY place;

        SELECT COUNT(*) INTO @orbia_undecided
        FROM (SELECT 1 FROM orbia_conversation WHERE related_order_id IS NOT NULL
              GROUP BY related_order_id, type HAVING COUNT(*) > 1) AS doubled;
    END IF;
END //

-- Ends the file with an error, for the exit status. All its work is done.
BEGIN NOT ATOMIC
    DECLARE v_message VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
        DEFAULT CONCAT('orders with several conversations of a type: ', @orbia_undecided, '. See above; then run this again');
    IF @orbia_undecided IS NOT NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;
END //

DELIMITER ;
