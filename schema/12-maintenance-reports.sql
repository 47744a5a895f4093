DELIMITER //

-- What the triggers and routines lack that run with their owner's rights, a row each, in the form of
-- orbia_schema_state: whose they are, and what that account may do. After a restore the account can be
-- missing, or without rights in this database; where it may not even run this, the error says so.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_definer_report()
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation {version}'
BEGIN
    DECLARE v_callable VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT '';
    DECLARE v_routine VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

    -- No table that this account can read shows which routines it may call. But a call without their
    -- arguments ends with error 1370 where it may not, else with 1318, and runs nothing.
    FOR routine IN (
        SELECT ROUTINE_NAME AS name FROM information_schema.ROUTINES
        WHERE ROUTINE_SCHEMA = DATABASE()
          AND ROUTINE_NAME IN ('orbia_send_message', 'orbia_mark_read', 'orbia_open_order_conversation',
                               'orbia_backfill_conversations', 'orbia_backfill_report')
    ) DO
        BEGIN
            DECLARE CONTINUE HANDLER FOR 1370 BEGIN END;
            DECLARE CONTINUE HANDLER FOR 1318 SET v_callable = CONCAT(v_callable, ',', v_routine);
            SET v_routine = routine.name;
            EXECUTE IMMEDIATE CONCAT('CALL ', v_routine, '()');
        END;
    END FOR;

    WITH
    -- As granted under "Privileges".
    expected_grant (name, privilege) AS (
        VALUES ('orbia_user', 'SELECT'),
               ('orbia_kol', 'SELECT'),
               ('orbia_kol_order', 'SELECT'), ('orbia_kol_order', 'TRIGGER'),
               ('orbia_conversation', 'SELECT'), ('orbia_conversation', 'INSERT'), ('orbia_conversation', 'UPDATE'),
               ('orbia_conversation', 'DELETE'), ('orbia_conversation', 'TRIGGER'),
               ('orbia_conversation_member', 'SELECT'), ('orbia_conversation_member', 'INSERT'),
               ('orbia_conversation_member', 'UPDATE'), ('orbia_conversation_member', 'TRIGGER'),
               ('orbia_message', 'SELECT'), ('orbia_message', 'INSERT')
    ),
    -- As granted under "Who may call what".
    expected_call (name) AS (
        VALUES ('orbia_send_message'), ('orbia_mark_read'), ('orbia_open_order_conversation'),
               ('orbia_backfill_conversations'), ('orbia_backfill_report')
    ),
    -- The server shows an account its own alone. NULL: on all tables.
    found_grant (name, privilege) AS (
        SELECT TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE()
        UNION ALL
        SELECT NULL, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE TABLE_SCHEMA
        UNION ALL
        SELECT NULL, PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
    ),
    found_definer (kind, name, definer) AS (
        SELECT 'trigger', TRIGGER_NAME, DEFINER FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME LIKE 'orbia\_conversation\_%'
        UNION ALL
        SELECT 'routine', ROUTINE_NAME, DEFINER FROM information_schema.ROUTINES
        WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT LIKE 'orbia-conversation %'
    )
    SELECT 'grant' AS kind, CONCAT(e.privilege, ' on ', e.name) AS name, 'granted' AS expected,
           IF(EXISTS (SELECT 1 FROM found_grant f
                      WHERE f.privilege = e.privilege AND COALESCE(f.name, e.name) = e.name), 'granted', NULL) AS found
    FROM expected_grant e
    UNION ALL
    SELECT 'grant', CONCAT('EXECUTE on ', e.name), 'granted', IF(FIND_IN_SET(e.name, v_callable), 'granted', NULL)
    FROM expected_call e
    UNION ALL
    SELECT kind, name, CONCAT('definer ', 'orbia_conversation_definer@localhost'), CONCAT('definer ', definer)
    FROM found_definer;
END //

-- Orders that have been without their conversation for so many seconds: one row with their number and
-- the order that changed last among them.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_backfill_report(
    IN p_seconds INT UNSIGNED
)
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation {version}'
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
