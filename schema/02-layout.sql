-- The layout: what the database is to be. Every other part takes it from here.

-- The version of the schema, and the oldest version whose builds it serves. The number is written here alone:
-- scripts/assemble-schema puts it wherever else it stands, in routines and in the program.
SET @orbia_version = 3, @orbia_serves_from = 2;

-- The routines, and the rights of their owner, in a text of their own: orbia_definer_report needs no more than these.
--
-- The comment of a routine has `version`, the one that its parameters and answer belong to. `since` is the version whose
-- builds were the first to call it. `is_called`: the service calls it, and not other routines or operators alone.
-- `has_parameters`: a call without any is an error, and runs nothing.
SET @orbia_routines = "
    routine_layout (name, version, since, is_called, has_parameters) AS (
        VALUES ('orbia_post_message', {version}, 3, 1, 1),
               -- Builds of version 2 send by this one.
               ('orbia_send_message', {version}, 1, 1, 1),
               ('orbia_recall_message', {version}, 3, 1, 1),
               ('orbia_post_system_message', {version}, 3, 0, 1),
               ('orbia_mark_read', {version}, 1, 1, 1),
               ('orbia_backfill_conversations', {version}, 1, 1, 1),
               ('orbia_schema_state', {version}, 3, 1, 1),
               ('orbia_definer_report', {version}, 3, 1, 0),
               ('orbia_backfill_report', {version}, 3, 1, 1),
               -- Builds of version 2 ask this one.
               ('orbia_schema_report', 2, 1, 1, 0),
               ('orbia_tell_order_progress', {version}, 3, 1, 1),
               ('orbia_order_progress_report', {version}, 3, 1, 0),
               ('orbia_tell_progress_of_order', {version}, 3, 0, 1),
               ('orbia_turn_feature', {version}, 3, 0, 1),
               ('orbia_order_progress_on', {version}, 3, 0, 0),
               ('orbia_order_progress_off', {version}, 3, 0, 0),
               ('orbia_open_order_conversation', {version}, 1, 0, 1),
               ('orbia_note_change', {version}, 3, 0, 1)
    ),
    definer_right (table_name, privilege) AS (
        VALUES ('orbia_user', 'SELECT'),
               ('orbia_kol', 'SELECT'),
               ('orbia_kol_order', 'SELECT'), ('orbia_kol_order', 'TRIGGER'),
               ('orbia_conversation', 'SELECT'), ('orbia_conversation', 'INSERT'), ('orbia_conversation', 'UPDATE'),
               -- DELETE takes back a conversation whose members could not be added.
               ('orbia_conversation', 'DELETE'), ('orbia_conversation', 'TRIGGER'),
               ('orbia_conversation_member', 'SELECT'), ('orbia_conversation_member', 'INSERT'),
               ('orbia_conversation_member', 'UPDATE'), ('orbia_conversation_member', 'TRIGGER'),
               ('orbia_message', 'SELECT'), ('orbia_message', 'INSERT'), ('orbia_message', 'UPDATE'),
               ('orbia_conversation_change', 'SELECT'), ('orbia_conversation_change', 'INSERT'),
               ('orbia_conversation_change', 'UPDATE'), ('orbia_conversation_change', 'DELETE'),
               ('orbia_order_progress', 'SELECT'), ('orbia_order_progress', 'INSERT'), ('orbia_order_progress', 'DELETE'),
               ('orbia_conversation_feature', 'SELECT'), ('orbia_conversation_feature', 'INSERT'),
               ('orbia_conversation_feature', 'UPDATE')
    )";

