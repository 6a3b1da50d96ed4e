"""One SELECT passes the statement guard; nothing that writes, locks, waits or reaches out does."""

import subprocess
import sys

import pytest
import sqlglot
from sqlalchemy import literal_column, select

from crossdock import ConfigError, Table
from crossdock.toolkit.sql.guard import guard_select
from crossdock.toolkit.sql.shape import clause, columns_of

BOTH_HOSTILE = """
    insert into "Item" values (1)
    update "Item" set "Code" = 'x'
    delete from "Item"
    drop table "Item"
    create table t (a int)
    create view v as select 1
    alter table "Item" add column a int
    begin
    commit
    select 1; select 2
    select 1; drop table "Item"
    select 1; ; delete from "Item"
    select '\\'; delete from "Item"; --'
    select 1 /* /* */ ; delete from "Item" -- */
    select 1 /*! ; delete from "Item" */
    with gone as (delete from "Item" returning *) select * from gone
    with new as (insert into "Item" values (1) returning *) select * from new
    with new as (update "Item" set "Code" = 'x' returning *) select * from new
    values (1)
    explain select 1
    explain analyze delete from "Item"
    select
    selct 1
    select from where
    select 1)
    select 1) as q; drop table "Item"; --
    select ((1)
    select 'unfinished
    analyze
    vacuum
    reindex
    savepoint s
    merge into "Item" using x on true when matched then delete
    truncate table "Item"
""".strip().splitlines()
POSTGRES_HOSTILE = """
    select * into copied from "Item"
    select "Code" into temp copied from "Item" where true
    select * from "Item" for update
    select * from "Item" for no key update nowait
    select * from "Item" for share
    select * from "Item" for key share skip locked
    select * from (select * from "Item" for update) as q
    select nextval('s')
    select "nextval"('s')
    select NextVal('s')
    select pg_catalog.nextval('s')
    select pg_catalog."setval"('s', 1)
    select setval('s', 1)
    select pg_sleep(100)
    select 1 where pg_sleep(100) is null
    select (select pg_sleep(100))
    select * from pg_sleep(100)
    select case when true then pg_sleep(100) end
    select pg_terminate_backend(1)
    select pg_cancel_backend(1)
    select pg_reload_conf()
    select pg_read_file('/etc/passwd')
    select pg_read_binary_file('/etc/passwd')
    select pg_ls_dir('/')
    select pg_advisory_lock(1)
    select pg_notify('a', 'b')
    select pg_logical_emit_message(true, 'a', 'b')
    select pg_create_physical_replication_slot('a')
    select pg_switch_wal()
    select lo_import('/etc/passwd')
    select lo_export(1, '/tmp/x')
    select lo_from_bytea(0, 'x')
    select lowrite(0, 'x')
    select set_config('transaction_read_only', 'off', false)
    select * from dblink('host=x', 'delete from t') as t (a int)
    select dblink_exec('delete from t')
    select query_to_xml('delete from t', true, true, '')
    select database_to_xml(true, true, '')
    select * from ts_stat('select 1')
    select * from crosstab('select 1') as c (a int)
    select txid_current()
    copy "Item" to '/tmp/x'
    copy "Item" from program 'id'
    do $$ begin delete from "Item"; end $$
    call p()
    select $$a$$; delete from "Item"
    select $tag$ ; $tag$; delete from "Item"
    select e'\\'' ; delete from "Item"
    listen a
    notify a
    lock table "Item"
    grant all on "Item" to public
    set transaction_read_only = off
    set session authorization x
    reset all
    prepare p as delete from "Item"
    execute p
    declare c cursor for select 1
    refresh materialized view v
    comment on table "Item" is 'x'
    discard all
    load 'x'
    security label on table "Item" is 'x'
""".strip().splitlines()
SQLITE_HOSTILE = """
    select load_extension('x')
    select Load_Extension('x', 'y')
    select "load_extension"('x')
    select writefile('x', 'y')
    select readfile('/etc/passwd')
    select edit('x')
    select fts3_tokenizer('x', 'y')
    select 1 where writefile('x', 'y') > 0
    select * from (select writefile('x', 'y')) as q
    with w as (select writefile('x', 'y')) select * from w
    select 1 union all select writefile('x', 'y')
    select "Code" from "Item" order by writefile('x', 'y')
    pragma query_only = off
    pragma writable_schema = on
    pragma journal_mode = delete
    attach 'x' as y
    attach database ':memory:' as y
    detach y
    vacuum into 'x'
    replace into "Item" values (1)
    insert or replace into "Item" values (1)
    create trigger t after insert on "Item" begin delete from "Item"; end
    create virtual table t using fts5(a)
    release s
    select `a;b`; delete from "Item"
    select [a;b]; delete from "Item"
""".strip().splitlines()
OTHERS_HOSTILE = [
    ("tsql", "exec xp_cmdshell 'dir'"),
    ("tsql", "select * from Item with (updlock)"),
    ("tsql", "select * from Item with (tablockx, holdlock)"),
    ("tsql", "select * from openrowset('a', 'b', 'delete from t')"),
    ("tsql", "select * into copied from Item"),
    ("tsql", "select next value for s"),
    ("mysql", "select * from item into outfile '/x'"),
    ("mysql", "select 1 into @a"),
    ("mysql", "select sleep(10)"),
    ("mysql", "select benchmark(1000000, md5('x'))"),
    ("mysql", "select load_file('/etc/passwd')"),
    ("mysql", "select get_lock('a', 10)"),
    ("mysql", "select 1 /*!50000 ; delete from item */"),
    ("", "select 1; select 2"),
]
HOSTILE = [
    *(("sqlite", one.strip()) for one in BOTH_HOSTILE + SQLITE_HOSTILE),
    *(("postgres", one.strip()) for one in BOTH_HOSTILE + POSTGRES_HOSTILE),
    *OTHERS_HOSTILE,
]
HARMLESS = [
    "select 1 as a",
    'SELECT "Code" FROM "Item";',
    "select '; drop table x' as a",
    "select '12:30 :x' as a, 'it''s 100 %' as b  -- said :so",
    '/* the items */ select "Code" /* with: a remark */ from "Item" -- the end',
    'with live as (select * from "Item" where "Code" is not null) select * from live',
    'select "Code" from "Item" union all select "Name" from "Item"',
    '(select "Code" from "Item")',
    "select case when \"Id\" > 1 then 'a' else 'b' end as c from \"Item\"",
    'select "Id", row_number() over (order by "Id") as n from "Item"',
    'select max("Id") as m, count(*) as n from "Item" group by "Code" having count(*) > 0',
    'select i."Id", o."Code" from "Item" as i left join "Item" as o on o."Id" = i."Id"',
    'select coalesce("Name", \'for update\') as a, cast("Id" as text) as b from "Item" order by 1 limit 5',
    "select replace(\"Code\", 'a', 'b') as update_note from \"Item\"",
]
POSTGRES_HARMLESS = [
    'select "Id"::text as a, \'x\'::varchar as b from "Item"',
    "select pg_typeof(1)::text as a",
    "select $$it's; fine$$ as a",
    "select '{\"a\": 1}'::jsonb ->> 'a' as a",
    'select x.* from "Item" as i, lateral (select i."Id" as n) as x',
    'select string_agg("Code", \',\' order by "Id") as a from "Item"',
    'select distinct on ("Code") "Code" from "Item"',
]


