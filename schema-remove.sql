-- This file is put together from schema/remove/*.sql by scripts/assemble-schema: change the parts, not this file.

-- schema/remove/01-settings.sql -------------------------------------------------------------------

-- Takes Orbia Conversation, up to version 3 of its schema, out of the platform's database: its triggers,
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


-- schema/remove/01-waiting.sql --------------------------------------------------------------------

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


-- schema/remove/02-preflight.sql ------------------------------------------------------------------

-- The preflight: it ends this file before the first change where that would do harm.

DELIMITER //

BEGIN NOT ATOMIC
    DECLARE v_message VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_version BIGINT UNSIGNED;
    DECLARE v_account VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
        DEFAULT REGEXP_REPLACE(CURRENT_USER(), '^(.*)@([^@]*)$', '''\\1''@''\\2''');

    -- Without these rights it would end in the middle.
    BEGIN
        DECLARE EXIT HANDLER FOR 1142, 1143, 1044, 1227 SET v_message = 'SELECT in the database mysql';
        SELECT COUNT(*) INTO v_version FROM mysql.roles_mapping;
        SELECT COUNT(*) INTO v_version FROM mysql.tables_priv;
        SELECT COUNT(*) INTO v_version FROM mysql.columns_priv;
        SELECT COUNT(*) INTO v_version FROM mysql.procs_priv;
    END;
    -- What a role may on the whole server no table tells.
    IF v_message IS NULL AND NOT EXISTS (SELECT 1 FROM information_schema.ENABLED_ROLES WHERE ROLE_NAME IS NOT NULL) THEN
        WITH
        needed (name, is_of_server) AS (
            VALUES ('CREATE USER', 1), ('SELECT', 0), ('INSERT', 0), ('UPDATE', 0), ('DELETE', 0), ('CREATE', 0), ('DROP', 0),
                   ('ALTER', 0), ('INDEX', 0), ('REFERENCES', 0), ('TRIGGER', 0), ('EXECUTE', 0), ('ALTER ROUTINE', 0)
        ),
        granted (name, is_of_server, may_grant) AS (
            SELECT PRIVILEGE_TYPE, 1, IS_GRANTABLE = 'YES' FROM information_schema.USER_PRIVILEGES
            WHERE BINARY GRANTEE = BINARY v_account
            UNION ALL
            SELECT PRIVILEGE_TYPE, 0, IS_GRANTABLE = 'YES' FROM information_schema.SCHEMA_PRIVILEGES
            WHERE DATABASE() LIKE TABLE_SCHEMA AND BINARY GRANTEE = BINARY v_account
        )
        SELECT GROUP_CONCAT(IF(is_of_server, CONCAT(name, ' on the server'), CONCAT(name, ' WITH GRANT OPTION'))
                            ORDER BY is_of_server DESC, name SEPARATOR ', ')
        INTO v_message FROM needed n
        WHERE NOT EXISTS (SELECT 1 FROM granted g WHERE g.name = n.name AND g.is_of_server >= n.is_of_server
                          AND (n.is_of_server OR g.may_grant));
    END IF;
    IF v_message IS NOT NULL THEN
        SET v_message = CONCAT('nothing was changed: ', LEFT(CURRENT_USER(), 100), ' has not the rights of an administrator.'
                               ' It lacks ', LEFT(v_message, 350));
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;

    -- A later version may have made what this file does not know.
    SELECT MAX(CAST(SUBSTRING_INDEX(ROUTINE_COMMENT, ' ', -1) AS UNSIGNED)) INTO v_version
    FROM information_schema.ROUTINES
    WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT REGEXP '^orbia-conversation [0-9]+$';
    IF v_version > 3 THEN
        SET v_message = CONCAT('nothing was changed: the database has version ', v_version, ' of the schema, and this file'
                               ' is of version 3. Use the schema-remove.sql of version ', v_version);
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;

    -- The service's accounts are those that an administrator has given the role to. Who made the role has it, too, as its
    -- administrator.
    SELECT GROUP_CONCAT(DISTINCT p.USER) INTO v_message
    FROM information_schema.PROCESSLIST p JOIN mysql.roles_mapping r ON BINARY r.User = BINARY p.USER
    WHERE BINARY p.DB = BINARY DATABASE() AND r.Admin_option = 'N'
      AND BINARY r.Role IN (BINARY CONCAT('orbia_conversation_app_', DATABASE()), BINARY 'orbia_conversation_app');
    IF v_message IS NOT NULL THEN
        SET v_message = CONCAT('nothing was changed: the service is connected, as ', LEFT(v_message, 300),
                               '. Stop its instances first');
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;

    -- The end of this file tells of these accounts; by then the role is gone that they are known by.
    SELECT GROUP_CONCAT(DISTINCT QUOTE(User), '@', QUOTE(Host) SEPARATOR ', ') INTO @orbia_accounts
    FROM mysql.roles_mapping
    WHERE Admin_option = 'N' AND BINARY Role = BINARY CONCAT('orbia_conversation_app_', DATABASE());
END //

DELIMITER ;


-- schema/remove/03-triggers-and-routines.sql ------------------------------------------------------

-- The triggers. From the first two on, nobody opens the conversation of a confirmed order but the platform's own code.

DELIMITER //

-- Drops @orbia_trigger, where it is there. Where a disk was full, the server may have lost the trigger's name, and keeps
-- the trigger, which then cannot be dropped; a table that is renamed gets the names of its triggers anew.
SET @orbia_drop_trigger = "
BEGIN NOT ATOMIC
    DECLARE v_has_name BOOLEAN DEFAULT TRUE;
    SET @orbia_table = (SELECT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS
                        WHERE TRIGGER_SCHEMA = DATABASE() AND BINARY TRIGGER_NAME = BINARY @orbia_trigger);
    IF @orbia_table IS NOT NULL THEN
        SET @orbia_statement = CONCAT('DROP TRIGGER ', @orbia_trigger);
        BEGIN
            DECLARE CONTINUE HANDLER FOR 1360 SET v_has_name = FALSE;
            EXECUTE IMMEDIATE @orbia_run;
        END;
        IF NOT v_has_name THEN
            SET @orbia_statement = CONCAT('RENAME TABLE ', @orbia_table, ' TO orbia_renamed, orbia_renamed TO ', @orbia_table);
            EXECUTE IMMEDIATE @orbia_run;
            SET @orbia_statement = CONCAT('DROP TRIGGER ', @orbia_trigger);
            EXECUTE IMMEDIATE @orbia_run;
        END IF;
    END IF;
END" //

DELIMITER ;

SET @orbia_trigger = 'orbia_conversation_on_order_update';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_on_order_insert';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_member_copies';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_member_joined';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_member_left';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_carry';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_deleted';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_once';
EXECUTE IMMEDIATE @orbia_drop_trigger;

-- The routines, which only the triggers and the service have called.

DROP PROCEDURE IF EXISTS orbia_order_progress_on;
DROP PROCEDURE IF EXISTS orbia_order_progress_off;
DROP PROCEDURE IF EXISTS orbia_turn_feature;
DROP PROCEDURE IF EXISTS orbia_tell_order_progress;
DROP PROCEDURE IF EXISTS orbia_tell_progress_of_order;
DROP PROCEDURE IF EXISTS orbia_order_progress_report;
DROP PROCEDURE IF EXISTS orbia_send_message;
DROP PROCEDURE IF EXISTS orbia_post_message;
DROP PROCEDURE IF EXISTS orbia_recall_message;
DROP PROCEDURE IF EXISTS orbia_post_system_message;
DROP PROCEDURE IF EXISTS orbia_mark_read;
DROP PROCEDURE IF EXISTS orbia_backfill_conversations;
DROP PROCEDURE IF EXISTS orbia_backfill_report;
DROP PROCEDURE IF EXISTS orbia_open_order_conversation;
DROP PROCEDURE IF EXISTS orbia_note_change;
DROP PROCEDURE IF EXISTS orbia_definer_report;
DROP PROCEDURE IF EXISTS orbia_schema_report;
-- The last one: as long as it is there, it tells the version.
DROP PROCEDURE IF EXISTS orbia_schema_state;


-- schema/remove/04-tables.sql ---------------------------------------------------------------------

-- The tables of our own, which only triggers, routines and the service have used.

DROP TABLE IF EXISTS orbia_conversation_change;
DROP TABLE IF EXISTS orbia_order_progress;
DROP TABLE IF EXISTS orbia_conversation_feature;


-- schema/remove/05-columns-and-keys.sql -----------------------------------------------------------

-- The columns and keys of our own go out of the platform's tables, and its own keys come back, with one ALTER for each
-- table, and so with one rebuild. A table with none of ours is not touched.

-- The beginning of a WITH. Keys are known by their columns, whatever their names. Those of ours that the platform could
-- have made as well are ours only under the name that the server gave them, which is that of their first column.
--
-- `place` is the order of the platform's keys.
SET @orbia_platform = "
    own_column (table_name, name) AS (
        VALUES ('orbia_conversation', 'has_quotes'),
               ('orbia_conversation_member', 'last_activity_at'), ('orbia_conversation_member', 'conversation_type'),
               ('orbia_message', 'client_message_id'), ('orbia_message', 'event'), ('orbia_message', 'reply_to'),
               ('orbia_message', 'recalled_at')
    ),
    own_key (table_name, kind, columns, name) AS (
        VALUES ('orbia_kol_order', 'index', 'status,updated_at', '^status(_[0-9]+)?$'),
               ('orbia_conversation', 'unique', 'related_order_id,type', '^related_order_id(_[0-9]+)?$'),
               ('orbia_conversation_member', 'primary', 'conversation_id,user_id', ''),
               ('orbia_conversation_member', 'index', 'user_id,last_activity_at', ''),
               ('orbia_conversation_member', 'index', 'user_id,last_activity_at,conversation_id,unread_count', ''),
               ('orbia_conversation_member', 'index', 'user_id,conversation_type,last_activity_at', ''),
               ('orbia_conversation_member', 'index', 'user_id,unread_count', '^user_id(_[0-9]+)?$'),
               ('orbia_message', 'primary', 'conversation_id,created_at,id', ''),
               ('orbia_message', 'unique', 'conversation_id,sender_id,client_message_id', '')
    ),
    platform_key (table_name, place, kind, name, columns) AS (
        VALUES ('orbia_conversation', 1, 'unique', 'uk_conversation_id', 'conversation_id'),
               ('orbia_conversation', 2, 'index', 'idx_conversation_id', 'conversation_id'),
               ('orbia_conversation', 3, 'index', 'idx_type', 'type'),
               ('orbia_conversation', 4, 'index', 'idx_related_order_type', 'related_order_type'),
               ('orbia_conversation', 5, 'index', 'idx_related_order_id', 'related_order_id'),
               ('orbia_conversation', 6, 'index', 'idx_status', 'status'),
               ('orbia_conversation', 7, 'index', 'idx_last_message_at', 'last_message_at'),
               ('orbia_conversation', 8, 'index', 'idx_created_at', 'created_at'),
               ('orbia_conversation', 9, 'index', 'idx_deleted_at', 'deleted_at'),
               ('orbia_conversation_member', 1, 'primary', 'PRIMARY', 'id'),
               ('orbia_conversation_member', 2, 'unique', 'uk_conversation_user', 'conversation_id,user_id'),
               ('orbia_conversation_member', 3, 'index', 'idx_conversation_id', 'conversation_id'),
               ('orbia_conversation_member', 4, 'index', 'idx_user_id', 'user_id'),
               ('orbia_conversation_member', 5, 'index', 'idx_role', 'role'),
               ('orbia_message', 1, 'primary', 'PRIMARY', 'id'),
               ('orbia_message', 2, 'unique', 'uk_message_id', 'message_id'),
               ('orbia_message', 3, 'index', 'idx_message_id', 'message_id'),
               ('orbia_message', 4, 'index', 'idx_conversation_id', 'conversation_id'),
               ('orbia_message', 5, 'index', 'idx_sender_id', 'sender_id'),
               ('orbia_message', 6, 'index', 'idx_message_type', 'message_type'),
               ('orbia_message', 7, 'index', 'idx_status', 'status'),
               ('orbia_message', 8, 'index', 'idx_created_at', 'created_at'),
               ('orbia_message', 9, 'index', 'idx_deleted_at', 'deleted_at')
    ),
    found_key AS (
        SELECT TABLE_NAME AS table_name, INDEX_NAME AS name,
               CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'primary' WHEN NON_UNIQUE = 0 THEN 'unique' ELSE 'index' END AS kind,
               GROUP_CONCAT(COLUMN_NAME, IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')) ORDER BY SEQ_IN_INDEX) AS columns
        FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND INDEX_TYPE = 'BTREE'
        GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE
    ),
    surplus_key AS (
        SELECT f.* FROM found_key f JOIN own_key o
          ON o.table_name = f.table_name AND o.kind = f.kind AND o.columns = f.columns
             AND (o.name = '' OR f.name REGEXP o.name)
        UNION
        -- Beside a primary key of ours, the id has a unique one.
        SELECT f.* FROM found_key f JOIN own_key o ON o.table_name = f.table_name AND o.kind = 'primary'
        JOIN found_key p ON p.table_name = o.table_name AND p.kind = 'primary' AND p.columns = o.columns
        WHERE f.kind = 'unique' AND f.columns = 'id'
    ),
    surplus_column AS (
        SELECT o.* FROM own_column o JOIN information_schema.COLUMNS c
          ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = o.table_name AND c.COLUMN_NAME = o.name
    ),
    touched_table AS (
        SELECT table_name FROM surplus_column UNION SELECT table_name FROM surplus_key
    ),
    kept_key AS (
        SELECT f.* FROM found_key f
        WHERE NOT EXISTS (SELECT 1 FROM surplus_key s WHERE s.table_name = f.table_name AND s.name = f.name)
    ),
    missing_key AS (
        SELECT p.* FROM platform_key p
        WHERE p.table_name IN (SELECT table_name FROM touched_table)
          AND NOT EXISTS (SELECT 1 FROM kept_key k
                          WHERE k.table_name = p.table_name AND k.kind = p.kind AND k.columns = p.columns)
    ),
    -- An ALTER puts new keys behind the old ones. So one of the platform's that is there, and stands behind a missing
    -- one, is dropped and added, for which the server builds nothing.
    moved_key AS (
        SELECT k.table_name, p.place, k.kind, k.name, k.columns
        FROM kept_key k JOIN platform_key p ON p.table_name = k.table_name AND p.kind = k.kind AND p.columns = k.columns
        WHERE k.kind = 'index' AND p.place > (SELECT MIN(m.place) FROM missing_key m
                                              WHERE m.table_name = k.table_name AND m.kind = 'index')
    ),
    clause (table_name, step, place, text) AS (
        SELECT table_name, 1, 0, IF(kind = 'primary', 'DROP PRIMARY KEY', CONCAT('DROP KEY `', REPLACE(name, '`', '``'), '`'))
        FROM surplus_key
        UNION ALL
        SELECT table_name, 1, 1, CONCAT('DROP KEY `', REPLACE(name, '`', '``'), '`') FROM moved_key
        UNION ALL
        SELECT table_name, 2, 0, CONCAT('DROP COLUMN ', name) FROM surplus_column
        UNION ALL
        -- As a part of the primary key it took no NULL.
        SELECT s.table_name, 3, 0, CONCAT('MODIFY created_at timestamp(3) NULL DEFAULT current_timestamp(3)',
                                          IF(c.COLUMN_COMMENT = '', '', CONCAT(' COMMENT ', QUOTE(c.COLUMN_COMMENT))))
        FROM surplus_key s JOIN information_schema.COLUMNS c
          ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = s.table_name AND c.COLUMN_NAME = 'created_at'
        WHERE s.kind = 'primary' AND s.columns = 'conversation_id,created_at,id' AND c.COLUMN_TYPE = 'timestamp(3)'
        UNION ALL
        SELECT table_name, 4, place, CASE kind WHEN 'primary' THEN CONCAT('ADD PRIMARY KEY (', columns, ')')
            ELSE CONCAT(IF(kind = 'unique', 'ADD UNIQUE KEY', 'ADD KEY'), ' ',
                        -- Somebody's own key may have the name.
                        IF(EXISTS (SELECT 1 FROM kept_key k WHERE k.table_name = missing_key.table_name AND k.name = missing_key.name),
                           '', missing_key.name), ' (', columns, ')') END
        FROM missing_key
        UNION ALL
        SELECT table_name, 4, place, CONCAT('ADD KEY `', REPLACE(name, '`', '``'), '` (', columns, ')') FROM moved_key
    )";

-- The statement of each table, or one that does nothing.
EXECUTE IMMEDIATE CONCAT("WITH ", @orbia_platform, ",
    statement (table_name, text) AS (
        SELECT table_name, CONCAT('ALTER TABLE ', table_name, ' ', GROUP_CONCAT(text ORDER BY step, place, text SEPARATOR ', '))
        FROM clause GROUP BY table_name
    )
    SELECT COALESCE(MAX(IF(table_name = 'orbia_kol_order', text, NULL)), 'DO 0'),
           COALESCE(MAX(IF(table_name = 'orbia_conversation', text, NULL)), 'DO 0'),
           COALESCE(MAX(IF(table_name = 'orbia_conversation_member', text, NULL)), 'DO 0'),
           COALESCE(MAX(IF(table_name = 'orbia_message', text, NULL)), 'DO 0')
    INTO @orbia_alter_order, @orbia_alter_conversation, @orbia_alter_member, @orbia_alter_message
    FROM statement");

SET @orbia_table = 'orbia_kol_order', @orbia_statement = @orbia_alter_order;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);
SET @orbia_table = 'orbia_conversation', @orbia_statement = @orbia_alter_conversation;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);
SET @orbia_table = 'orbia_conversation_member', @orbia_statement = @orbia_alter_member;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);
-- The longest one: it copies the table. Others read and write meanwhile.
SET @orbia_table = 'orbia_message', @orbia_statement = @orbia_alter_message;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);


-- schema/remove/06-accounts.sql -------------------------------------------------------------------

-- The accounts: the role of the service in this database, and the owner of the triggers and routines. The owner is one for
-- all databases of the server. It goes with the last of them: without it, each change of an order of another one fails.

EXECUTE IMMEDIATE CONCAT('DROP ROLE IF EXISTS `', REPLACE(CONCAT('orbia_conversation_app_', DATABASE()), '`', '``'), '`');

DELIMITER //

-- Rights on tables outlive these, and would be good for new ones of that name. Each is taken by its name: whoever takes
-- ALL PRIVILEGES has to have them all.
BEGIN NOT ATOMIC
    FOR each_right IN (
        SELECT CONCAT('REVOKE ', rights, ' ON ', what, ' FROM `', User, '`', IF(Host = '', '', CONCAT('@`', Host, '`'))) AS statement
        FROM (SELECT User, Host, Db, CAST(Table_priv AS CHAR) AS rights,
                     CONCAT('`', REPLACE(Db, '`', '``'), '`.`', Table_name, '`') AS what
              FROM mysql.tables_priv WHERE Table_priv <> ''
              UNION ALL
              SELECT User, Host, Db, CONCAT(Column_priv, ' (`', Column_name, '`)'),
                     CONCAT('`', REPLACE(Db, '`', '``'), '`.`', Table_name, '`')
              FROM mysql.columns_priv
              UNION ALL
              SELECT User, Host, Db, Proc_priv, CONCAT('PROCEDURE `', REPLACE(Db, '`', '``'), '`.`', Routine_name, '`')
              FROM mysql.procs_priv) AS held
        WHERE BINARY Db = BINARY DATABASE() AND User IN ('orbia_conversation_definer', 'orbia_conversation_app')
    ) DO
        EXECUTE IMMEDIATE each_right.statement;
    END FOR;
END //

BEGIN NOT ATOMIC
    IF EXISTS (SELECT 1 FROM mysql.tables_priv WHERE User = 'orbia_conversation_definer')
       OR EXISTS (SELECT 1 FROM mysql.procs_priv WHERE User = 'orbia_conversation_definer')
       OR EXISTS (SELECT 1 FROM information_schema.TRIGGERS WHERE DEFINER = 'orbia_conversation_definer@localhost')
       OR EXISTS (SELECT 1 FROM information_schema.ROUTINES WHERE DEFINER = 'orbia_conversation_definer@localhost') THEN
        SELECT 'orbia_conversation_definer stays: other databases of this server have need of it' AS accounts;
    ELSE
        DROP USER IF EXISTS 'orbia_conversation_definer'@'localhost';
    END IF;
    -- The role of versions 1 and 2 was one for all databases, too.
    IF NOT EXISTS (SELECT 1 FROM mysql.tables_priv WHERE User = 'orbia_conversation_app')
       AND NOT EXISTS (SELECT 1 FROM mysql.procs_priv WHERE User = 'orbia_conversation_app') THEN
        DROP ROLE IF EXISTS orbia_conversation_app;
    END IF;
    IF @orbia_accounts IS NOT NULL THEN
        SELECT CONCAT('nobody needs any more: ', @orbia_accounts) AS accounts;
    END IF;
END //

DELIMITER ;
