-- The reports that `check` asks for beside that on the schema.

DELIMITER //

-- Reports what the triggers and routines lack that run with their owner's rights, in the form of orbia_schema_state: a row
-- for each right of the owner, and for the owner of each trigger and routine. After a restore the account can be missing,
-- or be without rights in this database. Where it may not even run this routine, the error of the call says so.
BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT("
        CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_definer_report()
            READS SQL DATA
            SQL SECURITY DEFINER
            COMMENT 'orbia-conversation {version}'
        BEGIN
            DECLARE v_callable VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT '';
            DECLARE v_routine VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

            -- No table that this account can read shows which routines it may call. But a call without their
            -- parameters ends with error 1370 where it may not, else with 1318, and runs nothing.
            FOR routine IN (
                WITH ", @orbia_routines, "
                SELECT l.name FROM routine_layout l
                JOIN information_schema.ROUTINES r ON r.ROUTINE_SCHEMA = DATABASE() AND r.ROUTINE_NAME = l.name
                WHERE l.has_parameters
            ) DO
                BEGIN
                    DECLARE CONTINUE HANDLER FOR 1370 BEGIN END;
                    DECLARE CONTINUE HANDLER FOR 1318 SET v_callable = CONCAT(v_callable, ',', v_routine);
                    SET v_routine = routine.name;
                    EXECUTE IMMEDIATE CONCAT('CALL ', v_routine, '()');
                END;
            END FOR;

            WITH ", @orbia_routines, ",
            -- The server shows an account its own rights alone. One without a table is for all tables.
            found_right (table_name, privilege) AS (
                SELECT TABLE_NAME, PRIVILEGE_TYPE FROM information_schema.TABLE_PRIVILEGES WHERE TABLE_SCHEMA = DATABASE()
                UNION ALL
                SELECT NULL, PRIVILEGE_TYPE FROM information_schema.SCHEMA_PRIVILEGES WHERE DATABASE() LIKE TABLE_SCHEMA
                UNION ALL
                SELECT NULL, PRIVILEGE_TYPE FROM information_schema.USER_PRIVILEGES
            ),
            found_definer (kind, name, definer) AS (
                SELECT 'trigger', TRIGGER_NAME, DEFINER FROM information_schema.TRIGGERS
                WHERE TRIGGER_SCHEMA = DATABASE() AND TRIGGER_NAME LIKE 'orbia\\_conversation\\_%'
                UNION ALL
                SELECT 'routine', ROUTINE_NAME, DEFINER FROM information_schema.ROUTINES
                WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT LIKE 'orbia-conversation %'
            )
            SELECT 'grant' AS kind, CONCAT(e.privilege, ' on ', e.table_name) AS name, 'granted' AS expected,
                   IF(EXISTS (SELECT 1 FROM found_right f
                              WHERE f.privilege = e.privilege AND COALESCE(f.table_name, e.table_name) = e.table_name),
                      'granted', NULL) AS found
            FROM definer_right e
            UNION ALL
            SELECT 'grant', CONCAT('EXECUTE on ', e.name), 'granted', IF(FIND_IN_SET(e.name, v_callable), 'granted', NULL)
            FROM routine_layout e WHERE e.has_parameters
            UNION ALL
            SELECT kind, name, CONCAT('definer ', 'orbia_conversation_definer@localhost'), CONCAT('definer ', definer)
            FROM found_definer;
        END");
END //

-- Reports the orders that have had no conversation for p_seconds. The answer is one row: their number, and the largest
-- order_id among them.
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
