-- The tables that are missing are made from the layout.

DELIMITER //

BEGIN NOT ATOMIC
    EXECUTE IMMEDIATE CONCAT(
        'CREATE OR REPLACE TEMPORARY TABLE orbia_wanted_column ENGINE = Aria AS WITH ', @orbia_layout,
        ' SELECT w.table_name, w.place, w.name, w.full_name, w.foreign_table, t.place AS table_place,'
        -- A comment that the column has already stays.
        ' COALESCE(NULLIF(w.found_comment, ''''), w.comment) AS comment,'
        ' CONCAT(w.type, IF(w.collation IS NULL, '''', CONCAT('' collate '', w.collation)), '' '','
        ' IF(w.rest LIKE ''not null%'', '''', ''null ''), w.rest) AS definition'
        ' FROM wanted_column w JOIN table_layout t ON t.name = w.table_name');

    FOR missing_table IN (
        SELECT CONCAT(
            'CREATE TABLE ', c.table_name, ' (',
            GROUP_CONCAT('`', c.name, '` ', c.definition, IF(c.comment = '', '', CONCAT(' comment ', QUOTE(c.comment))) ORDER BY c.place SEPARATOR ', '),
            (SELECT GROUP_CONCAT(', ', IF(k.kind = 'index', 'key', CONCAT(k.kind, ' key')), ' ', k.name, ' (', k.columns, ')' ORDER BY k.place SEPARATOR '')
             FROM orbia_wanted_key k WHERE k.table_name = c.table_name),
            COALESCE(GROUP_CONCAT(', foreign key (', c.name, ') references ' , c.foreign_table, ' (id) on delete cascade' ORDER BY c.place SEPARATOR ''), ''),
            ') ENGINE = InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci') AS statement
        FROM orbia_wanted_column c
        WHERE NOT EXISTS (SELECT 1 FROM information_schema.TABLES t
                          WHERE t.TABLE_SCHEMA = DATABASE() AND t.TABLE_NAME = c.table_name)
        GROUP BY c.table_name, c.table_place
        ORDER BY c.table_place
    ) DO
        EXECUTE IMMEDIATE missing_table.statement;
    END FOR;
END //

DELIMITER ;
