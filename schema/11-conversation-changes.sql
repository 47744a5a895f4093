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
    COMMENT 'orbia-conversation {version}'
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
