-- The routines that report the state of the schema to builds of this version and of older ones.

DELIMITER //

-- Reports to `check` and to the readiness of a build of version p_build, since the service's account cannot see
-- triggers and routines by itself. The answer has a row for each part of the layout (@orbia_findings has its columns),
-- and each row has the schema's version and the oldest version whose builds it serves. Name, parameter and columns stay
-- as they are in all later versions: an older build asks a newer schema with them, and a newer build an older schema.
BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT("
        CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_schema_state(IN p_build INT)
            READS SQL DATA
            SQL SECURITY DEFINER
            COMMENT 'orbia-conversation {version}'
        BEGIN
            -- A short limit of the caller's session would cut the list of a key's columns.
            SET SESSION group_concat_max_len = GREATEST(@@SESSION.group_concat_max_len, 65536);
            WITH ", @orbia_layout, ", ", @orbia_findings, "
            SELECT kind, name,
                   -- While this file runs, routines of the build's own version are still there, and will do.
                   IF(p_build < ", @orbia_version, " AND kind = 'routine' AND found REGEXP '^orbia-conversation [0-9]+$'
                      AND SUBSTRING_INDEX(found, ' ', -1) >= p_build, found, expected) AS expected,
                   found, is_needed, is_mendable, why,
                   ", @orbia_version, " AS version, ", @orbia_serves_from, " AS serves_from
            FROM finding
            -- Builds of version 2 take each difference for a fault, so they get those alone that are one.
            WHERE (p_build > 2 OR is_needed OR found <=> expected)
              -- An older build does not need a routine or trigger that it does not know, and that may not be made yet.
              AND NOT (kind = 'routine' AND name IN (SELECT l.name FROM routine_layout l WHERE l.since > p_build))
              AND NOT (kind = 'trigger' AND name IN (SELECT l.name FROM trigger_layout l WHERE l.since > p_build));
        END");
    -- The right is granted at once, since builds of version 2 ask while this file runs, and their report calls this
    -- one.
    EXECUTE IMMEDIATE 'GRANT EXECUTE ON PROCEDURE orbia_schema_state TO ''orbia_conversation_definer''@''localhost''';
END //

-- Answers builds of version 2, which read the first four columns.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_schema_report()
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 2'
BEGIN
    CALL orbia_schema_state(2);
END //

-- A call of version 2's own report may still be running. It gets time to end before the first routine is replaced by
-- one that it does not expect.
BEGIN NOT ATOMIC
    IF EXISTS (SELECT 1 FROM information_schema.ROUTINES
               WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT = 'orbia-conversation 2'
                 AND ROUTINE_NAME <> 'orbia_schema_report') THEN
        DO SLEEP(0.5);
    END IF;
END //

DELIMITER ;
