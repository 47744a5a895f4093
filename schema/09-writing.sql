-- The routines that write: each request of send_message and of mark_read is one call.

DELIMITER //

-- Sends one message, and answers with one row. `outcome` is 'sent', or the reason why nothing was sent: 'unknown_user',
-- 'user_not_normal', 'no_conversation', 'not_a_member', 'duplicate', 'other_content', 'conversation_closed' or
-- 'end_of_time', in the order in which the API checks. The conversation is named by p_conversation or, where that is
-- NULL, by p_conversation_code (CONV_…). created_at is in milliseconds since 1970.
--
-- p_client_message_id is the idempotency key: the sender has at most one message with it in a conversation. Where there
-- is one already, nothing is written. The outcome is 'duplicate', with that message's id, time and status, where its
-- content is the same as this one's, else 'other_content'.
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
    COMMENT 'orbia-conversation {version}'
BEGIN
    DECLARE v_outcome VARCHAR(32) DEFAULT 'sent';
    DECLARE v_user, v_conversation, v_member BIGINT UNSIGNED;
    -- A value of an ENUM has 255 characters at the most.
    DECLARE v_conversation_status, v_user_status VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_nickname TYPE OF orbia_user.nickname;
    DECLARE v_avatar_url TYPE OF orbia_user.avatar_url;
    DECLARE v_newest, v_created_at TIMESTAMP(3);
    DECLARE v_milliseconds BIGINT;
    DECLARE v_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_status VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT 'sent';
    DECLARE v_is_same BOOLEAN;
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
            -- UNIX_TIMESTAMP gives NULL for a time that a TIMESTAMP of this server cannot hold.
            SET v_milliseconds = UNIX_TIMESTAMP(GREATEST(NOW(3), COALESCE(v_newest + INTERVAL 1000 MICROSECOND, NOW(3)))) * 1000;
            IF v_milliseconds IS NULL THEN
                SET v_outcome = 'end_of_time';
            END IF;
        END IF;

        IF v_outcome = 'sent' THEN
            SET v_created_at = FROM_UNIXTIME(v_milliseconds * 0.001);
            SET v_message_id = CONCAT('MSG_', v_milliseconds, '_', v_conversation);

            INSERT INTO orbia_message
                (message_id, conversation_id, sender_id, message_type, content, file_name, file_size, file_type,
                 status, created_at, client_message_id)
            VALUES
                (v_message_id, v_conversation, p_user, p_message_type, p_content, p_file_name, p_file_size, p_file_type,
                 v_status, v_created_at, p_client_message_id);

            -- The members are updated before the conversation, whose trigger is told that it has nothing to carry: to
            -- find that out by itself takes it a tenth of a send.
            UPDATE orbia_conversation_member
            SET unread_count = COALESCE(unread_count, 0) + (user_id <> p_user), last_activity_at = v_created_at
            WHERE conversation_id = v_conversation;

            SET @orbia_carried = v_conversation;
            UPDATE orbia_conversation SET last_message_at = v_created_at WHERE id = v_conversation;
            SET @orbia_carried = NULL;
        END IF;
    END IF;

    COMMIT;

    SELECT v_outcome AS outcome, v_message_id AS message_id, v_milliseconds AS created_at,
           v_nickname AS sender_nickname, v_avatar_url AS sender_avatar_url, v_status AS status;
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
    COMMENT 'orbia-conversation {version}'
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
                    AND sender_id <> p_user AND deleted_at IS NULL
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
