-- The accounts: the role of the service in this database, and the owner of the triggers and routines. The owner is one for
-- all databases of the server. It goes with the last of them: without it, each change of an order of another one fails.

EXECUTE IMMEDIATE CONCAT('DROP ROLE IF EXISTS `', REPLACE(CONCAT('orbia_conversation_app_', DATABASE()), '`', '``'), '`');

DELIMITER //

-- Rights on tables outlive these, and would be good for new ones of that name. Each is taken by its name: whoever takes
-- ALL PRIVILEGES has to have them all.
BEGIN NOT ATOMIC
    FOR each_right IN (
        SELECT CONCAT('REVOKE ', rights, ' ON ', what, ' FROM `', User, '`', IF(Host = '', '', CONCAT('@`', Host, '`'))) AS statement
        FROM (SELECT User, Host, Db, CAST(Table_priv AS CHAR) AS rights,
                     CONCAT('`', REPLACE(Db, '`', '``'), '`.`', Table_name, '`') AS what
              FROM mysql.tables_priv WHERE Table_priv <> ''
              UNION ALL
              SELECT User, Host, Db, CONCAT(Column_priv, ' (`', Column_name, '`)'),
                     CONCAT('`', REPLACE(Db, '`', '``'), '`.`', Table_name, '`')
              FROM mysql.columns_priv
              UNION ALL
              SELECT User, Host, Db, Proc_priv, CONCAT('PROCEDURE `', REPLACE(Db, '`', '``'), '`.`', Routine_name, '`')
              FROM mysql.procs_priv) AS held
        WHERE BINARY Db = BINARY DATABASE() AND User IN ('orbia_conversation_definer', 'orbia_conversation_app')
    ) DO
        EXECUTE IMMEDIATE each_right.statement;
    END FOR;
END //

BEGIN NOT ATOMIC
    IF EXISTS (SELECT 1 FROM mysql.tables_priv WHERE User = 'orbia_conversation_definer')
       OR EXISTS (SELECT 1 FROM mysql.procs_priv WHERE User = 'orbia_conversation_definer')
       OR EXISTS (SELECT 1 FROM information_schema.TRIGGERS WHERE DEFINER = 'orbia_conversation_definer@localhost')
       OR EXISTS (SELECT 1 FROM information_schema.ROUTINES WHERE DEFINER = 'orbia_conversation_definer@localhost') THEN
        SELECT 'orbia_conversation_definer stays: other databases of this server have need of it' AS accounts;
    ELSE
        DROP USER IF EXISTS 'orbia_conversation_definer'@'localhost';
    END IF;
    -- The role of versions 1 and 2 was one for all databases, too.
    IF NOT EXISTS (SELECT 1 FROM mysql.tables_priv WHERE User = 'orbia_conversation_app')
       AND NOT EXISTS (SELECT 1 FROM mysql.procs_priv WHERE User = 'orbia_conversation_app') THEN
        DROP ROLE IF EXISTS orbia_conversation_app;
    END IF;
    IF @orbia_accounts IS NOT NULL THEN
        SELECT CONCAT('nobody needs any more: ', @orbia_accounts) AS accounts;
    END IF;
END //

DELIMITER ;
