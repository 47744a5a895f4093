DELIMITER //

-- What makes a trigger's statement write to rows that are newer than the transaction's view, where the server's
-- innodb_snapshot_isolation would refuse that, and with it the platform's own statement. It is put in here and not by a
-- comment with the server's version: the server keeps such a comment as it has read it, and the texts would differ.
SET @orbia_without_snapshots = IF(EXISTS (
    SELECT 1 FROM information_schema.SYSTEM_VARIABLES WHERE VARIABLE_NAME = 'INNODB_SNAPSHOT_ISOLATION'),
    'SET STATEMENT innodb_snapshot_isolation = 0 FOR', '') //

-- How the triggers are made: only where they are missing or otherwise. Making one locks its table, so that reads of it fail
-- for that moment, and a further run of this file is to be noticed by nobody.
SET @orbia_make_trigger = "
BEGIN NOT ATOMIC
    SET @orbia_body = REPLACE(@orbia_body, '/* without snapshot isolation */', @orbia_without_snapshots);
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.TRIGGERS
        WHERE TRIGGER_SCHEMA = DATABASE() AND BINARY TRIGGER_NAME = BINARY @orbia_trigger
          AND BINARY EVENT_OBJECT_TABLE = BINARY @orbia_table
          AND BINARY CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION) = BINARY @orbia_event
          AND BINARY ACTION_STATEMENT = BINARY @orbia_body
          AND DEFINER = 'orbia_conversation_definer@localhost' AND SQL_MODE = @@SESSION.sql_mode
          AND CHARACTER_SET_CLIENT = @@SESSION.character_set_client
          AND COLLATION_CONNECTION = @@SESSION.collation_connection
          AND DATABASE_COLLATION = @@SESSION.collation_database
    ) THEN
        SET @orbia_statement = CONCAT(
            'CREATE OR REPLACE DEFINER = ''orbia_conversation_definer''@''localhost'' TRIGGER ', @orbia_trigger, ' ',
            @orbia_event, ' ON ', @orbia_table, ' FOR EACH ROW ', @orbia_body);
        EXECUTE IMMEDIATE @orbia_run;
    END IF;
END" //

DELIMITER ;
