-- The migration: it brings existing tables to the layout, and keeps every row.

-- ALTER converts times through the session's time zone, and in a zone with summer time two of them would become one.
SET SESSION time_zone = '+00:00';
-- A routine that is replaced waits for the calls of it that run.
SET SESSION lock_wait_timeout = 20;

DELIMITER //

-- A message without a time gets one before created_at becomes NOT NULL, since the ALTER would give it the present
-- time. It gets that of its last change, else that of its neighbour in the conversation, else the present one. A
-- message that is inserted between this and the ALTER is new, and the present time is right for it.
BEGIN NOT ATOMIC
    DECLARE v_created_at TIMESTAMP(3);
    IF EXISTS (SELECT 1 FROM orbia_message WHERE created_at IS NULL) THEN
        UPDATE orbia_message SET created_at = updated_at, updated_at = updated_at
        WHERE created_at IS NULL AND updated_at IS NOT NULL;

        START TRANSACTION;
        FOR timeless IN (SELECT id, conversation_id FROM orbia_message WHERE created_at IS NULL ORDER BY id) DO
            SET v_created_at = COALESCE(
                (SELECT created_at FROM orbia_message
                 WHERE conversation_id = timeless.conversation_id AND id < timeless.id AND created_at IS NOT NULL
                 ORDER BY id DESC LIMIT 1),
                (SELECT created_at FROM orbia_message
                 WHERE conversation_id = timeless.conversation_id AND id > timeless.id AND created_at IS NOT NULL
                 ORDER BY id LIMIT 1),
                NOW(3));
            UPDATE orbia_message SET created_at = v_created_at, updated_at = updated_at
            WHERE id = timeless.id AND created_at IS NULL;
        END FOR;
        COMMIT;
    END IF;
END //

-- Adds the key that gives an order one conversation of a type, in a statement of its own, so that nothing else fails
-- with it. Where an order has two already, the rest of the file does without the key, and its end says what to decide.
BEGIN NOT ATOMIC
    DECLARE CONTINUE HANDLER FOR 1062 SET @orbia_has_order_key = FALSE;
    SET @orbia_has_order_key = EXISTS (
        SELECT 1 FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation' AND NON_UNIQUE = 0
        GROUP BY INDEX_NAME
        HAVING GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) = 'related_order_id,type'
    );
    IF NOT @orbia_has_order_key THEN
        SET @orbia_has_order_key = TRUE;
        SET @orbia_table = 'orbia_conversation',
            @orbia_statement = 'ALTER TABLE orbia_conversation ADD UNIQUE KEY (related_order_id, type)';
        EXECUTE IMMEDIATE @orbia_run;
    END IF;
END //

-- Adding the column in a statement of its own needs no rebuild of the table; together with its key it would.
BEGIN NOT ATOMIC
    IF NOT EXISTS (
        SELECT 1 FROM information_schema.COLUMNS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message' AND COLUMN_NAME = 'client_message_id'
    ) AND (
        SELECT GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_message' AND INDEX_NAME = 'PRIMARY'
    ) = 'conversation_id,created_at,id' THEN
        SET @orbia_table = 'orbia_message', @orbia_statement =
            'ALTER TABLE orbia_message
                 ADD COLUMN client_message_id VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin NULL COMMENT ''idempotency key of the send'',
                 ALGORITHM = INSTANT';
        EXECUTE IMMEDIATE @orbia_run;
    END IF;
END //

