-- The triggers. From the first two on, nobody opens the conversation of a confirmed order but the platform's own code.

DELIMITER //

-- Drops @orbia_trigger, where it is there. Where a disk was full, the server may have lost the trigger's name, and keeps
-- the trigger, which then cannot be dropped; a table that is renamed gets the names of its triggers anew.
SET @orbia_drop_trigger = "
BEGIN NOT ATOMIC
    DECLARE v_has_name BOOLEAN DEFAULT TRUE;
    SET @orbia_table = (SELECT EVENT_OBJECT_TABLE FROM information_schema.TRIGGERS
                        WHERE TRIGGER_SCHEMA = DATABASE() AND BINARY TRIGGER_NAME = BINARY @orbia_trigger);
    IF @orbia_table IS NOT NULL THEN
        SET @orbia_statement = CONCAT('DROP TRIGGER ', @orbia_trigger);
        BEGIN
            DECLARE CONTINUE HANDLER FOR 1360 SET v_has_name = FALSE;
            EXECUTE IMMEDIATE @orbia_run;
        END;
        IF NOT v_has_name THEN
            SET @orbia_statement = CONCAT('RENAME TABLE ', @orbia_table, ' TO orbia_renamed, orbia_renamed TO ', @orbia_table);
            EXECUTE IMMEDIATE @orbia_run;
            SET @orbia_statement = CONCAT('DROP TRIGGER ', @orbia_trigger);
            EXECUTE IMMEDIATE @orbia_run;
        END IF;
    END IF;
END" //

DELIMITER ;

SET @orbia_trigger = 'orbia_conversation_on_order_update';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_on_order_insert';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_member_copies';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_member_joined';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_member_left';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_carry';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_deleted';
EXECUTE IMMEDIATE @orbia_drop_trigger;
SET @orbia_trigger = 'orbia_conversation_once';
EXECUTE IMMEDIATE @orbia_drop_trigger;

-- The routines, which only the triggers and the service have called.

DROP PROCEDURE IF EXISTS orbia_order_progress_on;
DROP PROCEDURE IF EXISTS orbia_order_progress_off;
DROP PROCEDURE IF EXISTS orbia_turn_feature;
DROP PROCEDURE IF EXISTS orbia_tell_order_progress;
DROP PROCEDURE IF EXISTS orbia_tell_progress_of_order;
DROP PROCEDURE IF EXISTS orbia_order_progress_report;
DROP PROCEDURE IF EXISTS orbia_send_message;
DROP PROCEDURE IF EXISTS orbia_post_message;
DROP PROCEDURE IF EXISTS orbia_recall_message;
DROP PROCEDURE IF EXISTS orbia_post_system_message;
DROP PROCEDURE IF EXISTS orbia_mark_read;
DROP PROCEDURE IF EXISTS orbia_backfill_conversations;
DROP PROCEDURE IF EXISTS orbia_backfill_report;
DROP PROCEDURE IF EXISTS orbia_open_order_conversation;
DROP PROCEDURE IF EXISTS orbia_note_change;
DROP PROCEDURE IF EXISTS orbia_definer_report;
DROP PROCEDURE IF EXISTS orbia_schema_report;
-- The last one: as long as it is there, it tells the version.
DROP PROCEDURE IF EXISTS orbia_schema_state;
