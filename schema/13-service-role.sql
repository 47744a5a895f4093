DELIMITER //

-- What the service may do: read what it answers with, and call its routines. Nothing else. Roles belong
-- to the server, and this one to a database: no account of another database gets into this one.
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
            -- That of versions 1 and 2, which was one for all databases of the server: where it has this
            -- one, it keeps what it has until the operator has moved its accounts (docs/deployment.md).
            SELECT DISTINCT 'orbia_conversation_app' FROM information_schema.TABLE_PRIVILEGES
            WHERE GRANTEE = '''orbia_conversation_app''@''''' AND TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message'
        ),
        service_right (what) AS (
            VALUES ('SELECT (id, nickname, avatar_url, status) ON orbia_user'),
                   ('SELECT ON orbia_conversation'), ('SELECT ON orbia_conversation_member'), ('SELECT ON orbia_message')
        ),
        routine_right (what, is_called) AS (
            SELECT CONCAT('EXECUTE ON PROCEDURE ', name), is_called FROM orbia_routine
        )
        SELECT CONCAT('GRANT ', what, ' TO ', name) AS statement FROM service_right JOIN grantee
        UNION ALL
        SELECT CONCAT('GRANT ', what, ' TO ', name) FROM routine_right JOIN grantee WHERE is_called
        UNION ALL
        -- A routine's owner needs the right to run it, like anybody else, for the report to see it.
        SELECT CONCAT('GRANT ', what, ' TO ''orbia_conversation_definer''@''localhost''') FROM routine_right
    ) DO
        EXECUTE IMMEDIATE each_right.statement;
    END FOR;
END //

DELIMITER ;