-- Brings the other columns and keys to the layout, with one ALTER for each table, and so with one rebuild. Keys are
-- known by their columns, whatever their names. The tables that a send writes lose the keys that nothing here
-- reads: other ones of a single column, and doubled ones. Other keys of several columns, unique and full-text ones were
-- made by somebody for a reason, and stay.
BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_found_key ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT * FROM found_key');
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_changed_column ENGINE = Aria AS WITH ', @orbia_layout, ', ', @orbia_findings,
        ' SELECT DISTINCT p.full_name, p.found_type IS NULL AS is_missing'
        ' FROM finding f JOIN wanted_column p ON p.full_name = f.name'
        ' WHERE p.requirement IN (''own'', ''exact'') AND f.kind IN (''column'', ''default'') AND NOT (f.found <=> f.expected)');

    FOR each_table IN (
        WITH
        missing_key AS (
            SELECT w.* FROM orbia_wanted_key w
            WHERE w.requirement = 'required'
              AND NOT EXISTS (SELECT 1 FROM orbia_found_key f
                              WHERE f.table_name = w.table_name AND f.kind = w.kind AND f.columns = w.columns)
        ),
        surplus_key AS (
            SELECT f.* FROM orbia_found_key f
            WHERE f.kind <> 'primary'
              AND f.table_name IN ('orbia_conversation', 'orbia_conversation_member', 'orbia_message')
              AND CASE
                  WHEN EXISTS (SELECT 1 FROM orbia_wanted_key w
                               WHERE w.table_name = f.table_name AND w.kind = f.kind AND w.columns = f.columns)
                      THEN EXISTS (SELECT 1 FROM orbia_found_key double_of_it
                                   WHERE double_of_it.table_name = f.table_name AND double_of_it.kind = f.kind
                                     AND double_of_it.columns = f.columns AND double_of_it.name < f.name)
                  WHEN f.kind = 'index' AND f.columns = 'related_order_id'
                      THEN EXISTS (SELECT 1 FROM orbia_found_key k
                                   WHERE k.table_name = f.table_name AND k.kind = 'unique'
                                     AND k.columns = 'related_order_id,type')
                  ELSE (f.kind = 'index' AND f.parts = 1)
                       OR EXISTS (SELECT 1 FROM orbia_wanted_key w
                                  WHERE w.table_name = f.table_name AND w.columns = f.columns)
                       -- Version 1 of this file made this key.
                       OR (f.table_name = 'orbia_conversation_member' AND f.kind = 'index'
                           AND f.columns = 'user_id,last_activity_at')
              END
        ),
        needed (table_name, step, place, clause) AS (
            SELECT w.table_name, 1, w.place,
                   CONCAT(IF(c.is_missing, 'ADD COLUMN ', 'MODIFY '), w.name, ' ', w.definition,
                          IF(w.comment = '', '', CONCAT(' COMMENT ', QUOTE(w.comment))))
            FROM orbia_changed_column c JOIN orbia_wanted_column w ON w.full_name = c.full_name
            UNION ALL
            SELECT k.table_name, 2, 0, 'DROP PRIMARY KEY' FROM missing_key k
            WHERE k.kind = 'primary'
              AND EXISTS (SELECT 1 FROM orbia_found_key f WHERE f.table_name = k.table_name AND f.kind = 'primary')
            UNION ALL
            SELECT table_name, 3, 0, CONCAT('DROP KEY `', REPLACE(name, '`', '``'), '`') FROM surplus_key
            UNION ALL
            SELECT table_name, 4, place,
                   CONCAT('ADD ', IF(kind = 'index', 'KEY', CONCAT(UPPER(kind), ' KEY')), ' ', name, ' (', columns, ')')
            FROM missing_key
            -- This key was tried above. It is missing still where an order has two conversations.
            WHERE columns <> 'related_order_id,type'
        )
        SELECT table_name, CONCAT('ALTER TABLE ', table_name, ' ', GROUP_CONCAT(clause ORDER BY step, place, clause SEPARATOR ', ')) AS statement
        FROM needed
        -- Columns are added by a statement of their own, which takes no time; together with a key they cost a copy of the
        -- table.
        GROUP BY table_name, clause NOT LIKE 'ADD COLUMN %'
        ORDER BY table_name, clause NOT LIKE 'ADD COLUMN %'
    ) DO
        SET @orbia_table = each_table.table_name, @orbia_statement = each_table.statement;
        SELECT @orbia_statement AS running;
        EXECUTE IMMEDIATE @orbia_run;
    END FOR;
END //

-- The foreign key to orbia_user is bound to the first key on user_id (see the layout). Where a wider key stands before
-- the plain one, it is dropped and added behind it; ALGORITHM = COPY makes the table, and so the foreign key, anew.
BEGIN NOT ATOMIC
    DECLARE v_first VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    -- The rows come in the table's order; there is no column to ask for it with ORDER BY.
    SELECT INDEX_NAME INTO v_first FROM information_schema.STATISTICS
    WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND NON_UNIQUE = 1
      AND SEQ_IN_INDEX = 1 AND COLUMN_NAME = 'user_id'
    LIMIT 1;
    IF (SELECT COUNT(*) FROM information_schema.STATISTICS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND INDEX_NAME = v_first) > 1
    THEN
        FOR wider IN (
            SELECT CONCAT('ALTER TABLE orbia_conversation_member ',
                          GROUP_CONCAT('DROP KEY `', name, '`, ADD KEY `', name, '` (', definition, ')'),
                          ', ALGORITHM = COPY') AS statement
            FROM (
                SELECT REPLACE(INDEX_NAME, '`', '``') AS name, GROUP_CONCAT(COLUMN_NAME ORDER BY SEQ_IN_INDEX) AS definition
                FROM information_schema.STATISTICS
                WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orbia_conversation_member' AND NON_UNIQUE = 1
                GROUP BY INDEX_NAME
                HAVING definition LIKE 'user\_id,%'
            ) AS behind_user_id
        ) DO
            SET @orbia_table = 'orbia_conversation_member', @orbia_statement = wider.statement;
            SELECT @orbia_statement AS running;
            EXECUTE IMMEDIATE @orbia_run;
        END FOR;
    END IF;
END //

DELIMITER ;
