-- Makes the account that owns the triggers and routines. It is locked, and no operator has a reason to drop it:
-- without its definer every insert of an order would fail (error 1449). Its rights are granted for the tables of this
-- database here, and for its routines at the end of this file.
CREATE USER IF NOT EXISTS 'orbia_conversation_definer'@'localhost' ACCOUNT LOCK;

DELIMITER //

BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_definer_right ENGINE = Aria AS WITH ', @orbia_routines,
        ' SELECT * FROM definer_right');
    FOR each_table IN (
        SELECT CONCAT('GRANT ', GROUP_CONCAT(privilege), ' ON ', table_name,
                      ' TO ''orbia_conversation_definer''@''localhost''') AS statement
        FROM orbia_definer_right
        GROUP BY table_name
    ) DO
        EXECUTE IMMEDIATE each_table.statement;
    END FOR;
END //

DELIMITER ;
