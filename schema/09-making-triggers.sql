DELIMITER //

-- How the triggers are made: only where they are missing or otherwise. Making one locks its table, so that reads of it fail
-- for that moment, and a further run of this file is to be noticed by nobody.
SET @orbia_make_trigger = "
BEGIN NOT ATOMIC
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
