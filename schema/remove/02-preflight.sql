-- The preflight: it ends this file before the first change where that would do harm.

DELIMITER //

BEGIN NOT ATOMIC
    DECLARE v_message VARCHAR(512) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_version BIGINT UNSIGNED;

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
