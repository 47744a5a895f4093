-- The tables, triggers, routines and privileges of Orbia Conversation.
--
-- Run by an administrator of the database server, in the platform's database:
--
--     mariadb orbia < schema.sql
--
-- In an empty database it makes everything; a database of the platform, or one that an earlier version
-- of this file made, it brings to the same layout with every row kept; run again, it changes nothing.
-- Interrupted, it goes on where it was when it is run again. It ends with an error where it leaves
-- something to decide, and says what. It holds no password: what the service may do belongs to the
-- role orbia_conversation_app, which the operator grants to the service's account (docs/deployment.md).
--
-- With the binary log on, an administrator without SUPER needs log_bin_trust_function_creators=1 for
-- the triggers; without it this ends with error 1419, and can be run again.

-- Both are stored with every routine and trigger: without them a latin1 client would store the
-- title's 订单 as mojibake, and a lax server would cut what does not fit.
SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci;
SET SESSION sql_mode = 'STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION';
-- "IF NOT EXISTS" notes are not news.
SET SESSION sql_notes = 0;


-- The platform's tables ---------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS orbia_user (
    id                BIGINT NOT NULL AUTO_INCREMENT,
    wallet_address    VARCHAR(42) NULL,
    email             VARCHAR(255) NULL,
    password_hash     VARCHAR(255) NULL,
    verification_code VARCHAR(10) NULL,
    code_expiry       TIMESTAMP NULL,
    nickname          VARCHAR(100) NULL,
    avatar_url        VARCHAR(500) NULL,
    role              ENUM ('normal', 'admin') NOT NULL DEFAULT 'normal',
    status            ENUM ('normal', 'disabled', 'deleted') NOT NULL DEFAULT 'normal',
    kol_id            BIGINT NULL,
    current_team_id   BIGINT NULL,
    created_at        TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at        TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    PRIMARY KEY (id),
    UNIQUE KEY (wallet_address),
    UNIQUE KEY (email)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS orbia_kol (
    id            BIGINT NOT NULL AUTO_INCREMENT,
    user_id       BIGINT NOT NULL,
    avatar_url    VARCHAR(500) NULL,
    display_name  VARCHAR(100) NULL,
    description   TEXT NULL,
    country       VARCHAR(50) NULL,
    tiktok_url    VARCHAR(500) NULL,
    youtube_url   VARCHAR(500) NULL,
    x_url         VARCHAR(500) NULL,
    discord_url   VARCHAR(500) NULL,
    status        ENUM ('pending', 'approved', 'rejected') NOT NULL DEFAULT 'pending',
    reject_reason TEXT NULL,
    approved_at   TIMESTAMP NULL,
    created_at    TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at    TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    deleted_at    TIMESTAMP NULL,
    PRIMARY KEY (id),
    UNIQUE KEY (user_id),
    FOREIGN KEY (user_id) REFERENCES orbia_user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS orbia_kol_order (
    id                      BIGINT NOT NULL AUTO_INCREMENT,
    order_id                VARCHAR(64) NOT NULL,
    user_id                 BIGINT NOT NULL,
    team_id                 BIGINT NULL,
    kol_id                  BIGINT NOT NULL,
    plan_id                 BIGINT NOT NULL,
    plan_title              VARCHAR(200) NOT NULL,
    plan_description        TEXT NULL,
    plan_price              DECIMAL(10, 2) NOT NULL,
    plan_type               VARCHAR(20) NOT NULL,
    title                   VARCHAR(200) NOT NULL,
    requirement_description TEXT NOT NULL,
    video_type              VARCHAR(100) NOT NULL,
    video_duration          INT NOT NULL COMMENT 'seconds',
    target_audience         VARCHAR(500) NOT NULL,
    expected_delivery_date  DATE NOT NULL,
    additional_requirements TEXT NULL,
    status                  ENUM ('pending_payment', 'pending', 'confirmed', 'in_progress', 'completed', 'cancelled', 'refunded') NOT NULL DEFAULT 'pending_payment',
    reject_reason           TEXT NULL,
    confirmed_at            TIMESTAMP NULL,
    completed_at            TIMESTAMP NULL,
    cancelled_at            TIMESTAMP NULL,
    created_at              TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at              TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    deleted_at              TIMESTAMP NULL,
    PRIMARY KEY (id),
    UNIQUE KEY (order_id),
    KEY (user_id),
    KEY (kol_id),
    -- Ours: the back-fill looks through the orders that changed lately.
    KEY (status, updated_at),
    FOREIGN KEY (user_id) REFERENCES orbia_user (id) ON DELETE CASCADE,
    FOREIGN KEY (kol_id) REFERENCES orbia_kol (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS orbia_conversation (
    id                 BIGINT NOT NULL AUTO_INCREMENT,
    conversation_id    VARCHAR(64) NOT NULL,
    title              VARCHAR(200) NULL,
    type               ENUM ('kol_order', 'ad_order', 'general', 'support') NOT NULL DEFAULT 'general',
    related_order_type VARCHAR(50) NULL,
    related_order_id   VARCHAR(64) NULL,
    status             ENUM ('active', 'archived', 'closed') NOT NULL DEFAULT 'active',
    last_message_at    TIMESTAMP(3) NULL,
    created_at         TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    updated_at         TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    deleted_at         TIMESTAMP NULL,
    PRIMARY KEY (id),
    UNIQUE KEY (conversation_id),
    -- One conversation per (type, order), softly deleted ones included.
    UNIQUE KEY (related_order_id, type),
    KEY (deleted_at)
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS orbia_conversation_member (
    id                BIGINT NOT NULL AUTO_INCREMENT,
    conversation_id   BIGINT NOT NULL,
    user_id           BIGINT NOT NULL,
    role              ENUM ('creator', 'member', 'admin') NOT NULL DEFAULT 'member',
    unread_count      INT NOT NULL DEFAULT 0,
    last_read_at      TIMESTAMP(3) NULL,
    joined_at         TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP,
    -- Ours: copies from the conversation, so that a user's list is one walk along an index.
    last_activity_at  TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT 'last message, else creation, of the conversation',
    conversation_type ENUM ('kol_order', 'ad_order', 'general', 'support') NOT NULL DEFAULT 'general',
    PRIMARY KEY (conversation_id, user_id),
    UNIQUE KEY (id),
    -- Before the two below: the foreign key to orbia_user binds to the first index on user_id, and
    -- on one that every send changes, each send would lock all the members' user rows.
    KEY (user_id),
    -- The order of the list, and behind it the count: the list and the sum are read from the index alone.
    KEY (user_id, last_activity_at, conversation_id, unread_count),
    KEY (user_id, conversation_type, last_activity_at),
    FOREIGN KEY (conversation_id) REFERENCES orbia_conversation (id) ON DELETE CASCADE,
    FOREIGN KEY (user_id) REFERENCES orbia_user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS orbia_message (
    id              BIGINT NOT NULL AUTO_INCREMENT,
    message_id      VARCHAR(64) NOT NULL,
    conversation_id BIGINT NOT NULL,
    sender_id       BIGINT NOT NULL,
    message_type    ENUM ('text', 'image', 'file', 'video', 'audio', 'system') NOT NULL DEFAULT 'text',
    content         TEXT NOT NULL,
    file_name       VARCHAR(500) NULL,
    file_size       BIGINT NULL COMMENT 'bytes',
    file_type       VARCHAR(100) NULL COMMENT 'MIME type',
    status          ENUM ('sent', 'delivered', 'read', 'failed') NOT NULL DEFAULT 'sent',
    created_at      TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    updated_at      TIMESTAMP NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    deleted_at      TIMESTAMP NULL,
    -- Ours. Compared byte by byte, trailing spaces included: the client has chosen it.
    client_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL COMMENT 'idempotency key of the send',
    -- Clustered as it is read: the newest page of a conversation lies together.
    PRIMARY KEY (conversation_id, created_at, id),
    UNIQUE KEY (id),
    UNIQUE KEY (message_id),
    UNIQUE KEY client_message (conversation_id, sender_id, client_message_id),
    KEY (sender_id),
    FOREIGN KEY (conversation_id) REFERENCES orbia_conversation (id) ON DELETE CASCADE,
    FOREIGN KEY (sender_id) REFERENCES orbia_user (id) ON DELETE CASCADE
) ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;


-- Bringing an existing database here --------------------------------------------------------------

-- A time must not pass through a clock that is put back in autumn.
SET SESSION time_zone = '+00:00';
-- An ALTER that waits for a long transaction holds up all who come after it: it gives up in time, and
-- this can be run again.
SET SESSION lock_wait_timeout = 20;

DELIMITER //

-- A message without a time gets one before created_at becomes NOT NULL, which would give it today's:
-- that of its last change, else of its neighbour in the conversation, else now. One that comes between
-- is new, and today's is right for it.
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

-- One conversation per (type, order), where no order has two. Where one has, the rest of this file
-- does without the key, and its end says what to decide. By itself, so that nothing else fails with it.
BEGIN NOT ATOMIC
    DECLARE CONTINUE HANDLER FOR 1062 BEGIN END;
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation' AND NON_UNIQUE = 0
        GROUP BY INDEX_NAME
        HAVING GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) = 'related_order_id,type'
    ) THEN
        ALTER TABLE orbia_conversation ADD UNIQUE KEY (related_order_id, type);
    END IF;
END //

-- By itself, this column needs no rebuild; together with its key, below, it would.
BEGIN NOT ATOMIC
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message' AND COLUMN_NAME = 'client_message_id'
    ) AND (
        SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message' AND INDEX_NAME = 'PRIMARY'
    ) = 'conversation_id,created_at,id' THEN
        ALTER TABLE orbia_message
            ADD COLUMN client_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL COMMENT 'idempotency key of the send',
            ALGORITHM = INSTANT;
    END IF;
END //

-- The other columns and keys: what is wanted, less what is there, is one ALTER for each table, and so
-- one rebuild. Keys are told by their columns, whatever their names. Of the tables that a send writes,
-- the keys go that nothing here reads: all others of one column, and doubles. Other keys of several
-- columns, unique and full-text ones somebody has made for a reason: they stay.
BEGIN NOT ATOMIC
    FOR each_table IN (
        WITH
        -- layout: as it is spelt in found_column
        wanted_column (table_name, place, name, layout, definition) AS (
            VALUES ('orbia_conversation', 1, 'last_message_at', 'timestamp(3)', 'TIMESTAMP(3) NULL'),
                   ('orbia_conversation_member', 1, 'last_read_at', 'timestamp(3)', 'TIMESTAMP(3) NULL'),
                   ('orbia_conversation_member', 2, 'last_activity_at', 'timestamp(3) not null',
                    'TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) COMMENT ''last message, else creation, of the conversation'''),
                   ('orbia_conversation_member', 3, 'conversation_type',
                    'enum(''kol_order'',''ad_order'',''general'',''support'') not null',
                    'ENUM (''kol_order'', ''ad_order'', ''general'', ''support'') NOT NULL DEFAULT ''general'''),
                   ('orbia_message', 1, 'created_at', 'timestamp(3) not null',
                    'TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3)'),
                   ('orbia_message', 2, 'client_message_id', 'varchar(64) utf8mb4_nopad_bin',
                    'VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL COMMENT ''idempotency key of the send''')
        ),
        found_column AS (
            SELECT TABLE_NAME AS table_name, COLUMN_NAME AS name,
                   CONCAT(COLUMN_TYPE, IF(DATA_TYPE = 'varchar', CONCAT(' ', COLLATION_NAME), ''),
                          IF(IS_NULLABLE = 'NO', ' not null', '')) AS layout
            FROM information_schema.COLUMNS
            WHERE TABLE_SCHEMA = DATABASE()
        ),
        wanted_key (table_name, place, kind, name, definition) AS (
            VALUES ('orbia_kol_order', 1, 'KEY', '', 'status,updated_at'),
                   ('orbia_conversation', 1, 'PRIMARY KEY', '', 'id'),
                   ('orbia_conversation', 2, 'UNIQUE KEY', '', 'conversation_id'),
                   ('orbia_conversation', 3, 'KEY', '', 'deleted_at'),
                   ('orbia_conversation_member', 1, 'PRIMARY KEY', '', 'conversation_id,user_id'),
                   ('orbia_conversation_member', 2, 'UNIQUE KEY', '', 'id'),
                   ('orbia_conversation_member', 3, 'KEY', '', 'user_id'),
                   ('orbia_conversation_member', 4, 'KEY', '', 'user_id,last_activity_at,conversation_id,unread_count'),
                   ('orbia_conversation_member', 5, 'KEY', '', 'user_id,conversation_type,last_activity_at'),
                   ('orbia_message', 1, 'PRIMARY KEY', '', 'conversation_id,created_at,id'),
                   ('orbia_message', 2, 'UNIQUE KEY', '', 'id'),
                   ('orbia_message', 3, 'UNIQUE KEY', '', 'message_id'),
                   ('orbia_message', 4, 'UNIQUE KEY', ' client_message', 'conversation_id,sender_id,client_message_id'),
                   ('orbia_message', 5, 'KEY', '', 'sender_id')
        ),
        found_key AS (
            SELECT TABLE_NAME AS table_name, INDEX_NAME AS name,
                   CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'PRIMARY KEY' WHEN NON_UNIQUE = 0 THEN 'UNIQUE KEY' ELSE 'KEY' END AS kind,
                   COUNT(*) AS columns,
                   GROUP_CONCAT(COLUMN_NAME, IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')) ORDER BY SEQ_IN_INDEX) AS definition
            FROM information_schema.STATISTICS
            WHERE TABLE_SCHEMA = DATABASE() AND INDEX_TYPE = 'BTREE'
            GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE
        ),
        missing_key AS (
            SELECT w.* FROM wanted_key w
            WHERE NOT EXISTS (SELECT 1 FROM found_key f
                              WHERE f.table_name = w.table_name AND f.kind = w.kind AND f.definition = w.definition)
        ),
        surplus_key AS (
            SELECT f.* FROM found_key f
            WHERE f.kind <> 'PRIMARY KEY'
              AND f.table_name IN ('orbia_conversation', 'orbia_conversation_member', 'orbia_message')
              AND CASE
                  WHEN EXISTS (SELECT 1 FROM wanted_key w
                               WHERE w.table_name = f.table_name AND w.kind = f.kind AND w.definition = f.definition)
                      THEN EXISTS (SELECT 1 FROM found_key double_of_it
                                   WHERE double_of_it.table_name = f.table_name AND double_of_it.kind = f.kind
                                     AND double_of_it.definition = f.definition AND double_of_it.name < f.name)
                  WHEN f.kind = 'KEY' AND f.definition = 'related_order_id'
                      THEN EXISTS (SELECT 1 FROM found_key k
                                   WHERE k.table_name = f.table_name AND k.kind = 'UNIQUE KEY'
                                     AND k.definition = 'related_order_id,type')
                  ELSE (f.kind = 'KEY' AND f.columns = 1)
                       OR EXISTS (SELECT 1 FROM wanted_key w
                                  WHERE w.table_name = f.table_name AND w.definition = f.definition)
                       -- version 1's
                       OR (f.table_name = 'orbia_conversation_member' AND f.kind = 'KEY'
                           AND f.definition = 'user_id,last_activity_at')
              END
        ),
        needed (table_name, step, place, clause) AS (
            SELECT w.table_name, 1, w.place,
                   CONCAT(IF(f.name IS NULL, 'ADD COLUMN ', 'MODIFY '), w.name, ' ', w.definition)
            FROM wanted_column w LEFT JOIN found_column f ON f.table_name = w.table_name AND f.name = w.name
            WHERE NOT (f.layout <=> w.layout)
            UNION ALL
            SELECT table_name, 2, 0, 'DROP PRIMARY KEY' FROM missing_key WHERE kind = 'PRIMARY KEY'
            UNION ALL
            SELECT table_name, 3, 0, CONCAT('DROP KEY `', REPLACE(name, '`', '``'), '`') FROM surplus_key
            UNION ALL
            SELECT table_name, 4, place, CONCAT('ADD ', kind, name, ' (', definition, ')') FROM missing_key
        )
        SELECT CONCAT('ALTER TABLE ', table_name, ' ', GROUP_CONCAT(clause ORDER BY step, place, clause SEPARATOR ', ')) AS statement
        FROM needed
        GROUP BY table_name
    ) DO
        SELECT each_table.statement AS running;
        EXECUTE IMMEDIATE each_table.statement;
    END FOR;
END //

-- The foreign key to orbia_user is bound to the first key on user_id (see the table): where a wider one
-- stands before the plain one, it is made anew behind it, and the foreign key with the table.
BEGIN NOT ATOMIC
    DECLARE v_first VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    -- In the table's order, for want of an ORDER BY: no column has it.
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
            SELECT wider.statement AS running;
            EXECUTE IMMEDIATE wider.statement;
        END FOR;
    END IF;
END //

DELIMITER ;



-- Privileges --------------------------------------------------------------------------------------

-- Who owns the triggers and routines. An account of its own, which nobody logs in with and nobody
-- has a reason to drop: with a dropped definer every insert of an order would fail (error 1449).
CREATE USER IF NOT EXISTS 'orbia_conversation_definer'@'localhost' ACCOUNT LOCK;
GRANT SELECT ON orbia_user TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT ON orbia_kol TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT, TRIGGER ON orbia_kol_order TO 'orbia_conversation_definer'@'localhost';
-- DELETE takes back a conversation whose members could not be added.
GRANT SELECT, INSERT, UPDATE, DELETE, TRIGGER ON orbia_conversation TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT, INSERT, UPDATE, TRIGGER ON orbia_conversation_member TO 'orbia_conversation_definer'@'localhost';
GRANT SELECT, INSERT ON orbia_message TO 'orbia_conversation_definer'@'localhost';

-- What the service may do: read what it answers with, and call its routines. Nothing else.
CREATE ROLE IF NOT EXISTS orbia_conversation_app;
GRANT SELECT (id, nickname, avatar_url, status) ON orbia_user TO orbia_conversation_app;
GRANT SELECT ON orbia_conversation TO orbia_conversation_app;
GRANT SELECT ON orbia_conversation_member TO orbia_conversation_app;
GRANT SELECT ON orbia_message TO orbia_conversation_app;


DELIMITER //

-- Writing -----------------------------------------------------------------------------------------

-- Sends one message; answers with one row. `outcome` is 'sent', or why it was not: 'unknown_user',
-- 'user_not_normal', 'no_conversation', 'not_a_member', 'duplicate', 'other_content',
-- 'conversation_closed', in the order in which the API checks. The conversation is named by
-- p_conversation or, where that is NULL, by p_conversation_code (CONV_…). created_at is in milliseconds.
--
-- p_client_message_id is the send's key: the sender has at most one message with it in a conversation.
-- Where there is one already, nothing is written: 'duplicate', with that message's id, time and status,
-- where it says the same as this one, else 'other_content'.
--
-- Read mariadb's rules before changing the order of statements here:
--   * The conversation's row is locked by the first read. That makes the sends of a conversation
--     one queue, and the order of created_at the order of commits; any other first lock deadlocks.
--   * NOW(3) is taken after that lock, in a statement of its own. Inside the SELECT … FOR UPDATE it
--     would be the time before the wait.
--   * ROLLBACK as the first statement, and in the handler: an error can leave a routine's
--     transaction open, and the next START TRANSACTION would commit that half.
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
    COMMENT 'orbia-conversation 2'
BEGIN
    DECLARE v_outcome VARCHAR(32) DEFAULT 'sent';
    DECLARE v_conversation, v_member BIGINT;
    DECLARE v_conversation_status, v_user_status VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_nickname VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_avatar_url VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_newest, v_created_at TIMESTAMP(3);
    DECLARE v_milliseconds BIGINT;
    DECLARE v_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_status VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT 'sent';
    DECLARE v_is_same BOOLEAN;
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
        FROM orbia_conversation WHERE conversation_id = p_conversation_code AND deleted_at IS NULL FOR UPDATE;
    END IF;

    SELECT u.status, u.nickname, u.avatar_url, m.user_id
    INTO v_user_status, v_nickname, v_avatar_url, v_member
    FROM orbia_user u
    LEFT JOIN orbia_conversation_member m ON m.conversation_id = v_conversation AND m.user_id = u.id
    WHERE u.id = p_user;

    IF v_user_status IS NULL THEN
        SET v_outcome = 'unknown_user';
    ELSEIF v_user_status <> 'normal' THEN
        SET v_outcome = 'user_not_normal';
    ELSEIF v_conversation IS NULL THEN
        SET v_outcome = 'no_conversation';
    ELSEIF v_member IS NULL THEN
        SET v_outcome = 'not_a_member';
    ELSE
        -- The conversation's lock keeps a message that is not there now from coming between.
        SELECT message_id, UNIX_TIMESTAMP(created_at) * 1000, status,
               message_type = p_message_type AND BINARY content = BINARY p_content
               AND BINARY file_name <=> BINARY p_file_name AND file_size <=> p_file_size
               AND BINARY file_type <=> BINARY p_file_type
        INTO v_message_id, v_milliseconds, v_status, v_is_same
        FROM orbia_message
        WHERE conversation_id = v_conversation AND sender_id = p_user AND client_message_id = p_client_message_id;

        IF v_message_id IS NOT NULL THEN
            SET v_outcome = IF(v_is_same, 'duplicate', 'other_content');
        ELSEIF v_conversation_status = 'closed' THEN
            SET v_outcome = 'conversation_closed';
        ELSE
            SELECT MAX(created_at) INTO v_newest FROM orbia_message WHERE conversation_id = v_conversation;
            SET v_created_at = GREATEST(NOW(3), COALESCE(v_newest + INTERVAL 1000 MICROSECOND, NOW(3)));
            SET v_milliseconds = UNIX_TIMESTAMP(v_created_at) * 1000;
            SET v_message_id = CONCAT('MSG_', v_milliseconds, '_', v_conversation);

            INSERT INTO orbia_message
                (message_id, conversation_id, sender_id, message_type, content, file_name, file_size, file_type,
                 created_at, client_message_id)
            VALUES
                (v_message_id, v_conversation, p_user, p_message_type, p_content, p_file_name, p_file_size, p_file_type,
                 v_created_at, p_client_message_id);

            -- Members before the conversation: its trigger then finds them up to date and writes nothing.
            UPDATE orbia_conversation_member
            SET unread_count = unread_count + (user_id <> p_user), last_activity_at = v_created_at
            WHERE conversation_id = v_conversation;

            UPDATE orbia_conversation SET last_message_at = v_created_at WHERE id = v_conversation;
        END IF;
    END IF;

    COMMIT;

    SELECT v_outcome AS outcome, v_message_id AS message_id, v_milliseconds AS created_at,
           v_nickname AS sender_nickname, v_avatar_url AS sender_avatar_url, v_status AS status;
END //

-- Marks as read for the caller what came up to p_read_up_to (milliseconds; NULL: all), and moves
-- last_read_at forward, never back. What came after it, from others, stays unread, as far as it was.
-- Answers with one row, `outcome`: 'read', or as in orbia_send_message, and the count. Locks and checks as that does, for the same reasons;
-- both spell it out, since a routine shared by them made a send 4% slower.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_mark_read(
    IN p_user BIGINT,
    IN p_conversation BIGINT,
    IN p_conversation_code VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_read_up_to BIGINT
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 2'
BEGIN
    DECLARE v_outcome VARCHAR(32) DEFAULT 'read';
    DECLARE v_conversation, v_member, v_unread BIGINT;
    DECLARE v_user_status VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_last_message_at, v_read_up_to TIMESTAMP(3);
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
        FROM orbia_conversation WHERE conversation_id = p_conversation_code AND deleted_at IS NULL FOR UPDATE;
    END IF;

    SELECT u.status, m.user_id, m.unread_count INTO v_user_status, v_member, v_unread
    FROM orbia_user u
    LEFT JOIN orbia_conversation_member m ON m.conversation_id = v_conversation AND m.user_id = u.id
    WHERE u.id = p_user;

    IF v_user_status IS NULL THEN
        SET v_outcome = 'unknown_user';
    ELSEIF v_user_status <> 'normal' THEN
        SET v_outcome = 'user_not_normal';
    ELSEIF v_conversation IS NULL THEN
        SET v_outcome = 'no_conversation';
    ELSEIF v_member IS NULL THEN
        SET v_outcome = 'not_a_member';
    ELSE
        -- A message's time can be ahead of the clock by the milliseconds that kept it unique.
        SET v_read_up_to = GREATEST(NOW(3), COALESCE(v_last_message_at, NOW(3)));
        IF p_read_up_to IS NULL THEN
            SET v_unread = 0;
        ELSE
            -- What nobody has written yet nobody has read. A TIMESTAMP begins with 1970's first second.
            SET v_read_up_to = LEAST(v_read_up_to, FROM_UNIXTIME(LEAST(GREATEST(p_read_up_to, 1000), 2147483647999) / 1000));
            SELECT COUNT(*) INTO v_unread
            FROM (SELECT 1 FROM orbia_message
                  WHERE conversation_id = v_conversation AND created_at > v_read_up_to
                    AND sender_id <> p_user AND deleted_at IS NULL
                  LIMIT v_unread) newer;
        END IF;
        UPDATE orbia_conversation_member
        SET unread_count = v_unread, last_read_at = GREATEST(COALESCE(last_read_at, v_read_up_to), v_read_up_to)
        WHERE conversation_id = v_conversation AND user_id = p_user;
    END IF;

    COMMIT;

    SELECT v_outcome AS outcome, v_unread AS unread_count;
END //


-- A conversation for a confirmed order ------------------------------------------------------------

-- Where an order has two conversations already there is no unique key yet, which would refuse a third.
-- This trigger does so until then: the platform's own code tries to insert one for each order.
BEGIN NOT ATOMIC
    DECLARE v_has_key, v_has_trigger BOOLEAN;
    SET v_has_key = EXISTS (
        SELECT 1 FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation' AND NON_UNIQUE = 0
        GROUP BY INDEX_NAME
        HAVING GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) = 'related_order_id,type'
    );
    SET v_has_trigger = EXISTS (
        SELECT 1 FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME = 'orbia_conversation_once'
    );
    IF v_has_key AND v_has_trigger THEN
        EXECUTE IMMEDIATE 'DROP TRIGGER orbia_conversation_once';
    ELSEIF NOT v_has_key THEN
        EXECUTE IMMEDIATE '
            CREATE OR REPLACE DEFINER = ''orbia_conversation_definer''@''localhost''
            TRIGGER orbia_conversation_once BEFORE INSERT ON orbia_conversation FOR EACH ROW
            BEGIN
                IF EXISTS (SELECT 1 FROM orbia_conversation
                           WHERE related_order_id = NEW.related_order_id AND type = NEW.type) THEN
                    SIGNAL SQLSTATE ''23000'' SET MYSQL_ERRNO = 1062, MESSAGE_TEXT = ''the order has a conversation'';
                END IF;
            END';
    END IF;
END //

-- Opens the conversation of one order, in the caller's transaction. p_outcome becomes 'opened',
-- 'exists' (also where it was softly deleted), or 'failed' with p_error saying why; nothing half
-- made is left behind, and no error goes to the caller that a handler can catch.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_open_order_conversation(
    IN p_order BIGINT,
    IN p_order_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_title VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    IN p_user BIGINT,
    IN p_kol BIGINT,
    OUT p_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci,
    OUT p_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 2'
BEGIN
    DECLARE v_conversation, v_kol_user BIGINT;
    DECLARE EXIT HANDLER FOR SQLEXCEPTION
    BEGIN
        DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
        GET DIAGNOSTICS CONDITION 1 p_error = MESSAGE_TEXT;
        SET p_outcome = 'failed';
        -- A trigger cannot roll back to a savepoint: what it made, it takes back by hand.
        IF v_conversation IS NOT NULL THEN
            DELETE FROM orbia_conversation WHERE id = v_conversation;
        END IF;
    END;

    SET p_outcome = 'exists', p_error = NULL;
    SELECT user_id INTO v_kol_user FROM orbia_kol WHERE id = p_kol;

    opening: BEGIN
        -- The platform's own code inserts one too, and so may another transaction: the key decides.
        DECLARE EXIT HANDLER FOR 1062
        BEGIN
            IF NOT EXISTS (SELECT 1 FROM orbia_conversation WHERE related_order_id = p_order_id AND type = 'kol_order') THEN
                SET p_outcome = 'failed', p_error = 'its conversation_id is taken';
            END IF;
        END;
        INSERT INTO orbia_conversation (conversation_id, title, type, related_order_type, related_order_id)
        VALUES (CONCAT('CONV_', CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED), '_', p_order),
                LEFT(CONCAT('KOL订单: ', p_title), 200), 'kol_order', 'kol_order', p_order_id);
        SET v_conversation = LAST_INSERT_ID();
    END opening;

    IF v_conversation IS NOT NULL THEN
        INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
        VALUES (v_conversation, p_user, 'creator');
        IF v_kol_user <> p_user THEN
            INSERT INTO orbia_conversation_member (conversation_id, user_id, role)
            VALUES (v_conversation, v_kol_user, 'member');
        END IF;
        SET p_outcome = 'opened';
    END IF;
END //

CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost'
TRIGGER orbia_conversation_on_order_update AFTER UPDATE ON orbia_kol_order FOR EACH ROW
BEGIN
    DECLARE v_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    -- The order's own statement never fails for the sake of its conversation: the back-fill mends it.
    DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
    IF NEW.status = 'confirmed' AND OLD.status <> 'confirmed' AND NEW.deleted_at IS NULL THEN
        CALL orbia_open_order_conversation(NEW.id, NEW.order_id, NEW.title, NEW.user_id, NEW.kol_id, v_outcome, v_error);
    END IF;
END //

CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost'
TRIGGER orbia_conversation_on_order_insert AFTER INSERT ON orbia_kol_order FOR EACH ROW
BEGIN
    DECLARE v_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
    IF NEW.status = 'confirmed' AND NEW.deleted_at IS NULL THEN
        CALL orbia_open_order_conversation(NEW.id, NEW.order_id, NEW.title, NEW.user_id, NEW.kol_id, v_outcome, v_error);
    END IF;
END //

-- Opens what is missing for orders that were confirmed before the triggers existed, or whose trigger
-- failed. p_seconds: look only at orders changed within so many seconds; NULL: at all of them.
-- Answers with one row: how many were opened, how many could not be, and the last error. Opens 500 at
-- the most: call it again while it opens any. One transaction an order; one statement along an index
-- when there is nothing to do. Where another session is at it, it does nothing.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_backfill_conversations(
    IN p_seconds INT UNSIGNED
)
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 2'
BEGIN
    DECLARE v_opened, v_failed INT DEFAULT 0;
    DECLARE v_outcome VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_error, v_last_error VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_since TIMESTAMP DEFAULT FROM_UNIXTIME(1);
    DECLARE v_lock VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT LEFT(CONCAT(DATABASE(), '.orbia_backfill'), 64);
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
        opening: FOR missing IN (
            SELECT o.id, o.order_id, o.title, o.user_id, o.kol_id
            FROM orbia_kol_order o
            LEFT JOIN orbia_conversation c ON c.related_order_id = o.order_id AND c.type = 'kol_order'
            WHERE o.status IN ('confirmed', 'in_progress', 'completed')
              AND (o.updated_at >= v_since OR o.updated_at IS NULL)
              AND o.deleted_at IS NULL
              AND c.id IS NULL
        ) DO
            START TRANSACTION;
            CALL orbia_open_order_conversation(missing.id, missing.order_id, missing.title, missing.user_id,
                                               missing.kol_id, v_outcome, v_error);
            COMMIT;
            IF v_outcome = 'opened' THEN
                SET v_opened = v_opened + 1;
            ELSEIF v_outcome = 'failed' THEN
                SET v_failed = v_failed + 1, v_last_error = CONCAT(missing.order_id, ': ', COALESCE(v_error, 'unknown'));
            END IF;
            IF v_opened >= 500 THEN
                LEAVE opening;
            END IF;
        END FOR;
        DO RELEASE_LOCK(v_lock);
    END IF;

    SELECT v_opened AS opened, v_failed AS failed, v_last_error AS last_error;
END //


-- The members' copies -----------------------------------------------------------------------------

-- A plain INSERT by staff is enough to add a member. LOCK IN SHARE MODE: a plain read could copy an
-- activity that a send running beside it is about to change.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost'
TRIGGER orbia_conversation_member_copies BEFORE INSERT ON orbia_conversation_member FOR EACH ROW
BEGIN
    DECLARE v_activity TIMESTAMP(3);
    DECLARE v_type VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    SELECT COALESCE(last_message_at, created_at), type INTO v_activity, v_type
    FROM orbia_conversation WHERE id = NEW.conversation_id LOCK IN SHARE MODE;
    SET NEW.last_activity_at = COALESCE(v_activity, NOW(3)), NEW.conversation_type = COALESCE(v_type, 'general');
END //

-- Carries a change of the conversation made by plain SQL. It writes only where the two columns
-- differ: a staff statement that changes the status and names the member table in a subselect would
-- fail with error 1442 if this reached the UPDATE.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost'
TRIGGER orbia_conversation_carry AFTER UPDATE ON orbia_conversation FOR EACH ROW
BEGIN
    DECLARE v_activity TIMESTAMP(3);
    IF NOT (NEW.last_message_at <=> OLD.last_message_at) OR NEW.type <> OLD.type THEN
        SET v_activity = COALESCE(NEW.last_message_at, NEW.created_at, NOW(3));
        UPDATE orbia_conversation_member
        SET last_activity_at = v_activity, conversation_type = NEW.type
        WHERE conversation_id = NEW.id AND (last_activity_at <> v_activity OR conversation_type <> NEW.type);
    END IF;
END //

-- Fills both columns where a member was there before the triggers, a thousand conversations at a time.
-- It locks only where there is something to fill, and the conversation first, as a send does.
BEGIN NOT ATOMIC
    DECLARE v_from BIGINT DEFAULT 0;
    DECLARE v_to BIGINT;
    filling: LOOP
        SELECT MAX(id) INTO v_to FROM (SELECT id FROM orbia_conversation WHERE id > v_from ORDER BY id LIMIT 1000) AS batch;
        IF v_to IS NULL THEN
            LEAVE filling;
        END IF;
        IF EXISTS (
            SELECT 1
            FROM orbia_conversation c STRAIGHT_JOIN orbia_conversation_member m ON m.conversation_id = c.id
            WHERE c.id > v_from AND c.id <= v_to
              AND (m.last_activity_at <> COALESCE(c.last_message_at, c.created_at, m.last_activity_at)
                   OR m.conversation_type <> c.type)
        ) THEN
            UPDATE orbia_conversation c STRAIGHT_JOIN orbia_conversation_member m ON m.conversation_id = c.id
            SET m.last_activity_at = COALESCE(c.last_message_at, c.created_at, m.last_activity_at),
                m.conversation_type = c.type
            WHERE c.id > v_from AND c.id <= v_to
              AND (m.last_activity_at <> COALESCE(c.last_message_at, c.created_at, m.last_activity_at)
                   OR m.conversation_type <> c.type);
        END IF;
        SET v_from = v_to;
    END LOOP;
END //


-- What is here ------------------------------------------------------------------------------------

-- The layout that the service needs, a row a part: kind, name, what is expected, what was found
-- (NULL: nothing). The service's account cannot see triggers and routines by itself; its `check`
-- command and its readiness ask here.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_schema_report()
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 2'
BEGIN
    WITH
    -- name: table.column
    expected_column (name, definition) AS (
        VALUES ('orbia_conversation.last_message_at', 'timestamp(3)'),
               ('orbia_conversation_member.last_activity_at', 'timestamp(3) not null'),
               ('orbia_conversation_member.conversation_type', 'enum(''kol_order'',''ad_order'',''general'',''support'') not null'),
               ('orbia_conversation_member.last_read_at', 'timestamp(3)'),
               ('orbia_message.created_at', 'timestamp(3) not null'),
               ('orbia_message.client_message_id', 'varchar(64) utf8mb4_nopad_bin')
    ),
    found_column AS (
        SELECT CONCAT(TABLE_NAME, '.', COLUMN_NAME) AS name,
               CONCAT(COLUMN_TYPE, IF(DATA_TYPE = 'varchar', CONCAT(' ', COLLATION_NAME), ''),
                      IF(IS_NULLABLE = 'NO', ' not null', '')) AS definition
        FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE()
          AND TABLE_NAME IN ('orbia_conversation', 'orbia_conversation_member', 'orbia_message')
    ),
    -- name: table (columns); an index's own name does not matter
    expected_index (name, definition) AS (
        VALUES ('orbia_conversation (id)', 'primary'),
               ('orbia_conversation (conversation_id)', 'unique'),
               ('orbia_conversation (related_order_id,type)', 'unique'),
               ('orbia_conversation (deleted_at)', 'index'),
               ('orbia_conversation_member (conversation_id,user_id)', 'primary'),
               ('orbia_conversation_member (id)', 'unique'),
               ('orbia_conversation_member (user_id,last_activity_at,conversation_id,unread_count)', 'index'),
               ('orbia_conversation_member (user_id,conversation_type,last_activity_at)', 'index'),
               ('orbia_message (conversation_id,created_at,id)', 'primary'),
               ('orbia_message (id)', 'unique'),
               ('orbia_message (message_id)', 'unique'),
               ('orbia_message (conversation_id,sender_id,client_message_id)', 'unique'),
               ('orbia_kol_order (status,updated_at)', 'index')
    ),
    found_index AS (
        SELECT CONCAT(TABLE_NAME, ' (', GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX), ')') AS name,
               CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'primary' WHEN NON_UNIQUE = 0 THEN 'unique' ELSE 'index' END AS definition
        FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE()
        GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE
    ),
    -- The key that the members' foreign key to orbia_user is bound to: the first one on user_id, in
    -- the table's order, which no column has. (The binding itself no table of the server shows.)
    first_on_user AS (
        SELECT TABLE_NAME, INDEX_NAME FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND NON_UNIQUE = 1
          AND SEQ_IN_INDEX = 1 AND COLUMN_NAME = 'user_id'
        LIMIT 1
    ),
    found_first_on_user AS (
        SELECT GROUP_CONCAT(s.COLUMN_NAME ORDER BY s.SEQ_IN_INDEX) AS columns
        FROM first_on_user f JOIN information_schema.STATISTICS s
          ON s.TABLE_SCHEMA = DATABASE() AND s.TABLE_NAME = f.TABLE_NAME AND s.INDEX_NAME = f.INDEX_NAME
    ),
    expected_trigger (name, definition) AS (
        VALUES ('orbia_conversation_on_order_update', 'AFTER UPDATE ON orbia_kol_order'),
               ('orbia_conversation_on_order_insert', 'AFTER INSERT ON orbia_kol_order'),
               ('orbia_conversation_member_copies', 'BEFORE INSERT ON orbia_conversation_member'),
               ('orbia_conversation_carry', 'AFTER UPDATE ON orbia_conversation')
    ),
    found_trigger AS (
        SELECT TRIGGER_NAME AS name, CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION, ' ON ', EVENT_OBJECT_TABLE) AS definition
        FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE()
    ),
    -- definition: the comment, which carries the version
    expected_routine (name, definition) AS (
        VALUES ('orbia_send_message', 'orbia-conversation 2'),
               ('orbia_mark_read', 'orbia-conversation 2'),
               ('orbia_open_order_conversation', 'orbia-conversation 2'),
               ('orbia_backfill_conversations', 'orbia-conversation 2'),
               ('orbia_schema_report', 'orbia-conversation 2')
    ),
    found_routine AS (
        SELECT ROUTINE_NAME AS name, ROUTINE_COMMENT AS definition
        FROM information_schema.ROUTINES
        WHERE ROUTINE_SCHEMA = DATABASE()
    )
    SELECT 'column' AS kind, e.name, e.definition AS expected, f.definition AS found
    FROM expected_column e LEFT JOIN found_column f ON f.name = e.name
    UNION ALL
    SELECT 'index', e.name, e.definition, f.definition
    FROM expected_index e LEFT JOIN found_index f ON f.name = e.name AND f.definition = e.definition
    UNION ALL
    SELECT 'index', 'orbia_conversation_member (user_id)', 'first on user_id',
           IF(columns = 'user_id', 'first on user_id', CONCAT('behind (', columns, ')'))
    FROM found_first_on_user
    UNION ALL
    SELECT 'trigger', e.name, e.definition, f.definition
    FROM expected_trigger e LEFT JOIN found_trigger f ON f.name = e.name
    UNION ALL
    SELECT 'routine', e.name, e.definition, f.definition
    FROM expected_routine e LEFT JOIN found_routine f ON f.name = e.name;
END //

DELIMITER ;


-- Who may call what -------------------------------------------------------------------------------

GRANT EXECUTE ON PROCEDURE orbia_open_order_conversation TO 'orbia_conversation_definer'@'localhost';
-- A routine's owner needs the right to run it, like anybody else, for the report to see it.
GRANT EXECUTE ON PROCEDURE orbia_send_message TO 'orbia_conversation_definer'@'localhost';
GRANT EXECUTE ON PROCEDURE orbia_mark_read TO 'orbia_conversation_definer'@'localhost';
GRANT EXECUTE ON PROCEDURE orbia_backfill_conversations TO 'orbia_conversation_definer'@'localhost';
GRANT EXECUTE ON PROCEDURE orbia_schema_report TO 'orbia_conversation_definer'@'localhost';

GRANT EXECUTE ON PROCEDURE orbia_send_message TO orbia_conversation_app;
GRANT EXECUTE ON PROCEDURE orbia_mark_read TO orbia_conversation_app;
GRANT EXECUTE ON PROCEDURE orbia_backfill_conversations TO orbia_conversation_app;
GRANT EXECUTE ON PROCEDURE orbia_schema_report TO orbia_conversation_app;


-- What is left to decide --------------------------------------------------------------------------

DELIMITER //

-- Which orders have several conversations of a type, and what to do about it.
BEGIN NOT ATOMIC
    SET @orbia_undecided = NULL;
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation' AND NON_UNIQUE = 0
        GROUP BY INDEX_NAME
        HAVING GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) = 'related_order_id,type'
    ) THEN
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

-- For the exit status: all else is done.
BEGIN NOT ATOMIC
    DECLARE v_message VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
        DEFAULT CONCAT('orders with several conversations of a type: ', @orbia_undecided, '. See above; then run this again');
    IF @orbia_undecided IS NOT NULL THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;
END //

DELIMITER ;
