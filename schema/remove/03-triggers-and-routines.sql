-- The triggers. From the first two on, nobody opens the conversation of a confirmed order but the platform's own code.

DROP TRIGGER IF EXISTS orbia_conversation_on_order_update;
DROP TRIGGER IF EXISTS orbia_conversation_on_order_insert;
DROP TRIGGER IF EXISTS orbia_conversation_member_copies;
DROP TRIGGER IF EXISTS orbia_conversation_member_joined;
DROP TRIGGER IF EXISTS orbia_conversation_member_left;
DROP TRIGGER IF EXISTS orbia_conversation_carry;
DROP TRIGGER IF EXISTS orbia_conversation_deleted;
DROP TRIGGER IF EXISTS orbia_conversation_once;

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