-- The layout of tables, columns and keys is stated here and nowhere else. The preflight, the making of tables, the
-- migration, and the report that `check` and readiness read, all take it from this text, which is the beginning of a
-- WITH.
--
-- A column's type and its rest are spelt as information_schema spells them. `requirement` says whose the column is, and
-- what this project needs of it:
--   own      this project's: it is added where it is missing, and is exactly as it stands here
--   exact    the platform's, which is brought to exactly this type
--   written  the platform's, which the routines write: it holds every value of this type, or more
--   prose    as `written`, and every character: people write it
--   cut      as `written`, but of any length: the routines cut a longer value
--   read     the platform's, which routines, triggers or the service read: any type of the same kind will do
--   unused   the platform's, which is made in an empty database and not looked at again
-- `follows` names a column of the platform's: this column has that column's type, where it differs from the one here.
-- A column that follows an id is a foreign key to it.
--
-- A key is known by its columns; its name does not matter. An `initial` key is made together with its table, and
-- not checked later; a `required` one is checked, and added where it is missing.
SET @orbia_layout = CONCAT("
    table_layout (place, name) AS (
        VALUES (1, 'orbia_user'), (2, 'orbia_kol'), (3, 'orbia_kol_order'),
               (4, 'orbia_conversation'), (5, 'orbia_conversation_member'), (6, 'orbia_message'),
               (7, 'orbia_conversation_change'), (8, 'orbia_order_progress'), (9, 'orbia_conversation_feature')
    ),
    column_layout (table_name, place, name, requirement, type, rest, follows, comment) AS (
        VALUES
        ('orbia_user',  1, 'id',                'read',   'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_user',  2, 'wallet_address',    'unused', 'varchar(42)', '', NULL, ''),
        ('orbia_user',  3, 'email',             'unused', 'varchar(255)', '', NULL, ''),
        ('orbia_user',  4, 'password_hash',     'unused', 'varchar(255)', '', NULL, ''),
        ('orbia_user',  5, 'verification_code', 'unused', 'varchar(10)', '', NULL, ''),
        ('orbia_user',  6, 'code_expiry',       'unused', 'timestamp', '', NULL, ''),
        ('orbia_user',  7, 'nickname',          'read',   'varchar(100)', '', NULL, ''),
        ('orbia_user',  8, 'avatar_url',        'read',   'varchar(500)', '', NULL, ''),
        ('orbia_user',  9, 'role',              'unused', 'enum(''normal'',''admin'')', 'not null default ''normal''', NULL, ''),
        ('orbia_user', 10, 'status',            'read',   'enum(''normal'',''disabled'',''deleted'')', 'not null default ''normal''', NULL, ''),
        ('orbia_user', 11, 'kol_id',            'unused', 'bigint(20)', '', NULL, ''),
        ('orbia_user', 12, 'current_team_id',   'unused', 'bigint(20)', '', NULL, ''),
        ('orbia_user', 13, 'created_at',        'unused', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_user', 14, 'updated_at',        'unused', 'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),

        ('orbia_kol',  1, 'id',            'read',   'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_kol',  2, 'user_id',       'read',   'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_kol',  3, 'avatar_url',    'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol',  4, 'display_name',  'unused', 'varchar(100)', '', NULL, ''),
        ('orbia_kol',  5, 'description',   'unused', 'text', '', NULL, ''),
        ('orbia_kol',  6, 'country',       'unused', 'varchar(50)', '', NULL, ''),
        ('orbia_kol',  7, 'tiktok_url',    'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol',  8, 'youtube_url',   'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol',  9, 'x_url',         'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol', 10, 'discord_url',   'unused', 'varchar(500)', '', NULL, ''),
        ('orbia_kol', 11, 'status',        'unused', 'enum(''pending'',''approved'',''rejected'')', 'not null default ''pending''', NULL, ''),
        ('orbia_kol', 12, 'reject_reason', 'unused', 'text', '', NULL, ''),
        ('orbia_kol', 13, 'approved_at',   'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol', 14, 'created_at',    'unused', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_kol', 15, 'updated_at',    'unused', 'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_kol', 16, 'deleted_at',    'unused', 'timestamp', '', NULL, ''),

        ('orbia_kol_order',  1, 'id',                      'read',   'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_kol_order',  2, 'order_id',                'read',   'varchar(64)', 'not null', NULL, ''),
        ('orbia_kol_order',  3, 'user_id',                 'read',   'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_kol_order',  4, 'team_id',                 'unused', 'bigint(20)', '', NULL, ''),
        ('orbia_kol_order',  5, 'kol_id',                  'read',   'bigint(20)', 'not null', 'orbia_kol.id', ''),
        ('orbia_kol_order',  6, 'plan_id',                 'unused', 'bigint(20)', 'not null', NULL, ''),
        ('orbia_kol_order',  7, 'plan_title',              'unused', 'varchar(200)', 'not null', NULL, ''),
        ('orbia_kol_order',  8, 'plan_description',        'unused', 'text', '', NULL, ''),
        ('orbia_kol_order',  9, 'plan_price',              'unused', 'decimal(10,2)', 'not null', NULL, ''),
        ('orbia_kol_order', 10, 'plan_type',               'unused', 'varchar(20)', 'not null', NULL, ''),
        ('orbia_kol_order', 11, 'title',                   'read',   'varchar(200)', 'not null', NULL, ''),
        ('orbia_kol_order', 12, 'requirement_description', 'unused', 'text', 'not null', NULL, ''),
        ('orbia_kol_order', 13, 'video_type',              'unused', 'varchar(100)', 'not null', NULL, ''),
        ('orbia_kol_order', 14, 'video_duration',          'unused', 'int(11)', 'not null', NULL, 'seconds'),
        ('orbia_kol_order', 15, 'target_audience',         'unused', 'varchar(500)', 'not null', NULL, ''),
        ('orbia_kol_order', 16, 'expected_delivery_date',  'unused', 'date', 'not null', NULL, ''),
        ('orbia_kol_order', 17, 'additional_requirements', 'unused', 'text', '', NULL, ''),
        ('orbia_kol_order', 18, 'status',                  'read',   'enum(''pending_payment'',''pending'',''confirmed'',''in_progress'',''completed'',''cancelled'',''refunded'')', 'not null default ''pending_payment''', NULL, ''),
        ('orbia_kol_order', 19, 'reject_reason',           'unused', 'text', '', NULL, ''),
        ('orbia_kol_order', 20, 'confirmed_at',            'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol_order', 21, 'completed_at',            'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol_order', 22, 'cancelled_at',            'unused', 'timestamp', '', NULL, ''),
        ('orbia_kol_order', 23, 'created_at',              'unused', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_kol_order', 24, 'updated_at',              'read',   'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_kol_order', 25, 'deleted_at',              'read',   'timestamp', '', NULL, ''),

        ('orbia_conversation',  1, 'id',                 'read',    'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_conversation',  2, 'conversation_id',    'written', 'varchar(64)', 'not null', NULL, ''),
        ('orbia_conversation',  3, 'title',              'cut',     'varchar(200)', '', NULL, ''),
        ('orbia_conversation',  4, 'type',               'written', 'enum(''kol_order'',''ad_order'',''general'',''support'')', 'not null default ''general''', NULL, ''),
        ('orbia_conversation',  5, 'related_order_type', 'written', 'varchar(50)', '', NULL, ''),
        ('orbia_conversation',  6, 'related_order_id',   'written', 'varchar(64)', '', NULL, ''),
        ('orbia_conversation',  7, 'status',             'written', 'enum(''active'',''archived'',''closed'')', 'not null default ''active''', NULL, ''),
        ('orbia_conversation',  8, 'last_message_at',    'exact',   'timestamp(3)', '', NULL, ''),
        ('orbia_conversation',  9, 'created_at',         'written', 'timestamp', 'default current_timestamp()', NULL, ''),
        ('orbia_conversation', 10, 'updated_at',         'unused',  'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_conversation', 11, 'deleted_at',         'read',    'timestamp', '', NULL, ''),
        ('orbia_conversation', 12, 'has_quotes',         'own',     'tinyint(1)', '', NULL, 'whether a message quotes another one; NULL: none does'),

        ('orbia_conversation_member', 1, 'id',                'read',    'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_conversation_member', 2, 'conversation_id',   'written', 'bigint(20)', 'not null', 'orbia_conversation.id', ''),
        ('orbia_conversation_member', 3, 'user_id',           'written', 'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_conversation_member', 4, 'role',              'written', 'enum(''creator'',''member'',''admin'')', 'not null default ''member''', NULL, ''),
        ('orbia_conversation_member', 5, 'unread_count',      'written', 'int(11)', 'not null default 0', NULL, ''),
        ('orbia_conversation_member', 6, 'last_read_at',      'exact',   'timestamp(3)', '', NULL, ''),
        ('orbia_conversation_member', 7, 'joined_at',         'written', 'timestamp', 'default current_timestamp()', NULL, ''),
        -- The next two are copies from the conversation, so that a user's list is one walk along an index.
        ('orbia_conversation_member', 8, 'last_activity_at',  'own',     'timestamp(3)', 'not null default current_timestamp(3)', NULL, 'last message, else creation, of the conversation'),
        ('orbia_conversation_member', 9, 'conversation_type', 'own',     'enum(''kol_order'',''ad_order'',''general'',''support'')', 'not null default ''general''', 'orbia_conversation.type', ''),

        ('orbia_message',  1, 'id',              'read',    'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_message',  2, 'message_id',      'written', 'varchar(64)', 'not null', NULL, ''),
        ('orbia_message',  3, 'conversation_id', 'written', 'bigint(20)', 'not null', 'orbia_conversation.id', ''),
        ('orbia_message',  4, 'sender_id',       'written', 'bigint(20)', 'not null', 'orbia_user.id', ''),
        ('orbia_message',  5, 'message_type',    'written', 'enum(''text'',''image'',''file'',''video'',''audio'',''system'')', 'not null default ''text''', NULL, ''),
        ('orbia_message',  6, 'content',         'prose',   'text', 'not null', NULL, ''),
        ('orbia_message',  7, 'file_name',       'prose',   'varchar(500)', '', NULL, ''),
        ('orbia_message',  8, 'file_size',       'written', 'bigint(20)', '', NULL, 'bytes'),
        ('orbia_message',  9, 'file_type',       'prose',   'varchar(100)', '', NULL, 'MIME type'),
        ('orbia_message', 10, 'status',          'written', 'enum(''sent'',''delivered'',''read'',''failed'')', 'not null default ''sent''', NULL, ''),
        ('orbia_message', 11, 'created_at',      'exact',   'timestamp(3)', 'not null default current_timestamp(3)', NULL, ''),
        ('orbia_message', 12, 'updated_at',      'unused',  'timestamp', 'default current_timestamp() on update current_timestamp()', NULL, ''),
        ('orbia_message', 13, 'deleted_at',      'read',    'timestamp', '', NULL, ''),
        -- The client chooses this key; it is compared byte by byte, trailing spaces included.
        ('orbia_message', 14, 'client_message_id', 'own',   'varchar(64) collate utf8mb4_nopad_bin', '', NULL, 'idempotency key of the send'),
        ('orbia_message', 15, 'event',       'own', 'varchar(1024) collate utf8mb4_bin', '', NULL, 'JSON object that clients of a system message go by'),
        ('orbia_message', 16, 'reply_to',    'own', 'bigint(20)', '', NULL, 'orbia_message.id of the message that is quoted'),
        ('orbia_message', 17, 'recalled_at', 'own', 'timestamp(3)', '', NULL, 'when its sender has recalled it; deleted_at is set then, too'),

        -- No foreign keys: a row outlives the membership, and their checks would lock the rows that they refer to.
        ('orbia_conversation_change', 1, 'conversation_id', 'own', 'bigint(20)', 'not null', NULL, ''),
        ('orbia_conversation_change', 2, 'user_id',         'own', 'bigint(20)', 'not null', NULL, ''),
        ('orbia_conversation_change', 3, 'changed_at',      'own', 'timestamp(3)', 'not null default current_timestamp(3)', NULL, 'newest change for this user'),
        ('orbia_conversation_change', 4, 'membership_at',   'own', 'timestamp(3)', '', NULL, 'newest change of the number of conversations of this user'),

        -- No foreign keys, whose checks would lock rows in the order's transaction, and no key that another transaction
        -- could hold a gap of. The texts hold any value of the platform's columns, or the part of it that is told.
        ('orbia_order_progress', 1, 'id',           'own', 'bigint(20)', 'not null auto_increment', NULL, ''),
        ('orbia_order_progress', 2, 'kol_order_id', 'own', 'bigint(20)', 'not null', NULL, 'orbia_kol_order.id'),
        ('orbia_order_progress', 3, 'order_id',     'own', 'text', '', NULL, ''),
        ('orbia_order_progress', 4, 'user_id',      'own', 'bigint(20)', '', NULL, 'who ordered'),
        ('orbia_order_progress', 5, 'from_status',  'own', 'varchar(255)', '', NULL, ''),
        ('orbia_order_progress', 6, 'to_status',    'own', 'varchar(255)', '', NULL, ''),
        ('orbia_order_progress', 7, 'is_opening',   'own', 'tinyint(1)', 'not null default 0', NULL, 'the conversation begins with this change; nothing up to it is told'),
        ('orbia_order_progress', 8, 'changed_at',   'own', 'timestamp(3)', 'not null default current_timestamp(3)', NULL, ''),

        ('orbia_conversation_feature', 1, 'name',       'own', 'varchar(64)', 'not null', NULL, ''),
        ('orbia_conversation_feature', 2, 'is_on',      'own', 'tinyint(1)', 'not null default 0', NULL, 'without a row it is off'),
        ('orbia_conversation_feature', 3, 'changed_at', 'own', 'timestamp(3)', 'not null default current_timestamp(3)', NULL, 'when it was turned on or off')
    ),
    key_layout (table_name, place, kind, name, columns, requirement) AS (
        VALUES
        ('orbia_user', 1, 'primary', '', 'id', 'initial'),
        ('orbia_user', 2, 'unique',  '', 'wallet_address', 'initial'),
        ('orbia_user', 3, 'unique',  '', 'email', 'initial'),
        ('orbia_kol', 1, 'primary', '', 'id', 'initial'),
        ('orbia_kol', 2, 'unique',  '', 'user_id', 'initial'),
        ('orbia_kol_order', 1, 'primary', '', 'id', 'initial'),
        ('orbia_kol_order', 2, 'unique',  '', 'order_id', 'initial'),
        ('orbia_kol_order', 3, 'index',   '', 'user_id', 'initial'),
        ('orbia_kol_order', 4, 'index',   '', 'kol_id', 'initial'),
        -- The back-fill looks through the orders that changed lately.
        ('orbia_kol_order', 5, 'index',   '', 'status,updated_at', 'required'),
        ('orbia_conversation', 1, 'primary', '', 'id', 'required'),
        ('orbia_conversation', 2, 'unique',  '', 'conversation_id', 'required'),
        -- An order has one conversation of a type, softly deleted ones included.
        ('orbia_conversation', 3, 'unique',  '', 'related_order_id,type', 'required'),
        ('orbia_conversation', 4, 'index',   '', 'deleted_at', 'required'),
        ('orbia_conversation_member', 1, 'primary', '', 'conversation_id,user_id', 'required'),
        ('orbia_conversation_member', 2, 'unique',  '', 'id', 'required'),
        -- This index stands before the ones below, since the foreign key to orbia_user binds to the first one on
        -- user_id. If it were bound to one that every send changes, each send would lock all the members' user rows.
        ('orbia_conversation_member', 3, 'index',   '', 'user_id', 'required'),
        -- This index has the list's order, and the count behind it: the list is read from the index alone.
        ('orbia_conversation_member', 4, 'index',   '', 'user_id,last_activity_at,conversation_id,unread_count', 'required'),
        ('orbia_conversation_member', 5, 'index',   '', 'user_id,conversation_type,last_activity_at', 'required'),
        -- Unread messages are summed up over the unread conversations alone, however many others there are.
        ('orbia_conversation_member', 6, 'index',   '', 'user_id,unread_count', 'required'),
        -- Messages are clustered as they are read: the newest page of a conversation lies together on disk.
        ('orbia_message', 1, 'primary', '', 'conversation_id,created_at,id', 'required'),
        ('orbia_message', 2, 'unique',  '', 'id', 'required'),
        ('orbia_message', 3, 'unique',  '', 'message_id', 'required'),
        ('orbia_message', 4, 'unique',  'client_message', 'conversation_id,sender_id,client_message_id', 'required'),
        ('orbia_message', 5, 'index',   '', 'sender_id', 'required'),
        ('orbia_conversation_change', 1, 'primary', '', 'conversation_id,user_id', 'required'),
        ('orbia_conversation_change', 2, 'index',   '', 'user_id,changed_at', 'required'),
        ('orbia_conversation_change', 3, 'index',   '', 'user_id,membership_at', 'required'),
        ('orbia_conversation_change', 4, 'index',   '', 'changed_at', 'required'),
        ('orbia_order_progress', 1, 'primary', '', 'id', 'required'),
        ('orbia_order_progress', 2, 'index',   '', 'kol_order_id', 'required'),
        ('orbia_conversation_feature', 1, 'primary', '', 'name', 'required')
    ),
    -- `since` is as in routine_layout: builds of an older version work without the trigger.
    trigger_layout (name, event, since) AS (
        VALUES ('orbia_conversation_on_order_update', 'AFTER UPDATE ON orbia_kol_order', 1),
               ('orbia_conversation_on_order_insert', 'AFTER INSERT ON orbia_kol_order', 1),
               ('orbia_conversation_member_copies', 'BEFORE INSERT ON orbia_conversation_member', 1),
               ('orbia_conversation_carry', 'AFTER UPDATE ON orbia_conversation', 1),
               ('orbia_conversation_member_joined', 'AFTER INSERT ON orbia_conversation_member', 3),
               ('orbia_conversation_member_left', 'AFTER DELETE ON orbia_conversation_member', 3),
               ('orbia_conversation_deleted', 'BEFORE DELETE ON orbia_conversation', 3)
    ),
    ", @orbia_routines, ",
    found_column AS (
        SELECT * FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE()
    ),
    -- Each column of the layout beside the column that is found. `type` is that of the column that it follows.
    wanted_column AS (
        SELECT l.table_name, l.place, l.name, l.requirement, CONCAT(l.table_name, '.', l.name) AS full_name, l.rest, l.comment,
               IF(l.follows IS NULL, l.type,
                  COALESCE(MAX(IF(l.follows IS NULL, f.COLUMN_TYPE, NULL)) OVER following, l.type)) AS type,
               IF(l.follows IS NULL, NULL, MAX(IF(l.follows IS NULL, f.COLLATION_NAME, NULL)) OVER following) AS collation,
               IF(l.follows LIKE '%.id', SUBSTRING_INDEX(l.follows, '.', 1), NULL) AS foreign_table,
               COUNT(f.COLUMN_NAME) OVER (PARTITION BY l.table_name) = 0 AS has_no_table,
               l.type AS layout_type, f.DATA_TYPE AS found_base, f.COLUMN_TYPE AS found_type, f.CHARACTER_SET_NAME AS found_charset,
               f.COLLATION_NAME AS found_collation, f.CHARACTER_MAXIMUM_LENGTH AS found_length,
               f.IS_NULLABLE AS found_nullable, f.COLUMN_DEFAULT AS found_default, f.EXTRA AS found_extra,
               f.COLUMN_COMMENT AS found_comment
        FROM column_layout l LEFT JOIN found_column f ON f.TABLE_NAME = l.table_name AND f.COLUMN_NAME = l.name
        WINDOW following AS (PARTITION BY COALESCE(l.follows, CONCAT(l.table_name, '.', l.name)))
    ),
    found_key AS (
        SELECT TABLE_NAME AS table_name, INDEX_NAME AS name, COUNT(*) AS parts,
               CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'primary' WHEN NON_UNIQUE = 0 THEN 'unique' ELSE 'index' END AS kind,
               GROUP_CONCAT(COLUMN_NAME, IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')) ORDER BY SEQ_IN_INDEX) AS columns
        FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND INDEX_TYPE = 'BTREE'
        GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE
    )");
