One statement a line. ␊ stands for a line break, ␍ for a carriage return, ␀ for a NUL, ⍽ for a blank that does not break.
Statements that would write a file write it into /proof, which the tests replace by a folder of their own.
=== hostile
--- rows written
INSERT INTO item VALUES (9, 'x', 'x', 1, now())
INSERT INTO item (id, code) SELECT id + 100, code FROM item
INSERT INTO item (id) VALUES (12) RETURNING *
INSERT INTO item (id) VALUES (1) ON CONFLICT (id) DO UPDATE SET code = 'upsert'
INSERT INTO item (id) OVERRIDING SYSTEM VALUE VALUES (13)
INSERT INTO item DEFAULT VALUES
UPDATE item SET code = 'x'
UPDATE item AS i SET code = s.store FROM stock AS s WHERE s.item_id = i.id RETURNING i.*
UPDATE ONLY item SET (code, name) = ROW ('a', 'b')
UPDATE item SET price = DEFAULT WHERE id = 1
DELETE FROM item
DELETE FROM ONLY item USING stock WHERE stock.item_id = item.id
DELETE FROM item WHERE id = 1 RETURNING code
MERGE INTO item USING stock ON stock.item_id = item.id WHEN MATCHED THEN DELETE
MERGE INTO item USING stock ON false WHEN NOT MATCHED THEN INSERT (id) VALUES (77)
TRUNCATE item
TRUNCATE TABLE item, stock RESTART IDENTITY CASCADE
--- common table expressions that write
WITH gone AS (DELETE FROM item RETURNING *) SELECT * FROM gone
WITH new AS (INSERT INTO item (id) VALUES (3) RETURNING *) SELECT * FROM new
WITH new AS (UPDATE item SET code = 'x' RETURNING *) SELECT * FROM new
WITH a AS (SELECT 1 AS n), b AS (UPDATE item SET code = 'b' RETURNING id) SELECT * FROM a, b
WITH gone AS MATERIALIZED (DELETE FROM stock RETURNING *) SELECT count(*) FROM gone
WITH gone AS NOT MATERIALIZED (DELETE FROM stock RETURNING *) SELECT 1
WITH a AS (DELETE FROM stock) SELECT 1
WITH moved AS (DELETE FROM stock RETURNING item_id) INSERT INTO item (id) SELECT item_id + 500 FROM moved
WITH one AS (SELECT 1 AS id) UPDATE item SET code = 'x' WHERE id IN (SELECT id FROM one)
WITH one AS (SELECT 1 AS id) DELETE FROM item USING one WHERE one.id = item.id
WITH RECURSIVE n(i) AS (SELECT 50 UNION ALL SELECT i + 1 FROM n WHERE i < 60) INSERT INTO item (id) SELECT i FROM n
WITH t AS (UPDATE item SET price = 0 RETURNING *) SELECT * FROM t UNION ALL SELECT * FROM item
WITH "select" AS (DELETE FROM item RETURNING id) SELECT * FROM "select"
--- SELECT that makes a table
SELECT * INTO copied FROM item
SELECT id INTO TEMP copied FROM item
SELECT id INTO TEMPORARY TABLE copied FROM item
SELECT id INTO UNLOGGED copied FROM item
SELECT id INTO TABLE public.copied FROM item WHERE id > 0
SELECT INTO copied FROM item
SELECT 1 AS a INTO copied UNION SELECT 2
SELECT i.id, s.qty INTO copied FROM item AS i JOIN stock AS s ON s.item_id = i.id
CREATE TABLE copied AS SELECT * FROM item
CREATE TABLE copied AS TABLE item WITH NO DATA
CREATE TABLE copied AS EXECUTE plan
--- rows locked
SELECT * FROM item FOR UPDATE
SELECT * FROM item FOR NO KEY UPDATE NOWAIT
SELECT * FROM item FOR SHARE
SELECT * FROM item FOR KEY SHARE SKIP LOCKED
SELECT * FROM item AS i, stock AS s FOR UPDATE OF i FOR SHARE OF s
SELECT * FROM (SELECT * FROM item FOR UPDATE) AS q
WITH l AS (SELECT * FROM item FOR UPDATE) SELECT count(*) FROM l
SELECT (SELECT id FROM item LIMIT 1 FOR UPDATE)
SELECT id FROM stock AS s WHERE EXISTS (SELECT 1 FROM item WHERE item.id = s.item_id FOR SHARE)
SELECT * FROM item ORDER BY id LIMIT 1 FOR/**/UPDATE SKIP LOCKED
LOCK TABLE item
LOCK TABLE item IN ACCESS EXCLUSIVE MODE NOWAIT
--- sequences
SELECT nextval('seq')
SELECT "nextval"('seq')
SELECT NextVal('seq')
SELECT nextval ('seq'::regclass)
SELECT pg_catalog.nextval('seq')
SELECT pg_catalog . "nextval"('seq')
SELECT setval('seq', 1000)
SELECT setval('public.seq', 1000, false)
SELECT id, nextval('seq') FROM item
SELECT * FROM nextval('seq')
SELECT * FROM item, LATERAL nextval('seq') AS n
SELECT * FROM ROWS FROM (nextval('seq'), generate_series(1, 2)) AS n
SELECT * FROM item WHERE nextval('seq') > 0
SELECT * FROM item ORDER BY setval('seq', id)
SELECT array(SELECT nextval('seq'))
SELECT ARRAY[nextval('seq')]
SELECT CASE WHEN true THEN setval('seq', 5) END
SELECT coalesce(NULL, nextval('seq'))
SELECT sum(nextval('seq')) FILTER (WHERE true) FROM item
SELECT 1 UNION SELECT nextval('seq')
VALUES (nextval('seq'))
SELECT * FROM (VALUES (nextval('seq'))) AS v
SELECT nextval(E'seq')
SELECT nextval($$seq$$)
SELECT U&"n\0065xtval"('seq')
SELECT U&"next!0076al" UESCAPE '!' ('seq')
SELECT u&"nextval"('seq')
--- waiting and locks by name
SELECT pg_sleep(5)
SELECT 1 WHERE pg_sleep(5) IS NULL
SELECT * FROM pg_sleep(5)
SELECT (SELECT pg_sleep(5))
SELECT pg_sleep_for('5 seconds')
SELECT pg_sleep_until(clock_timestamp() + interval '5 seconds')
SELECT pg_advisory_lock(1)
SELECT pg_advisory_lock_shared(1, 2)
SELECT pg_advisory_xact_lock(1)
SELECT pg_advisory_xact_lock_shared(1)
SELECT pg_try_advisory_lock(1)
SELECT pg_try_advisory_xact_lock_shared(1)
SELECT pg_advisory_unlock_all()
SELECT pg_advisory_lock(id) FROM item
--- files of the server
COPY item TO '/proof/out.csv'
COPY item FROM '/proof/in.csv'
COPY (SELECT * FROM item) TO PROGRAM 'cat > /proof/out.csv'
COPY item FROM PROGRAM 'echo 1'
COPY item TO STDOUT
COPY (DELETE FROM item RETURNING *) TO STDOUT
SELECT pg_read_file('PG_VERSION')
SELECT pg_read_file('/etc/hostname', 0, 100)
SELECT pg_read_binary_file('PG_VERSION')
SELECT pg_ls_dir('.')
SELECT * FROM pg_ls_waldir()
SELECT name FROM pg_ls_logdir()
SELECT * FROM pg_ls_tmpdir()
SELECT (pg_stat_file('PG_VERSION')).size
SELECT pg_current_logfile()
SELECT lo_import('/etc/hostname')
SELECT lo_import('/etc/hostname', 4711)
SELECT lo_export(4711, '/proof/out.bin')
SELECT pg_file_write('/proof/x', 'x', false)
SELECT pg_logdir_ls()
--- large objects
SELECT lo_creat(-1)
SELECT lo_create(4712)
SELECT lo_from_bytea(4713, '\x00')
SELECT lo_unlink(4711)
SELECT lo_put(4711, 0, '\x00')
SELECT lo_get(4711)
SELECT lo_open(4711, 131072)
SELECT lowrite(0, 'x')
SELECT loread(0, 1)
SELECT lo_truncate(0, 0)
--- text run as SQL
SELECT query_to_xml('DELETE FROM item', true, false, '')
SELECT query_to_xml('SELECT 1', true, false, '')
SELECT query_to_xmlschema('SELECT * FROM item', true, false, '')
SELECT query_to_xml_and_xmlschema('SELECT nextval(''seq'')', true, false, '')
SELECT xpath('/x', query_to_xml('DELETE FROM item', true, false, ''))
SELECT cursor_to_xml('c', 1, true, false, '')
SELECT table_to_xml('item', true, false, '')
SELECT schema_to_xml('public', true, false, '')
SELECT database_to_xml(true, true, '')
SELECT database_to_xmlschema(true, true, '')
SELECT * FROM ts_stat('SELECT to_tsvector(name) FROM item')
SELECT ts_rewrite('a'::tsquery, 'SELECT ''a''::tsquery, ''b''::tsquery')
SELECT * FROM crosstab('DELETE FROM item') AS c (a integer, b integer)
SELECT * FROM crosstab2('SELECT 1')
SELECT * FROM connectby('item', 'id', 'code', '1', 0) AS c (a integer)
SELECT * FROM xpath_table('id', 'name', 'item', '/a', 'true') AS x (a integer)
SELECT xmlvalidate('<a/>', 'file:///etc/hostname')
DO $$ BEGIN DELETE FROM item; END $$
DO LANGUAGE plpgsql 'BEGIN DELETE FROM item; END'
CALL touch_all()
PREPARE plan AS DELETE FROM item
PREPARE plan AS SELECT 1
EXECUTE plan
DEALLOCATE ALL
EXPLAIN ANALYZE DELETE FROM item
EXPLAIN (ANALYZE, BUFFERS) UPDATE item SET code = 'x'
EXPLAIN SELECT * FROM item
DECLARE c CURSOR FOR SELECT * FROM item
DECLARE c CURSOR WITH HOLD FOR SELECT * FROM item FOR UPDATE
FETCH ALL FROM c
MOVE 5 IN c
CLOSE ALL
--- other servers
SELECT * FROM dblink('host=127.0.0.1', 'DELETE FROM item') AS t (a integer)
SELECT dblink_exec('DELETE FROM item')
SELECT dblink_connect('c', 'host=127.0.0.1')
SELECT dblink_send_query('c', 'DELETE FROM item')
SELECT postgres_fdw_disconnect_all()
SELECT http_get('http://127.0.0.1/')
SELECT http_post('http://127.0.0.1/', 'x', 'text/plain')
SELECT aws_s3.query_export_to_s3('SELECT * FROM item', 'b', 'f', 'r')
SELECT aws_lambda.invoke('f', '{}')
SELECT cron.schedule('* * * * *', 'DELETE FROM item')
SELECT pgq.create_queue('q')
SELECT file_fdw_handler()
IMPORT FOREIGN SCHEMA public FROM SERVER s INTO public
--- the session
SET transaction_read_only = off
SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE
SET TRANSACTION READ WRITE
SET LOCAL statement_timeout = 0
SET ROLE postgres
SET SESSION AUTHORIZATION postgres
SET search_path = pg_temp, public
RESET ALL
RESET transaction_read_only
DISCARD ALL
SELECT set_config('transaction_read_only', 'off', false)
SELECT set_config('statement_timeout', '0', true)
SELECT "set_config"('role', 'postgres', false)
SELECT setseed(0.5)
SELECT txid_current()
SELECT pg_current_xact_id()
SELECT pg_export_snapshot()
SHOW transaction_read_only
BEGIN
BEGIN READ WRITE
START TRANSACTION ISOLATION LEVEL SERIALIZABLE
COMMIT
COMMIT AND CHAIN
ROLLBACK
SAVEPOINT here
PREPARE TRANSACTION 'two'
LISTEN orders
NOTIFY orders, 'x'
UNLISTEN *
SELECT pg_notify('orders', 'x')
--- administration
SELECT pg_terminate_backend(0)
SELECT pg_cancel_backend(0)
SELECT pg_reload_conf()
SELECT pg_rotate_logfile()
SELECT pg_promote(false)
SELECT pg_switch_wal()
SELECT pg_create_restore_point('here')
SELECT pg_backup_start('here')
SELECT pg_logical_emit_message(true, 'a', 'b')
SELECT pg_create_physical_replication_slot('slot')
SELECT pg_drop_replication_slot('slot')
SELECT pg_replication_origin_create('origin')
SELECT pg_stat_reset()
SELECT pg_stat_reset_shared('bgwriter')
SELECT pg_import_system_collations('pg_catalog')
SELECT pg_log_backend_memory_contexts(pg_backend_pid())
SELECT pg_extension_config_dump('item', '')
SELECT pg_nextoid('pg_class', 'oid', 'pg_class_oid_index')
SELECT brin_summarize_new_values('item_code')
SELECT brin_desummarize_range('item_code', 0)
SELECT gin_clean_pending_list('item_code')
SELECT binary_upgrade_set_next_pg_type_oid(4711)
SELECT currtid2('item', '(0,1)')
SELECT plpgsql_validator(0)
VACUUM item
ANALYZE item
CLUSTER item USING item_pkey
REINDEX TABLE item
CHECKPOINT
LOAD 'auto_explain'
ALTER SYSTEM SET work_mem = '1MB'
--- passwords and files behind tables
SELECT rolname, rolpassword FROM pg_authid
SELECT usename, passwd FROM pg_catalog.pg_shadow
SELECT * FROM "pg_shadow"
SELECT umoptions FROM pg_user_mapping
SELECT umoptions FROM pg_user_mappings
SELECT data FROM pg_largeobject
SELECT * FROM pg_hba_file_rules
SELECT * FROM pg_file_settings
SELECT subconninfo FROM pg_subscription
SELECT srvoptions FROM pg_foreign_server
--- objects made, changed, dropped
CREATE TABLE t (a integer)
CREATE TEMP TABLE t (a integer) ON COMMIT DROP
CREATE UNLOGGED TABLE t (LIKE item INCLUDING ALL)
CREATE VIEW v AS SELECT * FROM item
CREATE OR REPLACE RULE r AS ON INSERT TO item DO INSTEAD NOTHING
CREATE MATERIALIZED VIEW mv AS SELECT * FROM item
REFRESH MATERIALIZED VIEW mv
CREATE INDEX ON item (name)
CREATE SEQUENCE s2
CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'
CREATE OR REPLACE FUNCTION touch(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1'
CREATE PROCEDURE p() LANGUAGE sql AS 'DELETE FROM item'
CREATE TRIGGER tr BEFORE INSERT ON item EXECUTE FUNCTION suppress_redundant_updates_trigger()
CREATE EXTENSION IF NOT EXISTS plpgsql
CREATE SCHEMA s
CREATE ROLE evil SUPERUSER LOGIN PASSWORD 'x'
CREATE TYPE pair AS (a integer, b integer)
ALTER TABLE item ADD COLUMN extra text
ALTER TABLE item DISABLE TRIGGER ALL
ALTER ROLE CURRENT_USER SET default_transaction_read_only = off
ALTER SEQUENCE seq RESTART
DROP TABLE item CASCADE
DROP OWNED BY CURRENT_USER
GRANT ALL ON item TO PUBLIC
REVOKE ALL ON item FROM PUBLIC
REASSIGN OWNED BY CURRENT_USER TO postgres
COMMENT ON TABLE item IS 'x'
SECURITY LABEL ON TABLE item IS 'x'
--- several statements
SELECT 1; DELETE FROM item
SELECT 1; SELECT 2
SELECT 1;; DELETE FROM item;
SELECT $$a$$; DELETE FROM item
SELECT $t$ ; $t$; DELETE FROM item
SELECT $a$ $b$ ; $a$; DELETE FROM item; --$b$
SELECT E'\''; DELETE FROM item; --'
SELECT E'\\'; DELETE FROM item; --'
SELECT 'it''s'; DELETE FROM item
SELECT "a;b" FROM (SELECT 1 AS "a;b") AS q; DELETE FROM item
SELECT 1 -- ;␊; DELETE FROM item
SELECT 1 /* ; */ ; COMMIT; DELETE FROM item
SELECT 1) ; DELETE FROM item; --
SELECT 1) AS q; DROP TABLE item; --
SELECT 1; COMMIT; BEGIN READ WRITE; DELETE FROM item; COMMIT
--- texts, names and comments that readers end differently
SELECT '\'; DELETE FROM item; --'
SELECT '\', nextval('seq'), '\'
SELECT N'\'; DELETE FROM item; --'
SELECT 1 /* /* */ ; DELETE FROM item -- */
SELECT 1 /* a /* b */ c */
SELECT /* /* */ nextval('seq') /* */ */ 1
SELECT 1 --␍; DELETE FROM item
SELECT 1 -- a␍ /* ␊; DELETE FROM item -- */
SELECT 1 /*! ; DELETE FROM item */
SELECT /*+ SeqScan(item) */ 1
SELECT 'never closed
SELECT "never closed
SELECT $$never closed
SELECT 1 /* never closed
SELECT 1␀; DELETE FROM item
SELECT '␀', nextval('seq')
SELECT⍽1
SELECT 1⍽FROM item
SELECT 1 AS a FROM item⍽FOR UPDATE
--- not a SELECT, or none that can be read
TABLE item
TABLE item ORDER BY id
VALUES (1), (2)
SELECT
SELECT FROM item
SELCT 1
SELECT * FROM
SELECT ((1)
SELECT 1)
SELECT $1
SELECT 1 OPERATOR(public.===) 2
SELECT 1 OPERATOR(pg_catalog.+) 2
SELECT * FROM item WHERE
WITH a AS (SELECT 1)
=== beyond the parser
--- functions and operators of users
SELECT touch(1)
SELECT public.touch(id + 1) FROM item
SELECT touch_as_owner(1)
SELECT * FROM touch(1)
SELECT * FROM item WHERE touch(id) > 0
SELECT i.touched FROM item AS i
SELECT (i).touched FROM item AS i
SELECT * FROM touching_view
SELECT 'x'::touchy
=== harmless
--- plain
SELECT 1 AS a
SELECT * FROM item;
SELECT id, code FROM public.item WHERE id > 1 ORDER BY id NULLS LAST
SELECT DISTINCT ON (code) code, id FROM item ORDER BY code, id
SELECT i.* FROM item AS i
SELECT id FROM ONLY item
(SELECT 1 AS a)
SELECT id FROM item LIMIT 5 OFFSET 1
SELECT id FROM item ORDER BY id FETCH FIRST 5 ROWS WITH TIES
SELECT id FROM item TABLESAMPLE SYSTEM (50)
SELECT code, count(*) AS n FROM item GROUP BY CUBE (code)
SELECT code, count(*) AS n FROM item GROUP BY ROLLUP (code) HAVING count(*) > 0
SELECT grouping(code) AS g, count(*) AS n FROM item GROUP BY GROUPING SETS ((code), ())
SELECT current_user AS u, current_date AS d, localtimestamp AS t, current_schema AS s
--- joins and brackets
SELECT i.id, s.qty FROM item AS i JOIN stock AS s ON s.item_id = i.id
SELECT i.id FROM item AS i FULL OUTER JOIN stock AS s ON s.item_id = i.id
SELECT a.id FROM item AS a JOIN item AS b USING (id)
SELECT 1 AS a FROM item NATURAL JOIN stock
SELECT i.id, x.qty FROM item AS i LEFT JOIN LATERAL (SELECT sum(s.qty) AS qty FROM stock AS s WHERE s.item_id = i.id) AS x ON true
SELECT i.id, g.n FROM item AS i, LATERAL generate_series(1, 2) AS g(n)
SELECT id FROM item WHERE id IN (SELECT item_id FROM stock)
SELECT id FROM item WHERE id = ANY (ARRAY[1, 2])
SELECT id FROM item WHERE id > ALL (SELECT item_id FROM stock)
SELECT id FROM item UNION ALL SELECT item_id FROM stock EXCEPT SELECT 5
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (id, code)
SELECT * FROM item_view
--- common table expressions
WITH live AS (SELECT * FROM item WHERE code IS NOT NULL) SELECT id FROM live
WITH live (key) AS NOT MATERIALIZED (SELECT id FROM item) SELECT key FROM live
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SEARCH DEPTH FIRST BY i SET o SELECT i FROM n
--- functions of tables
SELECT * FROM generate_series(1, 3) WITH ORDINALITY AS g (a, n)
SELECT * FROM unnest(ARRAY[1, 2], ARRAY['a', 'b']) AS u (a, b)
SELECT * FROM ROWS FROM (generate_series(1, 2), generate_series(1, 3)) AS r (a, b)
SELECT * FROM jsonb_to_recordset('[{"a": 1}]') AS x (a integer, b text)
SELECT * FROM json_array_elements('[1, 2]') AS e
SELECT * FROM jsonb_each_text('{"a": "b"}') AS e
SELECT * FROM regexp_split_to_table('a,b', ',') AS part
SELECT * FROM XMLTABLE('/a' PASSING ('<a b="1"/>'::xml) COLUMNS b integer PATH '@b' DEFAULT 0 NOT NULL) AS x
SELECT * FROM calm(1)
SELECT make_interval(days := 2) AS i, make_interval(hours => 2) AS j
--- functions
SELECT id::text AS a, CAST(price AS integer) AS b, code::varchar(10) AS c FROM item
SELECT coalesce(name, code, '') AS name, nullif(code, '') AS code FROM item
SELECT string_agg(code, ',' ORDER BY id) AS codes FROM item
SELECT 'item'::regclass::text AS t, concat_ws(',', VARIADIC ARRAY['a', 'b']) AS c
SELECT interval '1-2' YEAR TO MONTH AS i, json_build_object('a', 1) AS o
SELECT array_agg(DISTINCT code) AS codes FROM item
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY price) AS p FROM item
SELECT count(*) FILTER (WHERE price > 1) AS n FROM item
SELECT extract(epoch FROM changed) AS e, date_trunc('day', changed) AS d FROM item
SELECT changed AT TIME ZONE 'UTC' AS t, now() - interval '1 day' AS y FROM item
SELECT to_char(price, 'FM990.00') AS p, round(price, 2) AS r FROM item
SELECT '{"a": {"b": 1}}'::jsonb -> 'a' ->> 'b' AS b, '{"a": 1}'::jsonb @> '{"a": 1}' AS c
SELECT '{"a": 1}'::jsonb #>> '{a}' AS a, '{"a": 1}'::jsonb ? 'a' AS b
SELECT jsonb_path_query('[1, 2]', '$[*] ? (@ > 1)') AS a
SELECT code ~ '^A' AS a, code SIMILAR TO 'A%' AS b, code ILIKE 'a%' AS c FROM item
SELECT (ARRAY[1, 2, 3])[1:2] AS a, ARRAY(SELECT id FROM item) AS b
SELECT ROW (1, 'a') AS r, code IS DISTINCT FROM name AS d FROM item
SELECT pg_typeof(id)::text AS t, pg_size_pretty(pg_total_relation_size('item')) AS s FROM item
SELECT pg_xact_commit_timestamp(xmin) IS NULL AS a FROM stock WHERE false
SELECT gen_random_uuid() IS NULL AS a, random() > 2 AS b, clock_timestamp() IS NULL AS c, version() AS d
SELECT code COLLATE "C" AS code FROM item ORDER BY code COLLATE "C"
SELECT format('%s-%s', code, id) AS sku, md5(code) AS h FROM item
SELECT to_tsvector('simple', name) @@ to_tsquery('simple', 'a') AS found FROM item
--- window functions
SELECT id, row_number() OVER (PARTITION BY code ORDER BY id) AS n FROM item
SELECT id, sum(price) OVER w AS s FROM item WINDOW w AS (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE TIES)
SELECT id, lag(price) OVER (ORDER BY id) AS was FROM item
--- quotes, comments, alphabets
SELECT "id" AS "the ""id""" FROM "public"."item"
SELECT $$it's; fine$$ AS a, $t$ $$ $t$ AS b
SELECT E'it\'s\n' AS a, U&'\0061' AS b, B'101' AS c, X'1f' AS d
SELECT 'C:\path' AS a, 'a\b''c' AS b
SELECT id /* the key */ FROM item -- all of them
-- what is sold␊SELECT id FROM item ␍␊WHERE id > 0
/* what is sold */ SELECT id FROM item /* end */ ; -- done
SELECT 'żółć 漢字 🙂' AS größe
--- hostile words in harmless places
SELECT '; DELETE FROM item; --' AS a
SELECT 'FOR UPDATE' AS "insert", 1 AS "delete"
SELECT code AS update, name AS delete FROM item
SELECT replace(name, 'DROP TABLE', '') AS updated, changed AS last_update FROM item
SELECT 1 AS "nextval('seq')", $$pg_sleep(5)$$ AS b
SELECT '12:30 :x %s $1 ?' AS a
SELECT id FROM item -- ; DROP TABLE item
SELECT id FROM item /* ; DROP TABLE item */
SELECT nextval FROM (SELECT 1 AS nextval) AS q