@pytest.mark.parametrize(("dialect", "statement"), HOSTILE)
def test_hostile_statements_are_refused(dialect, statement):
    """Whatever is not one reading SELECT is a ConfigError that says so, before any database sees it."""
    with pytest.raises(ConfigError, match="the query is refused"):
        guard_select(statement, dialect)


def test_selects_pass_and_run(company):
    """A reading SELECT passes and runs inside the brackets that pages need, its colons and comments intact."""
    company.add((1, "A"), (2, "B"))
    harmless = HARMLESS + (POSTGRES_HARMLESS if company.kind == "postgresql" else [])
    with company.session() as session:
        for statement in harmless:
            source = Table(query=statement)
            rows = session.fetch(select(literal_column("*")).select_from(clause(session, source)))
            assert columns_of(session, source), statement
            assert rows, statement


def test_text_survives_the_brackets(company):
    """Colons, percent signs and quotes inside a query's texts come back as they were written."""
    with company.session() as session:
        query = clause(session, Table(query="select '12:30 :x' as a, 'it''s 100 %' as b  -- :so"))
        assert session.fetch(select(literal_column("*")).select_from(query)) == [("12:30 :x", "it's 100 %")]


def test_a_pass_is_remembered(monkeypatch):
    """A query is parsed once in a process, so a page costs no parsing."""
    parsed, real = [], sqlglot.parse
    monkeypatch.setattr(sqlglot, "parse", lambda query, **how: parsed.append(query) or real(query, **how))
    for _ in range(50):
        guard_select("select 'remembered' as a", "sqlite")
    assert parsed == ["select 'remembered' as a"]


def test_the_guard_loads_its_parser_late():
    """Importing the toolkit loads neither SQLAlchemy nor sqlglot nor a driver."""
    code = "import sys, crossdock.toolkit.sql; print(sorted({'sqlalchemy', 'sqlglot', 'psycopg'} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.strip() == "[]"
