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
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
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
    COMMENT 'orbia-conversation {version}'
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
