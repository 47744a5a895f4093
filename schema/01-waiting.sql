-- How this file changes a table that others use.

DELIMITER //

-- While an ALTER or a trigger's CREATE waits for an open transaction, every other statement on that table waits behind
-- it, reads included. So what @orbia_statement says is run when nobody is in @orbia_table: that is tried without
-- waiting, again and again. Where others come and go so often that there is no such moment, the statement waits for a
-- second. A transaction that stays open for 20 seconds ends the file, with an error that names it.
SET @orbia_run = "
BEGIN NOT ATOMIC
    DECLARE v_began DATETIME(6) DEFAULT SYSDATE(6);
    DECLARE v_looked_at DATETIME(6);
    DECLARE v_waited DOUBLE DEFAULT 0;
    DECLARE v_is_free, v_is_done BOOLEAN;
    -- An ALTER or a RENAME locks the tables that refer to its own, too, whose rows others may hold.
    DECLARE v_tables TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT (
        SELECT CONCAT(@orbia_table, ' WRITE', COALESCE(GROUP_CONCAT(DISTINCT ', `', REPLACE(TABLE_NAME, '`', '``'), '` WRITE' SEPARATOR ''), ''))
        FROM information_schema.REFERENTIAL_CONSTRAINTS
        WHERE CONSTRAINT_SCHEMA = DATABASE() AND BINARY REFERENCED_TABLE_NAME = BINARY @orbia_table
          AND BINARY TABLE_NAME <> BINARY @orbia_table AND @orbia_statement REGEXP '^(ALTER|RENAME)');
    -- The transactions that were open when it looked last, and the connections of those that had been open for a second.
    DECLARE v_open, v_names, v_message TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

    running: LOOP
        SET v_is_free = TRUE, v_is_done = TRUE;
        BEGIN
            DECLARE CONTINUE HANDLER FOR 1205 SET v_is_free = FALSE;
            -- Without the right to lock a table, or without the table, this cannot be tried.
            DECLARE CONTINUE HANDLER FOR SQLEXCEPTION BEGIN END;
            EXECUTE IMMEDIATE CONCAT('LOCK TABLES ', v_tables, ' WAIT 0');
            EXECUTE IMMEDIATE 'UNLOCK TABLES';
        END;
        IF v_is_free OR (v_waited > 1 AND v_names IS NULL) THEN
            BEGIN
                DECLARE CONTINUE HANDLER FOR 1205 SET v_is_done = FALSE;
                EXECUTE IMMEDIATE CONCAT('SET STATEMENT lock_wait_timeout = 1, innodb_lock_wait_timeout = 1 FOR ', @orbia_statement);
            END;
            IF v_is_done THEN
                LEAVE running;
            END IF;
        END IF;

        IF v_looked_at IS NULL OR TIMESTAMPDIFF(MICROSECOND, v_looked_at, SYSDATE(6)) > 1000000 THEN
            BEGIN
                -- Without the right to see others' transactions.
                DECLARE CONTINUE HANDLER FOR 1227 SET v_names = NULL;
                SELECT GROUP_CONCAT(CONCAT(t.trx_id, ' ', t.trx_started)),
                       GROUP_CONCAT(IF(FIND_IN_SET(CONCAT(t.trx_id, ' ', t.trx_started), v_open),
                                       CONCAT(p.ID, ' (', p.USER, '@', p.HOST, ')'), NULL) ORDER BY t.trx_started SEPARATOR ', ')
                INTO v_open, v_names
                FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id
                WHERE p.ID <> CONNECTION_ID();
            END;
            SET v_looked_at = SYSDATE(6);
        END IF;
        SET v_waited = TIMESTAMPDIFF(MICROSECOND, v_began, SYSDATE(6)) / 1000000e0;
        IF v_waited > 20 THEN
            SET v_message = CONCAT(
                'others use ', @orbia_table, ' or a table that belongs to it', COALESCE(CONCAT('. Open is the transaction of connection ', LEFT(v_names, 250)), ''),
                '. What was done so far stays. Run this file again when that has ended');
            SIGNAL SQLSTATE 'HY000' SET MYSQL_ERRNO = 1205, MESSAGE_TEXT = v_message;
        END IF;
        DO SLEEP(IF(v_is_done, 0.05, 1));
    END LOOP;
END" //

DELIMITER ;
