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
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
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
