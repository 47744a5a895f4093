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
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
BEGIN
    CALL orbia_turn_feature('order_progress', TRUE);
    SELECT 'on' AS order_progress;
END //

-- Turns it off. What was recorded before is still told.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_order_progress_off()
    MODIFIES SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
BEGIN
    SELECT (SELECT COUNT(*) FROM orbia_conversation_feature WHERE name = 'order_progress' AND is_on) AS is_on,
           COUNT(*) AS recorded, TIMESTAMPDIFF(SECOND, MIN(changed_at), NOW(3)) AS oldest_age
    FROM orbia_order_progress;
END //

DELIMITER ;
