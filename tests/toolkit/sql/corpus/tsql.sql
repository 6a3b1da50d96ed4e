One statement a line. ␊ stands for a line break, ␍ for a carriage return, ␀ for a NUL, ⍽ for a blank that does not break.
Statements that would write a file write it into /proof, which the tests replace by a folder of their own.
=== hostile
--- rows written
INSERT INTO item VALUES (9, 'x', 'x', 1, GETDATE())
INSERT item (id) VALUES (10)
INSERT INTO item (id) OUTPUT inserted.id VALUES (12)
INSERT INTO item (id) OUTPUT inserted.id INTO stock (item_id) VALUES (13)
INSERT INTO item (id) EXEC touch_all
INSERT TOP (1) INTO item (id) SELECT id + 100 FROM item
INSERT INTO item WITH (TABLOCK) (id) VALUES (14)
UPDATE item SET code = 'x'
UPDATE item SET code = 'x' OUTPUT deleted.code, inserted.code WHERE id = 1
UPDATE i SET code = s.store FROM item AS i JOIN stock AS s ON s.item_id = i.id
UPDATE TOP (1) item SET price.WRITE('x', 0, 1)
UPDATE STATISTICS item
DELETE FROM item
DELETE item
DELETE TOP (1) FROM item OUTPUT deleted.*
DELETE i FROM item AS i JOIN stock AS s ON s.item_id = i.id
MERGE item AS i USING stock AS s ON s.item_id = i.id WHEN MATCHED THEN DELETE;
MERGE INTO item USING stock ON 1 = 0 WHEN NOT MATCHED THEN INSERT (id) VALUES (1) OUTPUT $action;
TRUNCATE TABLE item
BULK INSERT item FROM 'C:\proof\in.csv'
WRITETEXT item.name @p 'x'
UPDATETEXT item.name @p 0 NULL 'x'
SELECT * FROM (DELETE FROM item OUTPUT deleted.id) AS d
SELECT id FROM (UPDATE item SET code = 'x' OUTPUT inserted.id) AS u
SELECT id FROM (MERGE item USING stock ON 1 = 1 WHEN MATCHED THEN DELETE OUTPUT deleted.id) AS m (id)
--- common table expressions that write
WITH old AS (SELECT * FROM item) DELETE FROM old
WITH old AS (SELECT * FROM item) UPDATE old SET code = 'x'
WITH new AS (SELECT 99 AS id) INSERT INTO item (id) SELECT id FROM new
WITH new AS (SELECT 99 AS id) MERGE item USING new ON new.id = item.id WHEN NOT MATCHED THEN INSERT (id) VALUES (id);
WITH new AS (SELECT 99 AS id) SELECT * INTO copied FROM new
WITH gone AS (DELETE FROM item OUTPUT deleted.*) SELECT * FROM gone
;WITH old AS (SELECT TOP (1) * FROM item ORDER BY id) DELETE FROM old OUTPUT deleted.*
WITH l AS (SELECT * FROM item WITH (UPDLOCK)) SELECT * FROM l
--- SELECT that makes a table or sets a variable
SELECT * INTO copied FROM item
SELECT * INTO #copied FROM item
SELECT id INTO ##copied FROM item
SELECT id, code INTO dbo.copied FROM item WHERE 1 = 0
SELECT IDENTITY(int, 1, 1) AS n INTO #numbered FROM item
SELECT 1 AS a INTO #copied UNION ALL SELECT 2
SELECT * INTO copied ON [PRIMARY] FROM item
SELECT @a = 1
SELECT @a = id FROM item
SELECT @a += id FROM item
SELECT @a = id, @b = code FROM item ORDER BY id
--- hints that lock, or leave rows out
SELECT * FROM item WITH (UPDLOCK)
SELECT * FROM item WITH (XLOCK)
SELECT * FROM item WITH (TABLOCK)
SELECT * FROM item WITH (TABLOCKX)
SELECT * FROM item WITH (HOLDLOCK)
SELECT * FROM item WITH (SERIALIZABLE)
SELECT * FROM item WITH (REPEATABLEREAD)
SELECT * FROM item WITH (READPAST)
SELECT * FROM item WITH (ROWLOCK, UPDLOCK, READPAST)
SELECT * FROM item WITH (NOLOCK, XLOCK)
SELECT * FROM item AS i WITH (updlock, index (item_code))
SELECT * FROM item WITH (INDEX (1) HOLDLOCK)
SELECT * FROM item (UPDLOCK)
SELECT * FROM item (XLOCK)
SELECT * FROM item (TABLOCK)
SELECT * FROM item (TABLOCKX)
SELECT * FROM item (HOLDLOCK)
SELECT * FROM item (SERIALIZABLE)
SELECT * FROM item (REPEATABLEREAD)
SELECT * FROM item (READPAST)
SELECT * FROM item i (UPDLOCK)
SELECT * FROM item AS i (TABLOCKX, HOLDLOCK)
SELECT * FROM item HOLDLOCK
SELECT * FROM dbo.item (XLOCK, ROWLOCK) WHERE id = 1
SELECT * FROM item AS i JOIN stock AS s WITH (UPDLOCK) ON s.item_id = i.id
SELECT * FROM (SELECT * FROM item WITH (XLOCK)) AS q
SELECT (SELECT TOP 1 id FROM item WITH (UPDLOCK))
SELECT * FROM item OPTION (TABLE HINT (item, XLOCK))
SELECT * FROM item CROSS APPLY (SELECT * FROM stock WITH (TABLOCKX)) AS s
SELECT * FROM item FOR UPDATE
--- statements stacked without a semicolon
SELECT 1 DELETE FROM item
SELECT 1 delete FROM item
SELECT 1 DELETE FROM item WHERE id > 0
SELECT id DELETE FROM item
SELECT id, code DELETE FROM item
SELECT 'a' DELETE FROM item
SELECT GETDATE() DELETE FROM item
SELECT (1) DELETE FROM item
SELECT 1 -- one␊DELETE FROM item
SELECT 1␊GO␊DELETE FROM item
SELECT * FROM item DELETE FROM item
SELECT * FROM item DELETE item
SELECT * FROM item WHERE id = 1 DELETE FROM item
SELECT * FROM item UPDATE item SET code = 'x'
SELECT 1 UPDATE item SET code = 'x'
SELECT 1 INSERT INTO item (id) VALUES (1)
SELECT 1 INSERT item DEFAULT VALUES
SELECT 1 DROP TABLE item
SELECT 1 TRUNCATE TABLE item
SELECT 1 EXEC touch_all
SELECT * FROM item EXEC ("DELETE FROM item")
SELECT * FROM item EXECUTE ([DELETE FROM item])
SELECT * FROM item EXEC touch_all
SELECT 1 SHUTDOWN
SELECT * FROM item SHUTDOWN
SELECT * FROM item SHUTDOWN WITH NOWAIT
SELECT 1 CHECKPOINT
SELECT * FROM item CHECKPOINT
SELECT 1 RECONFIGURE
SELECT * FROM item RECONFIGURE WITH OVERRIDE
SELECT 1 COMMIT
SELECT * FROM item COMMIT
SELECT 1 ROLLBACK
SELECT * FROM item ROLLBACK TRANSACTION
SELECT 1 REVERT
SELECT * FROM item REVERT
SELECT 1 SETUSER
SELECT * FROM item SETUSER 'dbo'
SELECT 1 BEGIN TRAN
SELECT 1 SET NOCOUNT ON
SELECT 1 USE master
SELECT 1 WAITFOR DELAY '00:00:05'
SELECT 1 DECLARE @a int
SELECT 1 KILL 51
SELECT 1 DBCC CHECKDB
SELECT 1 BACKUP DATABASE erp TO DISK = 'x'
SELECT 1 GRANT ALL TO public
SELECT 1 MERGE item USING stock ON 1 = 1 WHEN MATCHED THEN DELETE;
SELECT 1 SELECT 2
SELECT 1 SELECT * INTO copied FROM item
SELECT 1 WITH a AS (SELECT 1 AS b) DELETE FROM a
SELECT 1 FETCH NEXT FROM c
SELECT 1 OPEN c
SELECT 1 CLOSE
SELECT 1 IF 1 = 1 DELETE FROM item
SELECT 1 PRINT 'x'
SELECT 1 RETURN
--- several statements
SELECT 1; DELETE FROM item
SELECT 1; SELECT 2
SELECT 1;; DELETE FROM item;
SELECT 1; EXEC xp_cmdshell 'dir'
SELECT ';'; DELETE FROM item
SELECT 1 AS [;]; DELETE FROM item
SELECT 1 AS ";"; DELETE FROM item
SELECT 1 AS [a]]; b]; DELETE FROM item
SELECT 'it''s'; DELETE FROM item
SELECT N'\'; DELETE FROM item; --'
SELECT 1 -- ;␊; DELETE FROM item
SELECT 1 /* ; */ ; DELETE FROM item
SELECT 1) ; DELETE FROM item; --
SELECT 1) AS q; DROP TABLE item; --
SELECT 1; IF 1 = 1 DELETE FROM item
DELETE FROM item; COMMIT TRANSACTION
SELECT 1; SHUTDOWN WITH NOWAIT
--- procedures and texts run as SQL
EXEC touch_all
EXECUTE dbo.touch_all @id = 1
touch_all
sp_who2
EXEC ('DELETE FROM item')
EXEC (N'DELETE FROM ' + N'item')
EXEC sp_executesql N'DELETE FROM item'
EXEC sp_executesql N'DELETE FROM item WHERE id = @id', N'@id int', @id = 1
EXEC xp_cmdshell 'dir'
EXEC master..xp_cmdshell 'whoami'
EXEC xp_dirtree 'C:\'
EXEC xp_fileexist 'C:\proof\x'
EXEC xp_regread 'HKEY_LOCAL_MACHINE', 'SOFTWARE', 'x'
EXEC xp_regwrite 'HKEY_LOCAL_MACHINE', 'SOFTWARE', 'x', 'REG_SZ', 'y'
EXEC sp_configure 'xp_cmdshell', 1
EXEC sp_OACreate 'WScript.Shell', @o OUT
EXEC sp_OAMethod @o, 'run', NULL, 'cmd'
EXEC sp_addlogin 'evil', 'x'
EXEC sp_addsrvrolemember 'evil', 'sysadmin'
EXEC sp_addlinkedserver 'other'
EXEC sp_rename 'item', 'items'
EXEC sp_prepexec @h OUT, NULL, N'DELETE FROM item'
EXEC sp_cursoropen @c OUT, N'SELECT * FROM item'
EXEC sp_getapplock 'a', 'Exclusive'
EXEC sp_executeexternalscript @language = N'R', @script = N'x'
EXEC sp_execute_external_script @language = N'Python', @script = N'x'
EXEC sp_start_job 'job'
EXEC sp_send_dbmail @recipients = 'x@example.com'
EXEC sp_set_session_context 'a', 'b'
EXEC ('DELETE FROM item') AS USER = 'dbo'
EXEC ('DELETE FROM item') AT other
EXEC sys.sp_detach_db 'erp'
SELECT dbo.xp_cmdshell('dir')
SELECT * FROM sp_who()
SELECT * FROM master.dbo.xp_dirtree('C:\')
SELECT * FROM OPENXML(1, '/a', 1)
{CALL touch_all}
{? = CALL touch(1)}
--- other servers and files
SELECT * FROM OPENROWSET('SQLNCLI', 'Server=other;Trusted_Connection=yes', 'DELETE FROM item')
SELECT * FROM OPENROWSET('MSDASQL', 'Driver={SQL Server};Server=other', 'SELECT 1')
SELECT * FROM OPENROWSET(BULK 'C:\proof\in.txt', SINGLE_CLOB) AS f
SELECT BulkColumn FROM OPENROWSET (BULK N'\\other\share\x', SINGLE_BLOB) AS f
SELECT * FROM "OPENROWSET"('a', 'b', 'c')
SELECT * FROM openrowset/**/('a', 'b', 'c')
SELECT * FROM OPENQUERY(other, 'DELETE FROM item')
SELECT * FROM OPENQUERY ([other], 'EXEC touch_all')
SELECT * FROM OPENDATASOURCE('SQLNCLI', 'Data Source=other').erp.dbo.item
SELECT a FROM OPENDATASOURCE('SQLNCLI', 'Data Source=other') AS o
SELECT * FROM item CROSS APPLY OPENQUERY(other, 'SELECT 1')
SELECT (SELECT TOP 1 a FROM OPENQUERY(other, 'SELECT 1 AS a'))
INSERT INTO OPENQUERY(other, 'SELECT id FROM item') VALUES (1)
SELECT * FROM other.erp.dbo.item
SELECT * FROM [other].[erp].[dbo].[item]
SELECT * FROM other.erp..item
SELECT * FROM other...item
SELECT i.id FROM item AS i JOIN other.erp.dbo.stock AS s ON s.item_id = i.id
SELECT id FROM item WHERE id IN (SELECT id FROM other.erp.dbo.item)
SELECT * FROM fn_trace_gettable('C:\proof\x.trc', 1)
SELECT * FROM sys.fn_get_audit_file('C:\proof\*', NULL, NULL)
SELECT * FROM sys.fn_xe_file_target_read_file('C:\proof\*.xel', NULL, NULL, NULL)
SELECT * FROM sys.fn_xe_telemetry_blob_target_read_file('a', 'b', 'c', 'd')
SELECT * FROM sys.dm_os_file_exists('C:\proof\x')
SELECT * FROM sys.dm_os_enumerate_filesystem('C:\', '*')
SELECT * FROM fn_dblog(NULL, NULL)
SELECT * FROM sys.fn_dblog(NULL, NULL)
SELECT * FROM fn_dump_dblog(NULL, NULL, 'DISK', 1, 'C:\proof\x.bak')
SELECT * FROM sys.fn_full_dblog(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
SELECT AI_GENERATE_EMBEDDINGS(name USE MODEL m) FROM item
SELECT ai_generate_embeddings(name, 'm') FROM item
SELECT * FROM ai_generate_chunks('x', 'fixed')
--- sequences
SELECT NEXT VALUE FOR seq
SELECT NEXT VALUE FOR dbo.seq AS n, id FROM item
SELECT NEXT VALUE FOR seq OVER (ORDER BY id) FROM item
SELECT * FROM (SELECT NEXT VALUE FOR seq AS n) AS q
SELECT 1 + NEXT VALUE FOR seq
SELECT COALESCE(NULL, NEXT VALUE FOR seq)
EXEC sp_sequence_get_range 'seq', 10, @f OUT
--- passwords and keys
SELECT name, password_hash FROM sys.sql_logins
SELECT * FROM master.sys.sql_logins
SELECT * FROM sys.syslogins
SELECT * FROM master..syslogins
SELECT password FROM master.dbo.sysxlogins
SELECT * FROM sys.linked_logins
SELECT * FROM sys.credentials
SELECT * FROM sys.sysusers
SELECT * FROM sys.sysprocesses
SELECT * FROM master..sysprocesses
SELECT name FROM sys.server_principals WHERE PWDCOMPARE('x', 0x00) = 1
SELECT PWDENCRYPT('x')
SELECT DECRYPTBYKEY(0x00)
SELECT DECRYPTBYKEYAUTOCERT(CERT_ID('c'), NULL, 0x00)
OPEN SYMMETRIC KEY k DECRYPTION BY PASSWORD = 'x'
--- the session, control of flow, administration
SET TRANSACTION ISOLATION LEVEL READ UNCOMMITTED
SET IDENTITY_INSERT item ON
SET XACT_ABORT OFF
SET LOCK_TIMEOUT -1
SET QUOTED_IDENTIFIER OFF
SET CONTEXT_INFO 0x01
SET ROWCOUNT 1
SET SHOWPLAN_XML ON
DECLARE @a int = 1
DECLARE c CURSOR FOR SELECT * FROM item
DECLARE @t TABLE (id int)
OPEN c
FETCH NEXT FROM c
DEALLOCATE c
WAITFOR DELAY '00:00:05'
WAITFOR TIME '23:59'
WAITFOR (RECEIVE * FROM q)
RECEIVE TOP (1) * FROM q
BEGIN TRANSACTION
COMMIT
ROLLBACK
SAVE TRANSACTION here
BEGIN DELETE FROM item END
BEGIN TRY DELETE FROM item END TRY BEGIN CATCH END CATCH
IF 1 = 1 DELETE FROM item
WHILE 1 = 1 SELECT 1
GOTO here
RETURN 1
PRINT 'x'
RAISERROR ('x', 20, 1) WITH LOG
THROW 50000, 'x', 1
USE master
GO
EXECUTE AS USER = 'dbo'
REVERT
SETUSER 'dbo'
DBCC CHECKDB
DBCC SHRINKDATABASE (erp)
DBCC FREEPROCCACHE
DBCC WRITEPAGE (erp, 1, 1, 0, 1, 0x00)
BACKUP DATABASE erp TO DISK = 'C:\proof\x.bak'
BACKUP LOG erp TO DISK = 'NUL'
RESTORE DATABASE erp FROM DISK = 'C:\proof\x.bak'
KILL 51
CHECKPOINT
RECONFIGURE
SHUTDOWN WITH NOWAIT
LOAD DATABASE erp
DUMP DATABASE erp
--- objects made, changed, dropped
CREATE TABLE t (a int)
CREATE TABLE #t (a int)
CREATE VIEW v AS SELECT * FROM item
CREATE OR ALTER VIEW v AS SELECT * FROM item
CREATE INDEX i ON item (name)
CREATE SEQUENCE s2
CREATE FUNCTION f() RETURNS int AS BEGIN RETURN 1 END
CREATE PROCEDURE p AS DELETE FROM item
CREATE TRIGGER tr ON item AFTER INSERT AS DELETE FROM stock
CREATE LOGIN evil WITH PASSWORD = 'x'
CREATE USER evil FOR LOGIN evil
CREATE ASSEMBLY evil FROM 'C:\proof\evil.dll'
ALTER TABLE item ADD extra nvarchar(10)
ALTER TABLE item SWITCH TO stock
ALTER DATABASE erp SET RECOVERY SIMPLE
ALTER LOGIN sa WITH PASSWORD = 'x'
ALTER SERVER ROLE sysadmin ADD MEMBER evil
DISABLE TRIGGER ALL ON item
DROP TABLE item
DROP TABLE IF EXISTS item, stock
DROP DATABASE erp
GRANT ALL ON item TO public
DENY SELECT ON item TO public
REVOKE ALL ON item FROM public
ADD SIGNATURE TO dbo.f BY CERTIFICATE c
EXPLAIN SELECT * FROM item
--- texts, names and comments that readers end differently
SELECT 1 /* /* */ DELETE FROM item -- */
SELECT 1 /* a /* b */ c */
SELECT /* /* */ NEXT VALUE FOR seq /* */ */ 1
SELECT 1 -- a␍ /* ␊DELETE FROM item -- */
SELECT 1 --␍DELETE FROM item
SELECT 'never closed
SELECT [never closed
SELECT 1 /* never closed
SELECT 1␀ DELETE FROM item
SELECT '␀' DELETE FROM item
SELECT⍽1
SELECT 1⍽DELETE⍽FROM⍽item
--- not a SELECT, or none that can be read
TABLE item
VALUES (1), (2)
SELECT
SELECT FROM item
SELCT 1
SELECT * FROM
SELECT ((1)
SELECT 1)
SELECT ?
SELECT @a
SELECT * FROM @t
READTEXT item.name @p 0 1
=== harmless
--- plain
SELECT 1 AS a
SELECT * FROM item;
SELECT id, code FROM dbo.item WHERE id > 1 ORDER BY id
SELECT erp.dbo.item.id FROM erp.dbo.item
SELECT * FROM erp..item
SELECT DISTINCT code FROM item
SELECT TOP 5 id FROM item ORDER BY id
SELECT TOP (5) WITH TIES id FROM item ORDER BY id
SELECT TOP 10 PERCENT id FROM item ORDER BY id
SELECT i.* FROM item AS i
SELECT id FROM item ORDER BY id OFFSET 1 ROWS FETCH NEXT 5 ROWS ONLY
SELECT code, COUNT(*) AS n FROM item GROUP BY ROLLUP (code) HAVING COUNT(*) > 0
SELECT code, COUNT(*) AS n FROM item GROUP BY GROUPING SETS ((code), ())
SELECT a = id, [b] = code FROM item
SELECT @@VERSION AS v, DB_NAME() AS d, SUSER_SNAME() AS s
SELECT id FROM #item
SELECT id FROM item TABLESAMPLE (10 PERCENT)
SELECT id FROM item OPTION (MAXRECURSION 0)
SELECT id FROM item OPTION (RECOMPILE, MAXDOP 1)
--- hints that the operator may give
SELECT id FROM item WITH (NOLOCK)
SELECT id FROM item (NOLOCK)
SELECT id FROM item AS i WITH (READUNCOMMITTED)
SELECT id FROM item WITH (READCOMMITTED, ROWLOCK)
SELECT id FROM item WITH (INDEX (item_code), FORCESEEK)
SELECT id FROM item_view WITH (NOEXPAND)
SELECT id FROM item WITH (SNAPSHOT)
--- joins and brackets
SELECT i.id, s.qty FROM item AS i INNER JOIN stock AS s ON s.item_id = i.id
SELECT i.id FROM item i LEFT OUTER JOIN stock s ON s.item_id = i.id
SELECT i.id FROM item AS i INNER MERGE JOIN stock AS s ON s.item_id = i.id
SELECT i.id, x.qty FROM item AS i CROSS APPLY (SELECT SUM(qty) AS qty FROM stock AS s WHERE s.item_id = i.id) AS x
SELECT i.id, x.n FROM item AS i OUTER APPLY dbo.calm(i.id) AS x
SELECT id FROM (SELECT id FROM item) AS q
SELECT (SELECT SUM(qty) FROM stock WHERE item_id = item.id) AS qty FROM item
SELECT id FROM item WHERE EXISTS (SELECT 1 FROM stock WHERE item_id = item.id)
SELECT id FROM item UNION ALL SELECT item_id FROM stock EXCEPT SELECT 5
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS v (id, code)
SELECT * FROM item PIVOT (SUM(price) FOR code IN ([A], [B])) AS p
SELECT * FROM item UNPIVOT (v FOR k IN ([code], [name])) AS u
SELECT id FROM kept FOR SYSTEM_TIME AS OF '2024-01-01'
--- common table expressions
WITH live AS (SELECT * FROM item WHERE code IS NOT NULL) SELECT id FROM live
WITH live (k) AS (SELECT id FROM item) SELECT k FROM live
WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT i FROM n
WITH a AS (SELECT 1 AS n), b AS (SELECT n + 1 AS n FROM a) SELECT * FROM b
--- functions, XML and JSON
SELECT ISNULL(name, '') AS n, COALESCE(name, code) AS c, NULLIF(code, '') AS k FROM item
SELECT CAST(price AS decimal(10, 2)) AS p, CONVERT(varchar(10), changed, 120) AS d FROM item
SELECT TRY_CAST(code AS int) AS a, TRY_CONVERT(int, code) AS b FROM item
SELECT IIF(price > 1, 'dear', 'cheap') AS kind, CHOOSE(1, 'a', 'b') AS c FROM item
SELECT CASE WHEN price > 1 THEN 'dear' ELSE 'cheap' END AS kind FROM item
SELECT DATEADD(day, -1, GETDATE()) AS y, DATEDIFF(day, changed, SYSUTCDATETIME()) AS d FROM item
SELECT changed AT TIME ZONE 'UTC' AS t, FORMAT(price, 'N2') AS p FROM item
SELECT STRING_AGG(code, ',') WITHIN GROUP (ORDER BY id) AS codes FROM item
SELECT value FROM STRING_SPLIT('a,b', ',')
SELECT LEN(code) AS l, LEFT(code, 1) AS a, CHARINDEX('A', code) AS p, RTRIM(name) AS r FROM item
SELECT code + '-' + CAST(id AS nvarchar(10)) AS sku FROM item
SELECT code COLLATE Latin1_General_BIN2 AS code FROM item
SELECT JSON_VALUE('{"a": 1}', '$.a') AS a, JSON_QUERY('{"a": []}', '$.a') AS b
SELECT id, a FROM OPENJSON('[{"id": 1}]') WITH (id int '$.id', a nvarchar(10) '$.a') AS j
SELECT id, code FROM item FOR JSON PATH, ROOT('items')
SELECT JSON_OBJECT('id': id, 'code': code NULL ON NULL) AS o FROM item
SELECT id, code FROM item FOR XML PATH('item'), ROOT('items')
SELECT STUFF((SELECT ',' + code FROM item FOR XML PATH('')), 1, 1, '') AS codes
SELECT CAST('<a>1</a>' AS xml).value('(/a)[1]', 'int') AS a
SELECT x.n.value('.', 'int') AS n FROM doc CROSS APPLY doc.body.nodes('/a') AS x (n)
SELECT dbo.price_of(id) AS price FROM item
SELECT * FROM dbo.calm(1)
SELECT NEWID() AS u, HASHBYTES('SHA2_256', code) AS h FROM item
--- window functions
SELECT id, ROW_NUMBER() OVER (PARTITION BY code ORDER BY id) AS n FROM item
SELECT id, SUM(price) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS s FROM item
SELECT id, LAG(price, 1, 0) OVER (ORDER BY id) AS was FROM item
SELECT id, LAST_VALUE(price) IGNORE NULLS OVER (ORDER BY id) AS p FROM item
SELECT id, FIRST_VALUE(price) RESPECT NULLS OVER (ORDER BY id) AS p FROM item
--- quotes, comments, alphabets
SELECT [id] AS [the [id]]], "code" AS "the ""code""" FROM [dbo].[item]
SELECT N'żółć 漢字 🙂' AS größe, 'it''s' AS a, 'C:\path\' AS b, 0x4D AS c
SELECT id /* the key */ FROM item -- all of them
-- what is sold␊SELECT id FROM item ␍␊WHERE id > 0
--- hostile words in harmless places
SELECT '; DELETE FROM item; --' AS a
SELECT 'EXEC xp_cmdshell' AS [exec], 1 AS [delete], 2 AS "update", 3 AS [XLOCK]
SELECT REPLACE(name, 'DROP TABLE', '') AS updated, changed AS last_update, id AS deleted FROM item
SELECT [close], [open] FROM (SELECT 1 AS [close], 2 AS [open]) AS prices
SELECT '12:30 :x @a ? {d}' AS a
SELECT id FROM item -- ; DROP TABLE item
SELECT id FROM item /* ; DROP TABLE item */
