-- The preflight: it ends this file before the first change where that would do harm.

DELIMITER //

BEGIN NOT ATOMIC
    DECLARE v_message VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_version BIGINT UNSIGNED;
    DECLARE v_account VARCHAR(400) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci
        DEFAULT REGEXP_REPLACE(CURRENT_USER(), '^(.*)@([^@]*)$', '''\\1''@''\\2''');

    -- Without these rights it would end in the middle.
    BEGIN
        DECLARE EXIT HANDLER FOR 1142, 1143, 1044, 1227 SET v_message = 'SELECT in the database mysql';
        SELECT COUNT(*) INTO v_version FROM mysql.roles_mapping;
        SELECT COUNT(*) INTO v_version FROM mysql.tables_priv;
        SELECT COUNT(*) INTO v_version FROM mysql.columns_priv;
        SELECT COUNT(*) INTO v_version FROM mysql.procs_priv;
    END;
    -- What a role may on the whole server no table tells.
    IF v_message IS NULL AND NOT EXISTS (SELECT 1 FROM information_schema.ENABLED_ROLES WHERE ROLE_NAME IS NOT NULL) THEN
        WITH
        needed (name, is_of_server) AS (
            VALUES ('CREATE USER', 1), ('SELECT', 0), ('INSERT', 0), ('UPDATE', 0), ('DELETE', 0), ('CREATE', 0), ('DROP', 0),
                   ('ALTER', 0), ('INDEX', 0), ('REFERENCES', 0), ('TRIGGER', 0), ('EXECUTE', 0), ('ALTER ROUTINE', 0)
        ),
        granted (name, is_of_server, may_grant) AS (
            SELECT PRIVILEGE_TYPE, 1, IS_GRANTABLE = 'YES' FROM information_schema.USER_PRIVILEGES
            WHERE BINARY GRANTEE = BINARY v_account
            UNION ALL
            SELECT PRIVILEGE_TYPE, 0, IS_GRANTABLE = 'YES' FROM information_schema.SCHEMA_PRIVILEGES
            WHERE DATABASE() LIKE TABLE_SCHEMA AND BINARY GRANTEE = BINARY v_account
        )
        SELECT GROUP_CONCAT(IF(is_of_server, CONCAT(name, ' on the server'), CONCAT(name, ' WITH GRANT OPTION'))
                            ORDER BY is_of_server DESC, name SEPARATOR ', ')
        INTO v_message FROM needed n
        WHERE NOT EXISTS (SELECT 1 FROM granted g WHERE g.name = n.name AND g.is_of_server >= n.is_of_server
                          AND (n.is_of_server OR g.may_grant));
    END IF;
    IF v_message IS NOT NULL THEN
        SET v_message = CONCAT('nothing was changed: ', LEFT(CURRENT_USER(), 100), ' has not the rights of an administrator.'
                               ' It lacks ', LEFT(v_message, 350));
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;

    -- A later version may have made what this file does not know.
    SELECT MAX(CAST(SUBSTRING_INDEX(ROUTINE_COMMENT, ' ', -1) AS UNSIGNED)) INTO v_version
    FROM information_schema.ROUTINES
    WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT REGEXP '^orbia-conversation [0-9]+$';
    IF v_version > {version} THEN
        SET v_message = CONCAT('nothing was changed: the database has version ', v_version, ' of the schema, and this file'
                               ' is of version {version}. Use the schema-remove.sql of version ', v_version);
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;

    -- The service's accounts are those that an administrator has given the role to. Who made the role has it, too, as its
    -- administrator.
    SELECT GROUP_CONCAT(DISTINCT p.USER) INTO v_message
    FROM information_schema.PROCESSLIST p JOIN mysql.roles_mapping r ON BINARY r.User = BINARY p.USER
    WHERE BINARY p.DB = BINARY DATABASE() AND r.Admin_option = 'N'
      AND BINARY r.Role IN (BINARY CONCAT('orbia_conversation_app_', DATABASE()), BINARY 'orbia_conversation_app');
    IF v_message IS NOT NULL THEN
        SET v_message = CONCAT('nothing was changed: the service is connected, as ', LEFT(v_message, 300),
                               '. Stop its instances first');
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;

    -- The end of this file tells of these accounts; by then the role is gone that they are known by.
    SELECT GROUP_CONCAT(DISTINCT QUOTE(User), '@', QUOTE(Host) SEPARATOR ', ') INTO @orbia_accounts
    FROM mysql.roles_mapping
    WHERE Admin_option = 'N' AND BINARY Role = BINARY CONCAT('orbia_conversation_app_', DATABASE());
END //

DELIMITER ;
