One statement a line. ␊ stands for a line break, ␍ for a carriage return, ␀ for a NUL, ⍽ for a blank that does not break.
Statements that would write a file write it into /proof, which the tests replace by a folder of their own.
=== hostile
--- rows written
INSERT INTO item VALUES (9, 'x', 'x', 1, NOW())
INSERT INTO item SET id = 10, code = 'x'
INSERT INTO item (id, code) SELECT id + 100, code FROM item
INSERT IGNORE INTO item (id) VALUES (1)
INSERT LOW_PRIORITY INTO item (id) VALUES (14)
INSERT DELAYED INTO item (id) VALUES (15)
INSERT INTO item (id) VALUES (1) ON DUPLICATE KEY UPDATE code = 'upsert'
INSERT INTO item (id) VALUES (12) RETURNING *
INSERT INTO item (id) VALUES ROW (13)
REPLACE INTO item (id, code) VALUES (1, 'x')
REPLACE INTO item (id) VALUES (1) RETURNING id
UPDATE item SET code = 'x'
UPDATE LOW_PRIORITY IGNORE item SET code = 'x' ORDER BY id LIMIT 1
UPDATE item AS i JOIN stock AS s ON s.item_id = i.id SET i.code = s.store
DELETE FROM item
DELETE QUICK FROM item WHERE id = 1 ORDER BY id LIMIT 1
DELETE i FROM item AS i JOIN stock AS s ON s.item_id = i.id
DELETE FROM i USING item AS i WHERE i.id = 1
DELETE FROM item WHERE id = 1 RETURNING code
TRUNCATE item
TRUNCATE TABLE item
LOAD DATA INFILE '/proof/in.csv' INTO TABLE item
LOAD DATA LOCAL INFILE '/proof/in.csv' REPLACE INTO TABLE item
LOAD XML INFILE '/proof/in.xml' INTO TABLE item
--- common table expressions that write
WITH gone AS (DELETE FROM item RETURNING *) SELECT * FROM gone
WITH new AS (INSERT INTO item (id) VALUES (3) RETURNING *) SELECT * FROM new
WITH one AS (SELECT 1 AS id) DELETE FROM item WHERE id IN (SELECT id FROM one)
WITH one AS (SELECT 1 AS id) UPDATE item SET code = 'x' WHERE id IN (SELECT id FROM one)
WITH RECURSIVE n AS (SELECT 50 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO item (id) SELECT i FROM n
INSERT INTO item (id) WITH one AS (SELECT 80 AS id) SELECT id FROM one
CREATE TABLE t AS WITH one AS (SELECT 1 AS id) SELECT * FROM one
SELECT * FROM (DELETE FROM item RETURNING id) AS q
--- SELECT into files and variables
SELECT * FROM item INTO OUTFILE '/proof/out.csv'
SELECT * INTO OUTFILE '/proof/out.csv' FROM item
SELECT * INTO OUTFILE '/proof/out.csv' FIELDS TERMINATED BY ',' FROM item
SELECT '<?php ?>' INTO DUMPFILE '/proof/x.php'
SELECT code FROM item LIMIT 1 INTO DUMPFILE '/proof/x'
SELECT 1 UNION SELECT 2 INTO OUTFILE '/proof/u'
(SELECT 1) INTO OUTFILE '/proof/b'
SELECT id FROM item WHERE id = 1 INTO OUTFILE '/proof/p' LINES TERMINATED BY 'x'
SELECT 1 INTO @a
SELECT id, code INTO @a, @b FROM item LIMIT 1
SELECT id FROM item LIMIT 1 INTO @a
SELECT @a := 1
SELECT @a := @a + 1 FROM item
SELECT * FROM item WHERE (@a := id) > 0
SELECT * FROM item ORDER BY (@a := id)
SELECT (SELECT @a := max(id) FROM item) AS m
SELECT @'a b' := 1
SELECT @`a` := 1
SELECT * INTO copied FROM item
--- rows locked
SELECT * FROM item FOR UPDATE
SELECT * FROM item FOR UPDATE NOWAIT
SELECT * FROM item FOR UPDATE WAIT 5
SELECT * FROM item FOR UPDATE SKIP LOCKED
SELECT * FROM item LOCK IN SHARE MODE
SELECT * FROM item LOCK IN SHARE MODE WAIT 5
SELECT * FROM item LIMIT 1 LOCK IN SHARE MODE
SELECT * FROM (SELECT * FROM item FOR UPDATE) AS q
SELECT (SELECT id FROM item LIMIT 1 FOR UPDATE)
WITH l AS (SELECT * FROM item LOCK IN SHARE MODE) SELECT count(*) FROM l
SELECT * FROM item FOR/**/UPDATE
SELECT HIGH_PRIORITY * FROM item
SELECT high_priority id FROM item
LOCK TABLES item WRITE
LOCK TABLE item READ LOCAL
UNLOCK TABLES
FLUSH TABLES WITH READ LOCK
FLUSH TABLES item FOR EXPORT
BACKUP STAGE START
BACKUP LOCK item
--- comments that the server executes
SELECT 1 /*! ; DELETE FROM item */
SELECT 1 /*!50000 , SLEEP(5) */
SELECT 1 /*M! , SLEEP(5) */
SELECT 1 /*M!100100 , SLEEP(5) */
SELECT /*! SLEEP(5) */
SELECT * FROM item /*! FOR UPDATE */
SELECT * FROM item /*!80000 FOR UPDATE */
SELECT * FROM item /*M!100000 LOCK IN SHARE MODE */
SELECT * /*! INTO OUTFILE '/proof/c' */ FROM item
SELECT 1 /*!99999 , SLEEP(5) */
/*! DELETE FROM item */
/*!50000 INSERT INTO item (id) VALUES (66) */
/*M! UPDATE item SET code = 'x' */
SELECT /*+ SET_VAR(max_statement_time = 0) */ 1
SELECT /*+ MAX_EXECUTION_TIME(0) */ * FROM item
SELECT /*+ BKA(item) */ 1
--- sequences
SELECT NEXTVAL(seq)
SELECT nextval(erp.seq)
SELECT `nextval`(seq)
SELECT NEXT VALUE FOR seq
SELECT id, NEXT VALUE FOR seq FROM item
SELECT PREVIOUS VALUE FOR seq
SELECT LASTVAL(seq)
SELECT SETVAL(seq, 1000)
SELECT setval(seq, 1000, 0)
SELECT seq.nextval
SELECT seq.currval, seq.NEXTVAL
SELECT * FROM item WHERE NEXTVAL(seq) > 0
SELECT * FROM (SELECT NEXTVAL(seq) AS n) AS q
SELECT LAST_INSERT_ID(4711)
SELECT last_insert_id(id + 1) FROM item
--- waiting and locks by name
SELECT SLEEP(5)
SELECT sleep (5)
SELECT SLEEP/**/(5)
SELECT SLEEP# five␊(5)
SELECT 1 FROM item WHERE SLEEP(5)
SELECT IF(1, SLEEP(5), 0)
SELECT (SELECT SLEEP(5))
SELECT * FROM (SELECT SLEEP(5)) AS q
SELECT 1 UNION SELECT SLEEP(5)
SELECT * FROM item ORDER BY SLEEP(5)
SELECT * FROM item GROUP BY SLEEP(5)
SELECT code FROM item GROUP BY code HAVING SLEEP(5)
SELECT * FROM item JOIN stock ON SLEEP(5)
SELECT CASE WHEN 1 THEN SLEEP(5) END
SELECT BENCHMARK(100000000, MD5('x'))
SELECT benchmark(100000000, (SELECT count(*) FROM item))
SELECT MASTER_POS_WAIT('mariadb-bin.000001', 4, 5)
SELECT MASTER_GTID_WAIT('0-1-100', 5)
SELECT SOURCE_POS_WAIT('binlog.000001', 4, 5)
SELECT WAIT_FOR_EXECUTED_GTID_SET('a:1', 5)
SELECT WAIT_UNTIL_SQL_THREAD_AFTER_GTIDS('a:1', 5)
SELECT WSREP_SYNC_WAIT_UPTO_GTID('a:1', 5)
SELECT GET_LOCK('a', 5)
SELECT get_lock(code, 5) FROM item
SELECT RELEASE_LOCK('a')
SELECT RELEASE_ALL_LOCKS()
SELECT service_get_write_locks('a', 'b', 5)
SELECT service_release_locks('a')
--- files of the server
SELECT LOAD_FILE('/etc/hostname')
SELECT load_file(0x2F6574632F686F73746E616D65)
SELECT HEX(LOAD_FILE('/etc/hostname'))
SELECT * FROM item WHERE LOAD_FILE('/etc/hostname') IS NULL
SELECT length(`LOAD_FILE`('/etc/hostname'))
INSTALL PLUGIN evil SONAME 'evil.so'
INSTALL SONAME 'evil'
UNINSTALL PLUGIN evil
CREATE FUNCTION sys_exec RETURNS INTEGER SONAME 'lib_mysqludf_sys.so'
--- functions that plugins add
SELECT sys_exec('touch /proof/x')
SELECT sys_eval('id')
SELECT sys_set('A', 'b')
SELECT mroonga_command('delete --table item')
SELECT spider_direct_sql('DELETE FROM item', '', 'srv "x"')
SELECT spider_bg_direct_sql('DELETE FROM item', '', 'srv "x"')
SELECT spider_copy_tables('item', '0', '1')
SELECT http_get('http://127.0.0.1/')
SELECT http_post('http://127.0.0.1/', 'x')
SELECT group_replication_set_as_primary('a')
SELECT group_replication_switch_to_multi_primary_mode()
SELECT asynchronous_connection_failover_delete_source('c', 'h', 1, '')
SELECT version_tokens_set('a=b')
SELECT version_tokens_lock_exclusive('a', 5)
SELECT keyring_key_generate('k', 'AES', 32)
SELECT keyring_key_remove('k')
SELECT audit_log_rotate()
SELECT audit_log_filter_flush()
SELECT mysql_firewall_group_delist('g', 'u')
SELECT read_firewall_users('u', 'OFF')
SELECT set_firewall_mode('u', 'OFF')
SELECT load_rewrite_rules()
SELECT gen_dictionary_load('/etc/hostname', 'd')
SELECT gen_dictionary_drop('d')
SELECT mask_dictionary_remove('d')
--- text and blocks run as SQL
CALL touch_all()
CALL erp.touch_all
DO SLEEP(5)
DO RELEASE_ALL_LOCKS(), NEXTVAL(seq)
EXECUTE IMMEDIATE 'DELETE FROM item'
EXECUTE IMMEDIATE CONCAT('DELETE ', 'FROM item')
PREPARE p FROM 'DELETE FROM item'
EXECUTE p
DEALLOCATE PREPARE p
HANDLER item OPEN
HANDLER item READ FIRST
HANDLER item READ item_code = ('A')
HANDLER item CLOSE
BEGIN NOT ATOMIC DELETE FROM item; END
IF 1 THEN DELETE FROM item; END IF
EXPLAIN SELECT * FROM item
EXPLAIN UPDATE item SET code = 'x'
ANALYZE SELECT * FROM item
ANALYZE FORMAT = JSON DELETE FROM item
DESCRIBE item
SHOW TABLES
SHOW CREATE TABLE item
HELP 'contents'
SELECT * FROM item PROCEDURE ANALYSE()
SELECT id FROM item PROCEDURE ANALYSE(10, 2000)
DELIMITER //␊DELETE FROM item//
SET STATEMENT max_statement_time = 0 FOR SELECT 1
SET STATEMENT sql_log_bin = 0 FOR DELETE FROM item
--- the session
SET SESSION TRANSACTION READ WRITE
SET TRANSACTION ISOLATION LEVEL SERIALIZABLE
SET @@session.tx_read_only = 0
SET GLOBAL read_only = 0
SET sql_mode = 'NO_BACKSLASH_ESCAPES'
SET NAMES gbk
SET @a = 1
SET autocommit = 1
SET PASSWORD = ''
SET ROLE NONE
SET DEFAULT ROLE NONE
USE mysql
BEGIN
START TRANSACTION READ WRITE
COMMIT
COMMIT AND CHAIN
ROLLBACK
SAVEPOINT here
RELEASE SAVEPOINT here
XA START 'x'
XA RECOVER
KILL 0
KILL QUERY 0
FLUSH PRIVILEGES
FLUSH STATUS
RESET QUERY CACHE
PURGE BINARY LOGS TO 'mariadb-bin.000001'
CHANGE MASTER TO MASTER_HOST = '127.0.0.1'
--- passwords
SELECT user, password FROM mysql.user
SELECT Priv FROM mysql.global_priv
SELECT * FROM `mysql`.`user`
SELECT * FROM mysql.servers
SELECT User_password FROM mysql.slave_master_info
SELECT * FROM mysql.db
SELECT * FROM mysql.proxies_priv
SELECT * FROM mysql.procs_priv
SELECT * FROM mysql.roles_mapping
SELECT i.id FROM item AS i JOIN mysql.user AS u ON 1 = 1
--- objects made, changed, dropped
CREATE TABLE t (a INTEGER)
CREATE TEMPORARY TABLE t (a INTEGER)
CREATE OR REPLACE TABLE item (id INTEGER)
CREATE TABLE t LIKE item
CREATE TABLE t SELECT * FROM item
CREATE TABLE t (a INTEGER) IGNORE SELECT id AS a FROM item
CREATE VIEW v AS SELECT * FROM item
CREATE OR REPLACE SQL SECURITY DEFINER VIEW v AS SELECT * FROM item
CREATE INDEX i ON item (name)
CREATE SEQUENCE s2
CREATE FUNCTION f() RETURNS INTEGER RETURN 1
CREATE PROCEDURE p() DELETE FROM item
CREATE TRIGGER tr BEFORE INSERT ON item FOR EACH ROW SET NEW.code = 'x'
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM item
CREATE USER evil IDENTIFIED BY 'x'
CREATE DATABASE d
CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST '127.0.0.1')
ALTER TABLE item ADD COLUMN extra TEXT
ALTER TABLE item ENGINE = MyISAM
ALTER SEQUENCE seq RESTART
ALTER DATABASE CHARACTER SET latin1
RENAME TABLE item TO items
DROP TABLE item
DROP TABLE IF EXISTS item, stock
DROP SEQUENCE seq
DROP DATABASE IF EXISTS erp_gone
GRANT ALL ON *.* TO CURRENT_USER
REVOKE ALL PRIVILEGES, GRANT OPTION FROM CURRENT_USER
ANALYZE TABLE item
OPTIMIZE TABLE item
REPAIR TABLE item
CHECK TABLE item
CACHE INDEX item IN hot
--- several statements
SELECT 1; DELETE FROM item
SELECT 1; SELECT 2
SELECT 1;; DELETE FROM item;
SELECT ';'; DELETE FROM item
SELECT ";"; DELETE FROM item
SELECT `;` FROM (SELECT 1 AS `;`) AS q; DELETE FROM item
SELECT 'it''s'; DELETE FROM item
SELECT 'it\'s'; DELETE FROM item
SELECT 1 # ;␊; DELETE FROM item
SELECT 1 -- ;␊; DELETE FROM item
SELECT 1 /* ; */ ; DELETE FROM item
SELECT 1) ; DELETE FROM item; --
SELECT 1) AS q; DROP TABLE item; -- x
--- texts, names and comments that readers end differently
SELECT '\'; DELETE FROM item; -- '
SELECT '\\'; DELETE FROM item; -- '
SELECT 'a\', SLEEP(5), 'b'
SELECT "\"; DELETE FROM item; -- "
SELECT "a\", SLEEP(5), "b"
SELECT 5--1; DELETE FROM item
SELECT 5--SLEEP(5)
SELECT 5 --SLEEP(5)␊
SELECT 5--␍+ SLEEP(5)
SELECT 1 -- a␍ /* ␊; DELETE FROM item -- */
SELECT 1 # a␍ /* ␊, SLEEP(5) # */
SELECT 1 /* /* */ , SLEEP(5) /* */
SELECT 1 /* a /* b */ c */
SELECT 'never closed
SELECT "never closed
SELECT `never closed
SELECT 1 /* never closed
SELECT 1␀; DELETE FROM item
SELECT '␀', SLEEP(5)
SELECT⍽1
SELECT 1⍽FROM item
SELECT 1 FROM item⍽FOR UPDATE
--- not a SELECT, or none that can be read
TABLE item
VALUES (1), (2)
SELECT
SELECT FROM
SELCT 1
SELECT * FROM
SELECT ((1)
SELECT 1)
SELECT ?
SELECT :name
SELECT @a
WITH a AS (SELECT 1)
=== beyond the parser
--- functions of users
SELECT touch(1)
SELECT erp.touch(id) FROM item
SELECT * FROM item WHERE touch(id) > 0
SELECT * FROM touching_view
=== harmless
--- plain
SELECT 1 AS a
SELECT * FROM item;
SELECT id, code FROM erp.item WHERE id > 1 ORDER BY id
SELECT DISTINCT code FROM item
SELECT i.* FROM item AS i
(SELECT 1 AS a)
SELECT id FROM item LIMIT 5 OFFSET 1
SELECT id FROM item LIMIT 1, 5
SELECT id FROM item ORDER BY id OFFSET 1 ROWS FETCH NEXT 5 ROWS ONLY
SELECT code, count(*) AS n FROM item GROUP BY code WITH ROLLUP
SELECT code, count(*) AS n FROM item GROUP BY code HAVING n > 0
SELECT SQL_NO_CACHE id FROM item
SELECT STRAIGHT_JOIN i.id FROM item AS i JOIN stock AS s ON s.item_id = i.id
SELECT id FROM item USE INDEX (item_code) WHERE code = 'A'
SELECT id FROM item FORCE INDEX FOR JOIN (item_code)
SELECT id FROM kept FOR SYSTEM_TIME ALL
SELECT id FROM parted PARTITION (p0)
SELECT current_user() AS u, database() AS d, version() AS v, @@sql_mode AS m
SELECT 1 AS a FROM DUAL
--- joins and brackets
SELECT i.id, s.qty FROM item AS i JOIN stock AS s ON s.item_id = i.id
SELECT i.id, s.qty FROM item AS i LEFT JOIN stock AS s USING (id)
SELECT i.id FROM item i, stock s WHERE s.item_id = i.id
SELECT i.id FROM item AS i RIGHT OUTER JOIN stock AS s ON s.item_id = i.id
SELECT 1 AS a FROM item NATURAL JOIN stock
SELECT id FROM (SELECT id FROM item) AS q
SELECT (SELECT sum(qty) FROM stock WHERE item_id = item.id) AS qty FROM item
SELECT id FROM item WHERE id IN (SELECT item_id FROM stock)
SELECT id FROM item WHERE NOT EXISTS (SELECT 1 FROM stock WHERE item_id = item.id)
SELECT id FROM item UNION ALL SELECT item_id FROM stock
SELECT id FROM item EXCEPT SELECT item_id FROM stock
SELECT id FROM item INTERSECT SELECT item_id FROM stock
SELECT * FROM item_view
--- common table expressions
WITH live AS (SELECT * FROM item WHERE code IS NOT NULL) SELECT id FROM live
WITH live (k) AS (SELECT id FROM item) SELECT k FROM live
WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
--- functions
SELECT COALESCE(name, code, '') AS name, IFNULL(name, '') AS n, NULLIF(code, '') AS c FROM item
SELECT IF(price > 1, 'dear', 'cheap') AS kind FROM item
SELECT CONCAT(code, '-', id) AS sku, CONCAT_WS(',', code, name) AS both_names FROM item
SELECT GROUP_CONCAT(DISTINCT code ORDER BY code SEPARATOR ', ') AS codes FROM item
SELECT DATE_FORMAT(changed, '%Y-%m-%d') AS d, UNIX_TIMESTAMP(changed) AS u FROM item
SELECT NOW() - INTERVAL 1 DAY AS y, DATE_ADD(changed, INTERVAL 2 HOUR) AS h FROM item
SELECT CAST(price AS SIGNED) AS p, CONVERT(name USING utf8mb4) AS n FROM item
SELECT CONVERT(price, DECIMAL(10, 2)) AS p, ROUND(price, 2) AS r FROM item
SELECT SUBSTRING_INDEX(name, ' ', 1) AS first_word, TRIM(BOTH ' ' FROM name) AS t FROM item
SELECT JSON_VALUE('{"a": 1}', '$.a') AS a, JSON_EXTRACT('[1]', '$[0]') AS b
SELECT JSON_OBJECT('a', 1) AS o, JSON_EXTRACT('[1]', '$[*]') AS w, JSON_EXTRACT('{"a": 1}', '$**.a') AS r
SELECT CAST(name AS CHAR CHARACTER SET utf8mb4) AS n FROM item
SELECT a FROM JSON_TABLE('[{"a": 1}]', '$[*]' COLUMNS (a INTEGER PATH '$.a')) AS j
SELECT code REGEXP '^A' AS a, code RLIKE 'B' AS b, code NOT LIKE 'C%' AS c, code <=> NULL AS d FROM item
SELECT code COLLATE utf8mb4_bin AS code FROM item ORDER BY code COLLATE utf8mb4_bin
SELECT HEX(code) AS h, MD5(code) AS m, UUID() IS NULL AS u, IS_FREE_LOCK('a') AS f FROM item
SELECT id DIV 2 AS a, id MOD 2 AS b, id << 1 AS c, id XOR 1 AS d, !id AS e FROM item
SELECT id FROM note WHERE MATCH (body) AGAINST ('a' IN BOOLEAN MODE)
--- window functions
SELECT id, ROW_NUMBER() OVER (PARTITION BY code ORDER BY id) AS n FROM item
SELECT id, SUM(price) OVER w AS s FROM item WINDOW w AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)
SELECT id, LAG(price) OVER (ORDER BY id) AS was FROM item
--- quotes, comments, alphabets
SELECT `id` AS `the ``id``` FROM `erp`.`item`
SELECT "it's" AS a, 'say "x"' AS b, 'it''s' AS c, "say ""x""" AS d
SELECT _utf8mb4'x' AS a, N'y' AS b, X'4D' AS c, 0x4D AS d, b'101' AS e
SELECT 'a\nb' AS a, 'c:\\temp' AS b
SELECT id /* the key */ FROM item -- all of them
SELECT id # the key␊FROM item
-- what is sold␊SELECT id FROM item ␍␊WHERE id > 0
SELECT 'żółć 漢字 🙂' AS größe
--- hostile words in harmless places
SELECT '; DELETE FROM item; -- ' AS a
SELECT 'FOR UPDATE' AS `insert`, 1 AS `delete`
SELECT replace(name, 'DROP TABLE', '') AS updated, changed AS last_update FROM item
SELECT 1 AS `sleep`, 'SLEEP(5)' AS b, "LOAD_FILE('x')" AS c
SELECT '12:30 :x %s @a := 1 ?' AS a
SELECT id FROM item -- ; DROP TABLE item
SELECT id FROM item /* ; DROP TABLE item */
SELECT `user`, `password` FROM (SELECT 1 AS `user`, 2 AS `password`) AS q
