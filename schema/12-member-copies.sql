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
