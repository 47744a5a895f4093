-- The columns and keys of our own go out of the platform's tables, and its own keys come back, with one ALTER for each
-- table, and so with one rebuild. A table with none of ours is not touched.

-- The beginning of a WITH. Keys are known by their columns, whatever their names. Those of ours that the platform could
-- have made as well are ours only under the name that the server gave them, which is that of their first column.
--
-- `place` is the order of the platform's keys.
SET @orbia_platform = "
    own_column (table_name, name) AS (
        VALUES ('orbia_conversation', 'has_quotes'),
               ('orbia_conversation_member', 'last_activity_at'), ('orbia_conversation_member', 'conversation_type'),
               ('orbia_message', 'client_message_id'), ('orbia_message', 'event'), ('orbia_message', 'reply_to'),
               ('orbia_message', 'recalled_at')
    ),
    own_key (table_name, kind, columns, name) AS (
        VALUES ('orbia_kol_order', 'index', 'status,updated_at', '^status(_[0-9]+)?$'),
               ('orbia_conversation', 'unique', 'related_order_id,type', '^related_order_id(_[0-9]+)?$'),
               ('orbia_conversation_member', 'primary', 'conversation_id,user_id', ''),
               ('orbia_conversation_member', 'index', 'user_id,last_activity_at', ''),
               ('orbia_conversation_member', 'index', 'user_id,last_activity_at,conversation_id,unread_count', ''),
               ('orbia_conversation_member', 'index', 'user_id,conversation_type,last_activity_at', ''),
               ('orbia_conversation_member', 'index', 'user_id,unread_count', '^user_id(_[0-9]+)?$'),
               ('orbia_message', 'primary', 'conversation_id,created_at,id', ''),
               ('orbia_message', 'unique', 'conversation_id,sender_id,client_message_id', '')
    ),
    platform_key (table_name, place, kind, name, columns) AS (
        VALUES ('orbia_conversation', 1, 'unique', 'uk_conversation_id', 'conversation_id'),
               ('orbia_conversation', 2, 'index', 'idx_conversation_id', 'conversation_id'),
               ('orbia_conversation', 3, 'index', 'idx_type', 'type'),
               ('orbia_conversation', 4, 'index', 'idx_related_order_type', 'related_order_type'),
               ('orbia_conversation', 5, 'index', 'idx_related_order_id', 'related_order_id'),
               ('orbia_conversation', 6, 'index', 'idx_status', 'status'),
               ('orbia_conversation', 7, 'index', 'idx_last_message_at', 'last_message_at'),
               ('orbia_conversation', 8, 'index', 'idx_created_at', 'created_at'),
               ('orbia_conversation', 9, 'index', 'idx_deleted_at', 'deleted_at'),
               ('orbia_conversation_member', 1, 'primary', 'PRIMARY', 'id'),
               ('orbia_conversation_member', 2, 'unique', 'uk_conversation_user', 'conversation_id,user_id'),
               ('orbia_conversation_member', 3, 'index', 'idx_conversation_id', 'conversation_id'),
               ('orbia_conversation_member', 4, 'index', 'idx_user_id', 'user_id'),
               ('orbia_conversation_member', 5, 'index', 'idx_role', 'role'),
               ('orbia_message', 1, 'primary', 'PRIMARY', 'id'),
               ('orbia_message', 2, 'unique', 'uk_message_id', 'message_id'),
               ('orbia_message', 3, 'index', 'idx_message_id', 'message_id'),
               ('orbia_message', 4, 'index', 'idx_conversation_id', 'conversation_id'),
               ('orbia_message', 5, 'index', 'idx_sender_id', 'sender_id'),
               ('orbia_message', 6, 'index', 'idx_message_type', 'message_type'),
               ('orbia_message', 7, 'index', 'idx_status', 'status'),
               ('orbia_message', 8, 'index', 'idx_created_at', 'created_at'),
               ('orbia_message', 9, 'index', 'idx_deleted_at', 'deleted_at')
    ),
    found_key AS (
        SELECT TABLE_NAME AS table_name, INDEX_NAME AS name,
               CASE WHEN INDEX_NAME = 'PRIMARY' THEN 'primary' WHEN NON_UNIQUE = 0 THEN 'unique' ELSE 'index' END AS kind,
               GROUP_CONCAT(COLUMN_NAME, IF(SUB_PART IS NULL, '', CONCAT('(', SUB_PART, ')')) ORDER BY SEQ_IN_INDEX) AS columns
        FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND INDEX_TYPE = 'BTREE'
        GROUP BY TABLE_NAME, INDEX_NAME, NON_UNIQUE
    ),
    surplus_key AS (
        SELECT f.* FROM found_key f JOIN own_key o
          ON o.table_name = f.table_name AND o.kind = f.kind AND o.columns = f.columns
             AND (o.name = '' OR f.name REGEXP o.name)
        UNION
        -- Beside a primary key of ours, the id has a unique one.
        SELECT f.* FROM found_key f JOIN own_key o ON o.table_name = f.table_name AND o.kind = 'primary'
        JOIN found_key p ON p.table_name = o.table_name AND p.kind = 'primary' AND p.columns = o.columns
        WHERE f.kind = 'unique' AND f.columns = 'id'
    ),
    surplus_column AS (
        SELECT o.* FROM own_column o JOIN information_schema.COLUMNS c
          ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = o.table_name AND c.COLUMN_NAME = o.name
    ),
    touched_table AS (
        SELECT table_name FROM surplus_column UNION SELECT table_name FROM surplus_key
    ),
    kept_key AS (
        SELECT f.* FROM found_key f
        WHERE NOT EXISTS (SELECT 1 FROM surplus_key s WHERE s.table_name = f.table_name AND s.name = f.name)
    ),
    missing_key AS (
        SELECT p.* FROM platform_key p
        WHERE p.table_name IN (SELECT table_name FROM touched_table)
          AND NOT EXISTS (SELECT 1 FROM kept_key k
                          WHERE k.table_name = p.table_name AND k.kind = p.kind AND k.columns = p.columns)
    ),
    -- An ALTER puts new keys behind the old ones. So one of the platform's that is there, and stands behind a missing
    -- one, is dropped and added, for which the server builds nothing.
    moved_key AS (
        SELECT k.table_name, p.place, k.kind, k.name, k.columns
        FROM kept_key k JOIN platform_key p ON p.table_name = k.table_name AND p.kind = k.kind AND p.columns = k.columns
        WHERE k.kind = 'index' AND p.place > (SELECT MIN(m.place) FROM missing_key m
                                              WHERE m.table_name = k.table_name AND m.kind = 'index')
    ),
    clause (table_name, step, place, text) AS (
        SELECT table_name, 1, 0, IF(kind = 'primary', 'DROP PRIMARY KEY', CONCAT('DROP KEY `', REPLACE(name, '`', '``'), '`'))
        FROM surplus_key
        UNION ALL
        SELECT table_name, 1, 1, CONCAT('DROP KEY `', REPLACE(name, '`', '``'), '`') FROM moved_key
        UNION ALL
        SELECT table_name, 2, 0, CONCAT('DROP COLUMN ', name) FROM surplus_column
        UNION ALL
        -- As a part of the primary key it took no NULL.
        SELECT s.table_name, 3, 0, CONCAT('MODIFY created_at timestamp(3) NULL DEFAULT current_timestamp(3)',
                                          IF(c.COLUMN_COMMENT = '', '', CONCAT(' COMMENT ', QUOTE(c.COLUMN_COMMENT))))
        FROM surplus_key s JOIN information_schema.COLUMNS c
          ON c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = s.table_name AND c.COLUMN_NAME = 'created_at'
        WHERE s.kind = 'primary' AND s.columns = 'conversation_id,created_at,id' AND c.COLUMN_TYPE = 'timestamp(3)'
        UNION ALL
        SELECT table_name, 4, place, CASE kind WHEN 'primary' THEN CONCAT('ADD PRIMARY KEY (', columns, ')')
            ELSE CONCAT(IF(kind = 'unique', 'ADD UNIQUE KEY', 'ADD KEY'), ' ',
                        -- Somebody's own key may have the name.
                        IF(EXISTS (SELECT 1 FROM kept_key k WHERE k.table_name = missing_key.table_name AND k.name = missing_key.name),
                           '', missing_key.name), ' (', columns, ')') END
        FROM missing_key
        UNION ALL
        SELECT table_name, 4, place, CONCAT('ADD KEY `', REPLACE(name, '`', '``'), '` (', columns, ')') FROM moved_key
    )";

