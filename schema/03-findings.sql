-- Compares the database with the layout, for the preflight, the migration and the report. Each part of the layout has a
-- row: kind, name, expected and found text (NULL: the part is missing; equal texts: it is as expected), `is_needed` (the
-- service cannot work without), `is_mendable` (this file can bring it to the layout), and the reason for the
-- requirement.
SET @orbia_findings = "
    number (n) AS (VALUES (1), (2), (3), (4), (5), (6), (7)),
    -- The wanted and the found kind of each column, and their widths.
    column_pair AS (
        SELECT w.*, IF(requirement IN ('own', 'exact'), type, layout_type) AS wanted_type,
               SUBSTRING_INDEX(SUBSTRING_INDEX(layout_type, '(', 1), ' ', 1) AS wanted_base,
               IF(layout_type LIKE 'varchar%',
                  CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(layout_type, '(', -1), ')', 1) AS UNSIGNED), NULL) AS wanted_length,
               CASE WHEN layout_type LIKE '%int(%' THEN 'number'
                    WHEN layout_type LIKE 'timestamp%' THEN 'time' ELSE 'text' END AS wanted_kind,
               CASE WHEN found_base IN ('tinyint', 'smallint', 'mediumint', 'int', 'bigint') THEN 'number'
                    WHEN found_base IN ('timestamp', 'datetime') THEN 'time'
                    WHEN found_base IN ('char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum') THEN 'text'
                    ELSE COALESCE(found_base, 'nothing') END AS found_kind,
               MAX(IF(full_name = 'orbia_kol_order.order_id', found_length, NULL)) OVER () AS order_id_length
        FROM wanted_column w WHERE requirement <> 'unused'
    ),
    -- A column of the platform's may have another type as long as it holds the same values: `serves` says whether it
    -- does.
    judged_column AS (
        SELECT p.*, COALESCE(wanted_kind = found_kind AND CASE
                   WHEN wanted_kind = 'time' THEN found_base <> 'datetime' OR name = 'deleted_at'
                   -- A foreign key makes sure that the id fits.
                   WHEN requirement = 'read' OR foreign_table IS NOT NULL THEN TRUE
                   WHEN wanted_kind = 'number' THEN
                       FIELD(found_base, 'tinyint', 'smallint', 'mediumint', 'int', 'bigint')
                       >= FIELD(wanted_base, 'tinyint', 'smallint', 'mediumint', 'int', 'bigint')
                   WHEN found_base = 'enum' THEN wanted_base = 'enum' AND NOT EXISTS (
                       SELECT 1 FROM number
                       WHERE n <= 1 + LENGTH(layout_type) - LENGTH(REPLACE(layout_type, ',', ''))
                         AND LOCATE(SUBSTRING_INDEX(SUBSTRING_INDEX(
                                 SUBSTR(layout_type, 6, LENGTH(layout_type) - 6), ',', n), ',', -1), found_type) = 0)
                   WHEN wanted_base = 'enum' THEN found_length >= 10
                   ELSE (requirement = 'written' OR found_charset = 'utf8mb4')
                        AND (requirement = 'cut' OR found_length >= IF(wanted_base = 'text', 65535, wanted_length))
               END, FALSE) AS serves
        FROM column_pair p
    ),
    -- The properties of a column that are compared, each in a row of its own.
    aspect (kind, matter) AS (VALUES ('column', 'type'), ('default', 'default'), ('column', 'width')),
    column_finding AS (
        SELECT a.kind, full_name AS name,
               CASE WHEN a.matter = 'width' THEN 'as wide as orbia_kol_order.order_id'
                    WHEN a.matter = 'default' THEN COALESCE(NULLIF(TRIM(REPLACE(rest, 'not null', '')), ''), 'none')
                    WHEN requirement IN ('own', 'exact') THEN
                        CONCAT(REPLACE(wanted_type, ' collate ', ' '), IF(rest LIKE 'not null%', ' not null', ''))
                    WHEN wanted_kind = 'number' THEN
                        IF(requirement = 'read' OR foreign_table IS NOT NULL, 'a whole number', CONCAT(wanted_base, ' or wider'))
                    WHEN wanted_kind = 'time' THEN 'timestamp'
                    WHEN wanted_base = 'enum' AND requirement <> 'read' THEN CONCAT(layout_type, ' or more')
                    WHEN requirement = 'prose' THEN CONCAT(layout_type, ' utf8mb4 or wider')
                    WHEN requirement = 'written' THEN CONCAT(layout_type, ' or wider')
                    ELSE IF(requirement = 'cut', 'text utf8mb4', 'text') END AS expected,
               CASE WHEN a.matter = 'width' THEN found_type
                    WHEN a.matter = 'default' THEN COALESCE(NULLIF(TRIM(
                        CONCAT(IF(COALESCE(found_default, 'NULL') = 'NULL', '', CONCAT('default ', found_default)),
                               IF(found_extra = '', '', CONCAT(' ', found_extra)))), ''), 'none')
                    WHEN requirement IN ('own', 'exact') THEN
                        CONCAT(found_type, IF(wanted_type LIKE '% collate %', CONCAT(' ', found_collation), ''),
                               IF(found_nullable = 'NO', ' not null', ''))
                    ELSE CONCAT(found_type, IF(requirement IN ('prose', 'cut'), CONCAT(' ', COALESCE(found_charset, 'binary')), ''))
               END AS found,
               requirement NOT IN ('own', 'exact') AND a.matter = 'type' AND serves AS is_as_expected,
               CASE WHEN a.matter = 'width' THEN 0
                    -- A time that every UPDATE sets anew no longer says when something happened.
                    WHEN a.matter = 'default' THEN found_extra LIKE '%on update%'
                    -- Where the list of types differs, the only harm is that a conversation is not found by its type.
                    WHEN name = 'conversation_type' THEN NOT (found_kind = 'text' AND found_nullable = 'NO')
                    WHEN requirement IN ('own', 'exact') THEN 1
                    ELSE NOT (wanted_kind = 'time' AND found_kind = 'time') END AS is_needed,
               CASE WHEN a.matter <> 'type' THEN a.matter = 'default' AND requirement IN ('own', 'exact')
                    WHEN has_no_table THEN 1
                    WHEN found_type IS NULL THEN requirement = 'own'
                    WHEN requirement IN ('own', 'exact') THEN found_base = wanted_base OR (found_kind = 'text' AND wanted_kind = 'text')
                    ELSE 0 END AS is_mendable,
               CASE WHEN a.matter = 'width' THEN 'an order with a longer order_id gets no conversation'
                    WHEN a.matter = 'default' AND name = 'related_order_id'
                    THEN 'of the conversations of no order it lets in one of each type'
                    WHEN full_name = 'orbia_conversation.id' AND found_type IS NULL
                    THEN 'the layout of the platform in which conversation_id is the key of a conversation is another than this one'
                    WHEN found_base = 'datetime' AND requirement = 'exact' THEN 'a datetime does not say in which time zone its values are'
                    WHEN found_base = 'datetime' THEN 'a datetime is shown as if it were UTC'
                    WHEN requirement = 'prose' THEN 'a message may be as long, and hold every character' END AS why
        FROM judged_column JOIN aspect a
          ON a.matter = 'type'
             OR (a.matter = 'default' AND found_base IS NOT NULL
                 AND (requirement IN ('own', 'exact') OR full_name = 'orbia_conversation.related_order_id'))
             OR (a.matter = 'width' AND full_name = 'orbia_conversation.related_order_id' AND order_id_length > found_length)
    ),
    -- The members' foreign key to orbia_user is bound to the first key on user_id, in the table's order. No column of
    -- STATISTICS has that order, and no table of the server shows the binding: LIMIT 1 takes the first one that comes.
    first_on_user AS (
        SELECT INDEX_NAME FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND NON_UNIQUE = 1
          AND SEQ_IN_INDEX = 1 AND COLUMN_NAME = 'user_id'
        LIMIT 1
    ),
    found_table AS (
        SELECT TABLE_NAME AS name,
               LOWER(CONCAT(
                   -- These tables are only read, so the server may keep a history of them.
                   IF(TABLE_NAME IN ('orbia_user', 'orbia_kol') AND TABLE_TYPE = 'SYSTEM VERSIONED', 'BASE TABLE', TABLE_TYPE),
                   COALESCE(CONCAT(' ', ENGINE), ''), IF(CREATE_OPTIONS LIKE '%partitioned%', ' partitioned', ''))) AS definition
        FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()
    ),
    finding (kind, name, expected, found, is_needed, is_mendable, why) AS (
        SELECT 'table', l.name, 'base table innodb', f.definition, 1, f.name IS NULL,
               'rows of it are locked, rolled back, and refer to each other'
        FROM table_layout l LEFT JOIN found_table f ON f.name = l.name
        UNION ALL
        SELECT kind, name, expected, IF(is_as_expected, expected, found), is_needed, is_mendable, why FROM column_finding
        UNION ALL
        SELECT 'default', CONCAT(f.TABLE_NAME, '.', f.COLUMN_NAME), 'a default', 'not null without one',
               w.requirement IS NULL OR w.requirement <> 'written', 0,
               IF(w.requirement = 'written', 'to add a member a plain INSERT of conversation, user and role is to be enough',
                  'nothing could be inserted (error 1364)')
        FROM found_column f LEFT JOIN column_layout w ON w.table_name = f.TABLE_NAME AND w.name = f.COLUMN_NAME
        WHERE f.TABLE_NAME IN ('orbia_conversation', 'orbia_conversation_member', 'orbia_message')
          AND f.IS_NULLABLE = 'NO' AND f.COLUMN_DEFAULT IS NULL AND f.EXTRA NOT LIKE '%auto_increment%' AND f.IS_GENERATED = 'NEVER'
          AND (COALESCE(w.requirement, 'unused') IN ('unused', 'read')
               OR (f.TABLE_NAME = 'orbia_conversation_member' AND f.COLUMN_NAME IN ('unread_count', 'joined_at')))
        UNION ALL
        SELECT 'index', CONCAT(l.table_name, ' (', l.columns, ')'), l.kind, MAX(f.kind), 1, 1, NULL
        FROM key_layout l
        LEFT JOIN found_key f ON f.table_name = l.table_name AND f.columns = l.columns AND f.kind = l.kind
        WHERE l.requirement = 'required' AND CONCAT(l.table_name, ' (', l.columns, ')') <> 'orbia_conversation_member (user_id)'
        GROUP BY l.table_name, l.columns, l.kind
        UNION ALL
        SELECT 'index', 'orbia_conversation_member (user_id)', 'first on user_id',
               IF(f.columns = 'user_id', 'first on user_id', CONCAT('behind (', f.columns, ')')), 1, 1, NULL
        FROM key_layout l
        LEFT JOIN found_key f ON f.table_name = l.table_name AND f.name = (SELECT INDEX_NAME FROM first_on_user)
        WHERE l.table_name = 'orbia_conversation_member' AND l.columns = 'user_id'
        UNION ALL
        SELECT 'trigger', l.name, l.event,
               CONCAT(f.ACTION_TIMING, ' ', f.EVENT_MANIPULATION, ' ON ', f.EVENT_OBJECT_TABLE), 1, 1, NULL
        FROM trigger_layout l
        LEFT JOIN information_schema.TRIGGERS f ON f.TRIGGER_SCHEMA = DATABASE() AND f.TRIGGER_NAME = l.name
        UNION ALL
        SELECT 'routine', l.name, CONCAT('orbia-conversation ', l.version), f.ROUTINE_COMMENT, 1, 1, NULL
        FROM routine_layout l
        LEFT JOIN information_schema.ROUTINES f ON f.ROUTINE_SCHEMA = DATABASE() AND f.ROUTINE_NAME = l.name
    )";
