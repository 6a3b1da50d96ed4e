One statement a line. ␊ stands for a line break, ␍ for a carriage return, ␀ for a NUL, ⍽ for a blank that does not break.
Statements that would write a file write it into /proof, which the tests replace by a folder of their own.
=== hostile
--- rows written
INSERT INTO item VALUES (9, 'x', 'x', 1, NULL)
INSERT INTO item (id, code) SELECT id + 100, code FROM item
INSERT INTO item DEFAULT VALUES
INSERT OR REPLACE INTO item (id, code) VALUES (1, 'x')
INSERT OR IGNORE INTO item (id) VALUES (11)
INSERT OR ROLLBACK INTO item (id) VALUES (1)
INSERT INTO item (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET code = 'upsert'
INSERT INTO item (id) VALUES (1) ON CONFLICT DO NOTHING
INSERT INTO item (id) VALUES (12) RETURNING *
REPLACE INTO item (id, code) VALUES (1, 'x')
UPDATE item SET code = 'x'
UPDATE OR REPLACE item SET id = 1
UPDATE item SET code = s.store FROM stock AS s WHERE s.item_id = item.id
UPDATE item SET (code, name) = (SELECT 'a', 'b') RETURNING id
UPDATE item INDEXED BY item_code SET code = 'x' WHERE code = 'A'
DELETE FROM item
DELETE FROM item WHERE id IN (SELECT item_id FROM stock)
DELETE FROM item WHERE id = 1 RETURNING code
DELETE FROM main.item AS i WHERE i.id = 1
--- common table expressions that write
WITH new(id) AS (SELECT 99) INSERT INTO item (id) SELECT id FROM new
WITH RECURSIVE n(i) AS (SELECT 50 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO item (id) SELECT i FROM n
WITH old AS (SELECT id FROM item) DELETE FROM item WHERE id IN old
WITH one AS (SELECT 1 AS id) UPDATE item SET code = 'x' WHERE id IN (SELECT id FROM one)
WITH one AS (SELECT 1 AS id) UPDATE item SET code = 'x' RETURNING *
WITH one AS (SELECT 1 AS id) REPLACE INTO item (id) SELECT id FROM one
WITH gone AS (DELETE FROM item RETURNING *) SELECT * FROM gone
WITH new AS (INSERT INTO item (id) VALUES (3) RETURNING *) SELECT * FROM new
WITH a AS (SELECT 1), b AS (UPDATE item SET code = 'b' RETURNING id) SELECT * FROM a, b
WITH w AS (SELECT writefile('proof.txt', 'x') AS n) SELECT n FROM w
--- tables made, changed, dropped
CREATE TABLE t (a INTEGER)
CREATE TABLE IF NOT EXISTS t (a)
CREATE TABLE t AS SELECT * FROM item
CREATE TEMP TABLE t AS SELECT * FROM item
CREATE TEMPORARY TABLE t (a)
CREATE TABLE t (a PRIMARY KEY) WITHOUT ROWID
CREATE TABLE t (a TEXT) STRICT
CREATE VIEW v AS SELECT * FROM item
CREATE TEMP VIEW v AS SELECT * FROM item
CREATE INDEX i ON item (name)
CREATE UNIQUE INDEX i ON item (code) WHERE code IS NOT NULL
CREATE TRIGGER tr AFTER INSERT ON item BEGIN DELETE FROM stock; END
CREATE TEMP TRIGGER tr AFTER UPDATE ON item BEGIN SELECT 1; END
CREATE TRIGGER tr INSTEAD OF DELETE ON item_view BEGIN DELETE FROM item; END
CREATE VIRTUAL TABLE t USING fts5(body)
CREATE VIRTUAL TABLE t USING rtree(id, x0, x1)
CREATE VIRTUAL TABLE temp.t USING dbstat
ALTER TABLE item ADD COLUMN extra TEXT
ALTER TABLE item RENAME TO items
ALTER TABLE item RENAME COLUMN code TO sku
ALTER TABLE item DROP COLUMN name
DROP TABLE item
DROP TABLE IF EXISTS item
DROP VIEW item_view
DROP INDEX item_code
DROP TRIGGER IF EXISTS tr
--- pragmas
PRAGMA query_only = OFF
PRAGMA query_only(0)
PRAGMA writable_schema = ON
PRAGMA writable_schema = RESET
PRAGMA main.journal_mode = DELETE
PRAGMA journal_mode = OFF
PRAGMA user_version = 99
PRAGMA application_id = 1
PRAGMA schema_version = 77
PRAGMA encoding = 'UTF-16'
PRAGMA auto_vacuum = FULL
PRAGMA page_size = 512
PRAGMA wal_checkpoint(TRUNCATE)
PRAGMA incremental_vacuum(5)
PRAGMA optimize
PRAGMA foreign_keys = OFF
PRAGMA synchronous = OFF
PRAGMA locking_mode = EXCLUSIVE
PRAGMA trusted_schema = ON
PRAGMA max_page_count = 1
PRAGMA case_sensitive_like = ON
PRAGMA busy_timeout = 0
PRAGMA cache_size = -1000000
PRAGMA integrity_check
PRAGMA table_info(item)
--- pragmas as tables
SELECT * FROM pragma_table_info('item')
SELECT * FROM pragma_query_only
SELECT * FROM "pragma_query_only"
SELECT * FROM pragma_user_version
SELECT * FROM pragma_database_list
SELECT file FROM pragma_database_list() WHERE name = 'main'
SELECT name FROM sqlite_master AS m, pragma_table_info(m.name)
SELECT * FROM item JOIN pragma_compile_options ON 1 = 1
SELECT (SELECT integrity_check FROM pragma_integrity_check)
SELECT * FROM Pragma_Optimize
SELECT * FROM [pragma_application_id]
SELECT * FROM `pragma_schema_version`
SELECT * FROM item WHERE EXISTS (SELECT 1 FROM pragma_foreign_key_check)
--- other files
ATTACH 'other.db' AS other
ATTACH DATABASE ':memory:' AS other
ATTACH 'file:other.db?mode=rwc' AS other
ATTACH (SELECT 'other.db') AS other
DETACH other
DETACH DATABASE main
VACUUM
VACUUM main
VACUUM INTO 'copy.db'
VACUUM main INTO 'copy.db'
VACUUM INTO (SELECT 'copy' || '.db')
--- functions that reach out
SELECT load_extension('evil')
SELECT load_extension('evil', 'sqlite3_evil_init')
SELECT Load_Extension('evil')
SELECT "load_extension"('evil')
SELECT [load_extension]('evil')
SELECT `load_extension`('evil')
SELECT load_extension ('evil')
SELECT load_extension/**/('evil')
SELECT load_extension -- evil␊('evil')
SELECT writefile('proof.txt', 'x')
SELECT writefile('proof.txt', name) FROM item
SELECT count(writefile('proof.txt', code)) FROM item
SELECT * FROM item WHERE writefile('proof.txt', 'x') > 0
SELECT * FROM item ORDER BY writefile('proof.txt', 'x')
SELECT * FROM item GROUP BY writefile('proof.txt', code)
SELECT code FROM item GROUP BY code HAVING writefile('proof.txt', 'x')
SELECT * FROM item LIMIT writefile('proof.txt', 'x')
SELECT * FROM item LIMIT 1 OFFSET writefile('proof.txt', 'x')
SELECT sum(price) OVER (ORDER BY writefile('proof.txt', 'x')) FROM item
SELECT sum(price) FILTER (WHERE writefile('proof.txt', 'x')) FROM item
SELECT * FROM item JOIN stock ON writefile('proof.txt', 'x')
SELECT CASE WHEN 1 THEN writefile('proof.txt', 'x') ELSE 0 END
SELECT iif(1, writefile('proof.txt', 'x'), 0)
SELECT coalesce(NULL, writefile('proof.txt', 'x'))
SELECT (SELECT writefile('proof.txt', 'x'))
SELECT * FROM (SELECT writefile('proof.txt', 'x') AS n)
SELECT 1 UNION ALL SELECT writefile('proof.txt', 'x')
SELECT 1 EXCEPT SELECT writefile('proof.txt', 'x')
SELECT EXISTS (SELECT writefile('proof.txt', 'x'))
SELECT 1 IN (SELECT writefile('proof.txt', 'x'))
SELECT CAST(writefile('proof.txt', 'x') AS TEXT)
SELECT -writefile('proof.txt', 'x')
SELECT writefile('proof.txt', 'x') COLLATE NOCASE
SELECT json_object('a', writefile('proof.txt', 'x'))
SELECT * FROM json_each(json_array(writefile('proof.txt', 'x')))
VALUES (writefile('proof.txt', 'x'))
SELECT readfile('/etc/hostname')
SELECT hex(readfile('erp.db'))
SELECT edit('x')
SELECT edit(name, 'vi') FROM item
SELECT fts3_tokenizer('simple')
SELECT fts3_tokenizer('simple', x'00')
SELECT zipfile('a', 'b')
SELECT * FROM zipfile('proof.zip')
SELECT name FROM fsdir('.')
SELECT lsmode(33188)
SELECT eval('DELETE FROM item')
SELECT eval('DELETE FROM item', ',') FROM item
SELECT sha3_query('DELETE FROM item')
SELECT sha1_query('DELETE FROM item')
SELECT sqlite_log(1, 'filled up')
SELECT optimize(doc) FROM doc LIMIT 1
SELECT optimize(doc) FROM doc WHERE body MATCH 'a'
--- pages and statements of the process
SELECT * FROM dbstat
SELECT sum(pgsize) FROM main.dbstat WHERE name = 'item'
SELECT * FROM dbstat('main', 1)
SELECT data FROM sqlite_dbpage WHERE pgno = 1
UPDATE sqlite_dbpage SET data = zeroblob(4096) WHERE pgno = 1
INSERT INTO sqlite_dbpage VALUES (1, NULL)
SELECT * FROM sqlite_dbdata
SELECT * FROM sqlite_dbptr
SELECT sql FROM sqlite_stmt
UPDATE sqlite_master SET sql = 'x'
DELETE FROM sqlite_sequence
INSERT INTO sqlite_stat1 VALUES ('item', NULL, '1')
--- transactions
BEGIN
BEGIN IMMEDIATE
BEGIN EXCLUSIVE TRANSACTION
COMMIT
END TRANSACTION
ROLLBACK
ROLLBACK TO here
SAVEPOINT here
RELEASE SAVEPOINT here
--- upkeep
ANALYZE
ANALYZE item
REINDEX
REINDEX item_code
REINDEX NOCASE
EXPLAIN SELECT * FROM item
EXPLAIN QUERY PLAN DELETE FROM item
INSERT INTO doc(doc) VALUES ('optimize')
INSERT INTO doc(doc) VALUES ('rebuild')
--- several statements
SELECT 1; DELETE FROM item
SELECT 1; SELECT 2
SELECT 1; AS
SELECT 1;; DELETE FROM item
SELECT 1; /* and */ DROP TABLE item; -- done
; DELETE FROM item
SELECT 1;␊DELETE FROM item;
SELECT ';'; DELETE FROM item
SELECT 1 AS ";"; DELETE FROM item
SELECT 1 AS [;]; DELETE FROM item
SELECT 1 AS `;`; DELETE FROM item
SELECT 'it''s'; DELETE FROM item
SELECT '\'; DELETE FROM item; --'
SELECT 1 -- ;␊; DELETE FROM item
SELECT 1 /* ; */ ; DELETE FROM item
SELECT 1 FROM item; ATTACH 'other.db' AS other
SELECT 1; PRAGMA query_only = OFF; DELETE FROM item
SELECT 1; SELECT load_extension('evil')
SELECT 1) ; DELETE FROM item; --
SELECT 1) AS q; DROP TABLE item; --
--- texts, names and comments that readers end differently
SELECT [a]]; DELETE FROM item; --]
SELECT 1 AS [a]], writefile('proof.txt', 'x') AS [b]
SELECT 1 AS [x]]; DROP TABLE item;] FROM item
SELECT 1 /* /* */ ; DELETE FROM item -- */
SELECT 1 /* a /* b */ c */
SELECT /* /* */ writefile('proof.txt', 'x') /* */
SELECT 1 -- a␍ /* ␊; DELETE FROM item -- */
SELECT 1 --␍, writefile('proof.txt', 'x')
SELECT 1 /*! ; DELETE FROM item */
SELECT 1 /* never closed ; DELETE FROM item
SELECT 'never closed
SELECT "never closed
SELECT 1␀; DELETE FROM item
SELECT '␀', writefile('proof.txt', 'x')
SELECT 'a␀b'
SELECT⍽1
SELECT 1⍽FROM item
SELECT 1 AS a,⍽writefile('proof.txt', 'x')
--- not a SELECT, or none that can be read
VALUES (1), (2)
TABLE item
SELECT
SELECT FROM
SELCT 1
SELECT * FROM
SELECT 1 FROM item WHERE
SELECT ((1)
SELECT 1)
SELECT ?
SELECT ?1, ?2
SELECT :name
SELECT @name
SELECT 1 FROM item FOR UPDATE
SELECT * INTO copy FROM item
GRANT ALL ON item TO me
MERGE INTO item USING stock ON 1 = 1 WHEN MATCHED THEN DELETE
TRUNCATE TABLE item
CALL touch()
SET query_only = 0
.shell echo proof
.import proof.csv item
.load evil
=== harmless
--- plain
SELECT 1 AS a
SELECT * FROM item
SELECT id, code FROM item WHERE id > 1 ORDER BY id
SELECT id, code FROM item;
SELECT DISTINCT code FROM item
SELECT i.id AS key, i.code FROM item AS i
SELECT main.item.id FROM main.item
SELECT id FROM item LIMIT 5 OFFSET 1
SELECT id FROM item LIMIT 1, 5
SELECT count(*) AS n, max(price) AS p FROM item GROUP BY code HAVING count(*) > 0
SELECT NULL AS a, x'00ff' AS b, 1.5e3 AS c, 0x10 AS d
--- joins and brackets
SELECT i.id, s.qty FROM item AS i JOIN stock AS s ON s.item_id = i.id
SELECT i.id, s.qty FROM item AS i LEFT JOIN stock AS s ON s.item_id = i.id
SELECT * FROM item CROSS JOIN stock
SELECT * FROM item NATURAL JOIN stock
SELECT a.id FROM item AS a JOIN item AS b USING (id)
SELECT id FROM (SELECT id FROM item) AS q
SELECT (SELECT sum(qty) FROM stock WHERE item_id = item.id) AS qty FROM item
SELECT id FROM item WHERE id IN (SELECT item_id FROM stock)
SELECT id FROM item WHERE NOT EXISTS (SELECT 1 FROM stock WHERE item_id = item.id)
SELECT id FROM item UNION ALL SELECT item_id FROM stock
SELECT id FROM item EXCEPT SELECT item_id FROM stock
SELECT id FROM item INTERSECT SELECT item_id FROM stock
SELECT id FROM item INDEXED BY item_code WHERE code = 'A'
SELECT * FROM item_view
--- common table expressions
WITH live AS (SELECT * FROM item WHERE code IS NOT NULL) SELECT id FROM live
WITH live(key) AS MATERIALIZED (SELECT id FROM item) SELECT key FROM live
WITH a AS (SELECT 1 AS n), b AS (SELECT n + 1 AS n FROM a) SELECT * FROM b
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
--- functions
SELECT coalesce(name, code, '') AS name FROM item
SELECT substr(code, 1, 2) AS a, replace(name, 'a', 'b') AS b, trim(name) AS c FROM item
SELECT printf('%05.2f', price) AS p FROM item
SELECT strftime('%Y-%m-%d', 'now') AS today, datetime('now') AS t
SELECT julianday('now') - julianday(changed) AS age FROM item
SELECT json_extract('{"a": [1]}', '$.a[0]') AS a
SELECT '{"a": 1}' -> 'a' AS a, '{"a": 1}' ->> '$.a' AS b
SELECT value FROM json_each('[1, 2, 3]')
SELECT group_concat(code, ', ') AS codes FROM item
SELECT iif(price > 1, 'dear', 'cheap') AS kind FROM item
SELECT CAST(price AS INTEGER) AS p, typeof(price) AS t FROM item
SELECT code GLOB 'A*' AS a, code LIKE 'a%' ESCAPE '!' AS b FROM item
SELECT code || '-' || id AS sku FROM item
SELECT price BETWEEN 1 AND 5 AS a, code IS NOT NULL AS b, id % 2 AS c, ~id AS d FROM item
SELECT hex(randomblob(4)) AS a, abs(random()) AS b, total_changes() AS c
SELECT code COLLATE NOCASE AS code FROM item ORDER BY code COLLATE NOCASE DESC NULLS LAST
SELECT body FROM doc WHERE body MATCH 'a'
--- window functions
SELECT id, row_number() OVER (PARTITION BY code ORDER BY id) AS n FROM item
SELECT id, sum(price) OVER w AS s FROM item WINDOW w AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
SELECT id, lag(price, 1, 0) OVER (ORDER BY id) AS was FROM item
SELECT count(*) FILTER (WHERE price > 1) AS n FROM item
--- quotes, comments, alphabets
SELECT "id" AS "the ""id""" FROM "item"
SELECT [id] AS [the id] FROM [item]
SELECT `id` AS `the id` FROM `item`
SELECT id /* the key */ FROM item -- all of them
-- what is sold␊SELECT id FROM item
/* what is sold */ SELECT id FROM item /* end */ ;
SELECT id ␊FROM item␍␊WHERE id > 0
SELECT 'żółć 漢字 🙂' AS "größe"
SELECT größe FROM (SELECT 1 AS größe)
SELECT 'it''s' AS a, 'C:\path\' AS b
--- hostile words in harmless places
SELECT '; DELETE FROM item; --' AS a
SELECT 'PRAGMA query_only = OFF' AS "ATTACH"
SELECT 1 AS "load_extension", 'writefile(1)' AS b
SELECT 1 AS "delete", 2 AS [update], 3 AS `insert`
SELECT replace(name, 'DROP TABLE', '') AS updated FROM item
SELECT id AS deleted_id, changed AS last_update FROM item
SELECT '12:30 :x ? @y $z' AS a
SELECT id FROM item -- ; DROP TABLE item
SELECT id FROM item /* ; DROP TABLE item */