-- The statement of each table, or one that does nothing.
EXECUTE IMMEDIATE CONCAT("WITH ", @orbia_platform, ",
    statement (table_name, text) AS (
        SELECT table_name, CONCAT('ALTER TABLE ', table_name, ' ', GROUP_CONCAT(text ORDER BY step, place, text SEPARATOR ', '))
        FROM clause GROUP BY table_name
    )
    SELECT COALESCE(MAX(IF(table_name = 'orbia_kol_order', text, NULL)), 'DO 0'),
           COALESCE(MAX(IF(table_name = 'orbia_conversation', text, NULL)), 'DO 0'),
           COALESCE(MAX(IF(table_name = 'orbia_conversation_member', text, NULL)), 'DO 0'),
           COALESCE(MAX(IF(table_name = 'orbia_message', text, NULL)), 'DO 0')
    INTO @orbia_alter_order, @orbia_alter_conversation, @orbia_alter_member, @orbia_alter_message
    FROM statement");

SET @orbia_table = 'orbia_kol_order', @orbia_statement = @orbia_alter_order;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);
SET @orbia_table = 'orbia_conversation', @orbia_statement = @orbia_alter_conversation;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);
SET @orbia_table = 'orbia_conversation_member', @orbia_statement = @orbia_alter_member;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);
-- The longest one: it copies the table. Others read and write meanwhile.
SET @orbia_table = 'orbia_message', @orbia_statement = @orbia_alter_message;
SELECT @orbia_statement AS running FROM DUAL WHERE @orbia_statement <> 'DO 0';
EXECUTE IMMEDIATE IF(@orbia_statement = 'DO 0', 'DO 0', @orbia_run);
