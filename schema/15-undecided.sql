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
