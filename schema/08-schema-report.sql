DELIMITER //

-- For the `check` command and the readiness of builds of version p_build: the service's account cannot
-- see triggers and routines by itself. Answers with a row for each part of the layout (@orbia_findings
-- says of what columns), and in each row the schema's version and the oldest version whose builds it
-- serves. Name, parameter and columns stay as they are for all later versions, since an older build asks
-- a newer schema with them; a newer build takes what it is told of itself by an older schema's.
BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT("
        CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_schema_state(IN p_build INT)
            READS SQL DATA
            SQL SECURITY DEFINER
            COMMENT 'orbia-conversation {version}'
        BEGIN
            -- It may be short in the caller's session, and cuts the keys' columns then.
            SET SESSION group_concat_max_len = GREATEST(@@SESSION.group_concat_max_len, 65536);
            WITH ", @orbia_layout, ", ", @orbia_findings, "
            SELECT kind, name,
                   -- A build is content with a routine of its own version, as there is while this file runs.
                   IF(p_build < ", @orbia_version, " AND kind = 'routine' AND found REGEXP '^orbia-conversation [0-9]+$'
                      AND SUBSTRING_INDEX(found, ' ', -1) >= p_build, found, expected) AS expected,
                   found, is_needed, is_mendable, why,
                   ", @orbia_version, " AS version, ", @orbia_serves_from, " AS serves_from
            FROM finding
            -- Builds of version 2 take each difference for a fault.
            WHERE (p_build > 2 OR is_needed OR found <=> expected)
              -- A routine that it does not know it does not need, as there is none while this file runs.
              AND NOT (kind = 'routine' AND name IN (SELECT l.name FROM routine_layout l WHERE l.since > p_build));
        END");
    -- At once, since the report of version 2 calls it, which builds ask while this file runs.
    EXECUTE IMMEDIATE 'GRANT EXECUTE ON PROCEDURE orbia_schema_state TO ''orbia_conversation_definer''@''localhost''';
END //

-- What builds of version 2 ask; they read the first four columns.
CREATE OR REPLACE DEFINER = 'orbia_conversation_definer'@'localhost' PROCEDURE orbia_schema_report()
    READS SQL DATA
    SQL SECURITY DEFINER
    COMMENT 'orbia-conversation 2'
BEGIN
    CALL orbia_schema_state(2);
END //

-- Version 2's own report, where it runs still, is to be done before the first routine is another than it expects.
BEGIN NOT ATOMIC
    IF EXISTS (SELECT 1 FROM information_schema.ROUTINES
               WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT = 'orbia-conversation 2'
                 AND ROUTINE_NAME <> 'orbia_schema_report') THEN
        DO SLEEP(0.5);
    END IF;
END //

DELIMITER ;
