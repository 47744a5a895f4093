-- The preflight: it ends this file before the first change where the database cannot be brought to the layout.

DELIMITER //

-- Ends the file with an error that names what it cannot bring to its layout. Up to here only this session was changed.
BEGIN NOT ATOMIC
    DECLARE v_first, v_message TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
    DECLARE v_version BIGINT UNSIGNED;

    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_preflight_fault (kind VARCHAR(16), name VARCHAR(255), expected TEXT, found TEXT, why TEXT)'
        ' ENGINE = Aria CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci AS WITH ', @orbia_layout, ', ', @orbia_findings,
        ' SELECT kind, name, expected, COALESCE(found, ''nothing'') AS found, why FROM finding'
        ' WHERE is_needed AND NOT is_mendable AND NOT (found <=> expected)');
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_wanted_key ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT * FROM key_layout');
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_found_key ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT * FROM found_key');

    IF DATABASE() IN ('mysql', 'information_schema', 'performance_schema', 'sys') THEN
        INSERT INTO orbia_preflight_fault VALUES ('database', DATABASE(), 'the platform''s', 'the server''s own', NULL);
    END IF;
    IF CAST(SUBSTRING_INDEX(VERSION(), '.', 1) AS UNSIGNED) * 1000
       + CAST(SUBSTRING_INDEX(SUBSTRING_INDEX(VERSION(), '.', 2), '.', -1) AS UNSIGNED) < 10011 THEN
        INSERT INTO orbia_preflight_fault VALUES ('server', 'MariaDB', '10.11 or later', VERSION(), 'nothing older was tried');
    END IF;

    -- This file would put its older routines in the place of a newer schema's, and the service would stop.
    SELECT MAX(CAST(SUBSTRING_INDEX(ROUTINE_COMMENT, ' ', -1) AS UNSIGNED)) INTO v_version
    FROM information_schema.ROUTINES
    WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_COMMENT REGEXP '^orbia-conversation [0-9]+$';
    IF v_version > @orbia_version THEN
        INSERT INTO orbia_preflight_fault
        VALUES ('version', 'schema.sql', CONCAT('version ', @orbia_version, ' or older'), CONCAT('version ', v_version),
                CONCAT('the database is newer than this file: use the schema.sql of version ', v_version));
    END IF;

    -- A missing unique key may be refused by doubled rows. They are not looked for where a key on some of its columns
    -- rules them out already.
    FOR new_key IN (
        SELECT w.table_name, w.columns, w.kind, CONCAT('`', REPLACE(w.columns, ',', '`, `'), '`') AS quoted
        FROM orbia_wanted_key w
        WHERE w.requirement = 'required' AND w.kind <> 'index' AND w.columns <> 'related_order_id,type'
          AND EXISTS (SELECT 1 FROM orbia_found_key f WHERE f.table_name = w.table_name)
          AND NOT EXISTS (SELECT 1 FROM orbia_found_key f
                          WHERE f.table_name = w.table_name AND f.kind <> 'index'
                            AND (f.columns = w.columns OR (f.parts = 1 AND FIND_IN_SET(f.columns, w.columns))))
          AND NOT EXISTS (SELECT 1 FROM orbia_preflight_fault o WHERE o.name LIKE CONCAT(w.table_name, '%'))
          AND (SELECT COUNT(*) FROM information_schema.COLUMNS c
               WHERE c.TABLE_SCHEMA = DATABASE() AND c.TABLE_NAME = w.table_name AND FIND_IN_SET(c.COLUMN_NAME, w.columns))
              = 1 + LENGTH(w.columns) - LENGTH(REPLACE(w.columns, ',', ''))
    ) DO
        EXECUTE IMMEDIATE CONCAT(
            'INSERT INTO orbia_preflight_fault SELECT ''index'', ?, ''no two rows with the same'', CONCAT(COUNT(*), '' values in several rows''), NULL'
            ' FROM (SELECT 1 FROM ', new_key.table_name, ' WHERE TRUE',
            IF(new_key.kind = 'unique', CONCAT(' AND ', REPLACE(new_key.quoted, ',', ' IS NOT NULL AND'), ' IS NOT NULL'), ''),
            ' GROUP BY ', new_key.quoted, ' HAVING COUNT(*) > 1) AS doubled HAVING COUNT(*) > 0')
        USING CONCAT(new_key.table_name, ' (', new_key.columns, ')');
    END FOR;

    -- A column of a primary key takes no NULL. For created_at the migration finds a value where there is none.
    FOR nullable IN (
        SELECT c.TABLE_NAME AS table_name, c.COLUMN_NAME AS name
        FROM information_schema.COLUMNS c JOIN orbia_wanted_key w
          ON w.table_name = c.TABLE_NAME AND w.kind = 'primary' AND w.requirement = 'required' AND FIND_IN_SET(c.COLUMN_NAME, w.columns)
        WHERE c.TABLE_SCHEMA = DATABASE() AND c.IS_NULLABLE = 'YES' AND c.COLUMN_NAME <> 'created_at'
          AND NOT EXISTS (SELECT 1 FROM orbia_preflight_fault o WHERE o.name LIKE CONCAT(w.table_name, '%'))
    ) DO
        EXECUTE IMMEDIATE CONCAT(
            'INSERT INTO orbia_preflight_fault SELECT ''column'', ?, ''a value in each row'', CONCAT(COUNT(*), '' rows with NULL''), NULL'
            ' FROM ', nullable.table_name, ' WHERE `', nullable.name, '` IS NULL HAVING COUNT(*) > 0')
        USING CONCAT(nullable.table_name, '.', nullable.name);
    END FOR;

    IF EXISTS (SELECT 1 FROM orbia_preflight_fault) THEN
        SELECT kind, name, found, expected, COALESCE(why, '') AS why FROM orbia_preflight_fault ORDER BY kind NOT IN ('version', 'server'), name, kind;
        SELECT CONCAT(name, ': ', found, ', expected ', expected) INTO v_first
        FROM orbia_preflight_fault ORDER BY kind NOT IN ('version', 'server'), name, kind LIMIT 1;
        SELECT LEFT(CONCAT('nothing was changed: ', COUNT(*), ' parts of this database are beyond what can be brought to the layout',
                           ' that is needed. See above; the first is ', v_first), 500) INTO v_message FROM orbia_preflight_fault;
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = v_message;
    END IF;
END //

DELIMITER ;
