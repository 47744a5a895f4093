-- The role of the service's account, and its rights.

DELIMITER //

-- Makes the role of the service's account: it may read what the service answers with, and call the service's routines,
-- and nothing else. A role belongs to the server; this one has the database's name in its own, so that no account of
-- another database gets into this one.
BEGIN NOT ATOMIC
    DECLARE v_role VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
        DEFAULT CONCAT('`', REPLACE(CONCAT('orbia_conversation_app_', DATABASE()), '`', '``'), '`');
    EXECUTE IMMEDIATE CONCAT('CREATE ROLE IF NOT EXISTS ', v_role);
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_routine ENGINE = Aria AS WITH ', @orbia_layout, ' SELECT * FROM routine_layout');

    FOR each_right IN (
        WITH
        grantee (name) AS (
            SELECT v_role
            UNION ALL
            -- Versions 1 and 2 had one role for all databases of the server. Where that role has rights in this
            -- database, it keeps them until the operator has moved its accounts (docs/deployment.md).
            SELECT DISTINCT 'orbia_conversation_app' FROM information_schema.TABLE_PRIVILEGES
            WHERE GRANTEE = '''orbia_conversation_app''@''''' AND TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message'
        ),
        service_right (what) AS (
            VALUES ('SELECT (id, nickname, avatar_url, status) ON orbia_user'),
                   ('SELECT ON orbia_conversation'), ('SELECT ON orbia_conversation_member'), ('SELECT ON orbia_message'),
                   ('SELECT ON orbia_conversation_change')
        ),
        routine_right (what, is_called) AS (
            SELECT CONCAT('EXECUTE ON PROCEDURE ', name), is_called FROM orbia_routine
        )
        SELECT CONCAT('GRANT ', what, ' TO ', name) AS statement FROM service_right JOIN grantee
        UNION ALL
        SELECT CONCAT('GRANT ', what, ' TO ', name) FROM routine_right JOIN grantee WHERE is_called
        UNION ALL
        -- The owner of a routine needs the right to run it, like everybody else.
        SELECT CONCAT('GRANT ', what, ' TO ''orbia_conversation_definer''@''localhost''') FROM routine_right
    ) DO
        EXECUTE IMMEDIATE each_right.statement;
    END FOR;
END //

DELIMITER ;
