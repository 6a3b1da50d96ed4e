"""The databases that hostile statements are let loose on: what is in them, and the fences that stand before it.

One class an engine. Each knows three ways in: the toolkit's own session with the login of an owner, who may change
everything in this database but does not administer the server; a plain connection of a login that may only read; and
a look at all there is, to be compared.
"""

import re
import secrets
import sqlite3
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from crossdock import Config
from crossdock.contract import LocalMemory
from crossdock.testing import odbc, sqlserver
from crossdock.toolkit.sql import SqlSource

PASSWORD = "just-for-this-test"
WAITING = re.compile(r"sleep|benchmark|_wait", re.IGNORECASE)
TABLES = """
    CREATE TABLE item (id INTEGER PRIMARY KEY, code VARCHAR(40), name VARCHAR(80), price NUMERIC(10, 2),
        changed {time});
    CREATE INDEX item_code ON item (code);
    CREATE TABLE stock (id INTEGER PRIMARY KEY, item_id INTEGER, store VARCHAR(10), qty NUMERIC(10, 2));
    CREATE VIEW item_view AS SELECT * FROM item;
"""
ROWS = (
    "INSERT INTO item VALUES (1, 'A', 'Shoe', 9.5, '2024-01-01 10:00:00'), (2, 'B', NULL, 0.5, '2024-01-02 10:00:00')",
    "INSERT INTO stock VALUES (1, 1, 'CPT', 5), (2, 2, 'JHB', 0)",
)
POSTGRES = """
    CREATE SEQUENCE seq;
    CREATE FUNCTION touch(integer) RETURNS integer LANGUAGE sql AS
        'INSERT INTO stock (id, item_id) VALUES ((SELECT max(id) + 1 FROM stock), $1) RETURNING 1';
    CREATE FUNCTION touch_as_owner(integer) RETURNS integer LANGUAGE sql SECURITY DEFINER AS 'SELECT touch($1)';
    CREATE FUNCTION touched(item) RETURNS integer LANGUAGE sql AS 'SELECT touch($1.id)';
    CREATE FUNCTION calm(integer) RETURNS SETOF integer STABLE LANGUAGE sql AS 'SELECT $1';
    CREATE FUNCTION differs(integer, integer) RETURNS boolean LANGUAGE sql AS 'SELECT touch($1) = $2';
    CREATE FUNCTION taken(text) RETURNS boolean LANGUAGE sql AS 'SELECT touch(1) = 1';
    CREATE OPERATOR === (LEFTARG = integer, RIGHTARG = integer, FUNCTION = differs);
    CREATE DOMAIN touchy AS text CHECK (taken(VALUE));
    CREATE PROCEDURE touch_all() LANGUAGE sql AS 'UPDATE item SET code = ''touched''';
    CREATE VIEW touching_view AS SELECT touch(id) AS touched FROM item;
"""
MARIADB = """
    CREATE SEQUENCE seq;
    CREATE TABLE note (id INTEGER PRIMARY KEY, body TEXT, FULLTEXT (body));
    CREATE TABLE kept (id INTEGER PRIMARY KEY) WITH SYSTEM VERSIONING;
    CREATE TABLE parted (id INTEGER) PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN MAXVALUE);
    CREATE FUNCTION touch(one INTEGER) RETURNS INTEGER
        BEGIN INSERT INTO stock (id, item_id) SELECT max(id) + 1, one FROM stock! RETURN 1! END;
    CREATE PROCEDURE touch_all() UPDATE item SET code = 'touched';
    CREATE VIEW touching_view AS SELECT touch(id) AS touched FROM item;
"""
"""A `!` stands for a semicolon within a statement."""


def as_written(statement):
    """A statement for SQLAlchemy, in which a colon is a colon."""
    return text(statement.replace(":", r"\:"))


def patience_s(statement):
    """How long a statement may take: those that wait are ended soon, no other is ended for a busy machine's sake."""
    return 0.2 if WAITING.search(statement) else 30.0


class Engine:
    """What every engine can do."""

    corpus = ""
    stands_in = False
    """Whether it only stands in for the real thing, and runs less than that."""

    def __init__(self, scratch):
        self.scratch = scratch
        """A folder that every program may write to: nothing shall appear there."""

    def adapted(self, statement):
        """A statement of the corpus as this database must be given it."""
        return statement.replace("/proof", self.scratch.as_posix())

    def appeared(self):
        """Files in the folder where none should be."""
        return sorted(one.name for one in self.scratch.iterdir())

    @contextmanager
    def session(self, timeout_s):
        """The toolkit's own session, as a connection in `crossdock.toml` opens it."""
        settings = Config(self.settings() | {"statement_timeout_s": timeout_s}, frozenset({"password"}))
        with SqlSource("erp", "ERP").open_session(config=settings, memory=LocalMemory()) as session:
            yield session

    def run_in_session(self, statement):
        """Runs a statement in the toolkit's session, past the parser, as the session runs a page."""
        opened = self.session(patience_s(statement))
        with opened as session, session.transaction("the statement failed") as connection:
            result = connection.execute(as_written(statement))
            if result.returns_rows:
                result.fetchall()


class SQLite(Engine):
    """A file."""

    corpus = "sqlite"
    title = f"SQLite {'.'.join(sqlite3.sqlite_version.split('.')[:2])}"

    def __init__(self, scratch):
        super().__init__(scratch)
        self.path = scratch.parent / "erp.db"
        with closing(sqlite3.connect(self.path)) as writer:
            doc = "CREATE VIRTUAL TABLE doc USING fts3(body);"
            writer.executescript(TABLES.format(time="TEXT") + doc + ";".join(ROWS))
            writer.commit()

    def settings(self):
        """The file's address."""
        return {"url": f"sqlite:///{self.path.as_posix()}"}

    def contents(self):
        """All of the file, and which files lie beside it."""
        return self.path.read_bytes(), sorted(one.name for one in self.path.parent.iterdir())

    def run_without_rights(self, statement):
        """Opens the file as for a user who may not write it: SQLite then opens it for reading (manual, open_v2)."""
        with closing(sqlite3.connect(f"{self.path.as_uri()}?mode=ro", uri=True)) as reader:
            reader.execute(statement).fetchall()
            reader.commit()

    def restore(self):
        """Nothing but files in the folder can have been made."""

    def close(self):
        """Nothing is open."""


class Server(Engine):
    """A database on a private server, owned by one login and readable by another."""

    def __init__(self, scratch, admin_url):
        super().__init__(scratch)
        self.admin_url = make_url(admin_url)
        name = secrets.token_hex(4)
        self.owner, self.reader = f"owner_{name}", f"reader_{name}"
        self.admin = create_engine(self.admin_url, isolation_level="AUTOCOMMIT")
        self.readers = create_engine(self._url(self.reader), isolation_level="AUTOCOMMIT", poolclass=NullPool)
        self.administer(self.RIGHTS)
        owners = create_engine(self._url(self.owner), isolation_level="AUTOCOMMIT")
        with owners.connect() as connection:
            for statement in self.script().split(";\n"):
                if statement.strip():
                    connection.exec_driver_sql(statement.replace("!", ";"))
        owners.dispose()
        self.administer((*ROWS, *self.READING, *self.ONCE))
        with self.admin.connect() as connection:
            self.title = self.titled(connection.exec_driver_sql("SELECT version()").scalar())

    def _url(self, login):
        return self.admin_url.set(username=login, password=PASSWORD)

    def settings(self):
        """The owner's address: the login that an operator should not use, and does."""
        at = self.admin_url
        place = URL.create(at.drivername, self.owner, None, at.host, at.port, at.database)
        return {"url": place.render_as_string(), "password": PASSWORD}

    def administer(self, statements):
        """Runs statements as the server's administrator."""
        with self.admin.connect() as connection:
            for one in statements:
                named = one.format(owner=self.owner, reader=self.reader, base=self.admin_url.database, pw=PASSWORD)
                connection.exec_driver_sql(named)

    def contents(self):
        """The answers to all questions of `CONTENTS`."""
        with self.admin.connect() as connection:
            return [connection.execute(text(one)).fetchall() for one in self.CONTENTS]

    def restore(self):
        """Puts back what one fence alone let through."""
        self.administer(("DELETE FROM item", "DELETE FROM stock", *ROWS, *self.BACK, *self.READING))

    def run_without_rights(self, statement):
        """Runs a statement, and keeps what it did, with the login that may only read."""
        with self.readers.connect() as connection:
            connection.exec_driver_sql(
                self.LIMIT.format(s=patience_s(statement), ms=round(patience_s(statement) * 1000))
            )
            result = connection.execute(as_written(statement))
            if result.returns_rows:
                result.fetchall()

    def close(self):
        """Takes the logins away."""
        self.readers.dispose()
        self.administer(self.GONE)
        self.admin.dispose()


class PostgreSQL(Server):
    """PostgreSQL; the owner owns the schema and all in it."""

    corpus = "postgresql"
    LIMIT = "SET statement_timeout = {ms}"
    RIGHTS = (
        "CREATE ROLE {owner} LOGIN PASSWORD '{pw}'",
        "CREATE ROLE {reader} LOGIN PASSWORD '{pw}'",
        "GRANT ALL ON DATABASE {base} TO {owner}",
        "REVOKE TEMPORARY ON DATABASE {base} FROM PUBLIC",
        "ALTER SCHEMA public OWNER TO {owner}",
    )
    READING = (
        "GRANT USAGE ON SCHEMA public TO {reader}",
        "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}",
    )
    ONCE = ("SELECT lo_create(4711)",)
    BACK = (
        "SELECT lo_unlink(oid) FROM pg_largeobject_metadata WHERE oid <> 4711",
        "ALTER ROLE {reader} RESET ALL",
        "ALTER ROLE {owner} RESET ALL",
    )
    GONE = ("DROP OWNED BY {reader}, {owner} CASCADE", "DROP ROLE {reader}", "DROP ROLE {owner}")
    CONTENTS = (
        "SELECT * FROM item ORDER BY id",
        "SELECT * FROM stock ORDER BY id",
        "SELECT last_value, is_called FROM seq",
        """SELECT relname, relkind, relfilenode, relacl::text, relnatts, relhasrules FROM pg_class
           WHERE relnamespace = 'public'::regnamespace ORDER BY 1""",
        "SELECT nspname, nspacl::text FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1",
        """SELECT proname, prosrc, proacl::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1""",
        "SELECT typname FROM pg_type WHERE typnamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT tgname, tgenabled FROM pg_trigger ORDER BY 1",
        "SELECT oid FROM pg_largeobject_metadata ORDER BY 1",
        "SELECT loid, pageno, data FROM pg_largeobject ORDER BY 1, 2",
        "SELECT rolname, rolsuper, rolpassword FROM pg_authid ORDER BY 1",
        "SELECT setdatabase, setrole, setconfig::text FROM pg_db_role_setting ORDER BY 1, 2",
        "SELECT count(*) FROM pg_description WHERE objoid = 'item'::regclass",
        "SELECT (SELECT count(*) FROM pg_seclabel), (SELECT count(*) FROM pg_extension)",
        "SELECT (SELECT count(*) FROM pg_replication_slots), (SELECT count(*) FROM pg_replication_origin)",
        "SELECT count(*) FROM pg_prepared_xacts",
    )

    def script(self):
        """All that is in the database."""
        return TABLES.format(time="TIMESTAMP") + POSTGRES

    def titled(self, version):
        """Name and version, as the page has them."""
        return f"PostgreSQL {version.split()[1].partition('.')[0]}"


class MariaDB(Server):
    """MariaDB; the owner has all rights to the database, none to the server."""

    corpus = "mariadb"
    LIMIT = "SET SESSION max_statement_time = {s}"
    RIGHTS = (
        "CREATE USER {owner}@'127.0.0.1' IDENTIFIED BY '{pw}'",
        "CREATE USER {reader}@'127.0.0.1' IDENTIFIED BY '{pw}'",
        "GRANT ALL ON {base}.* TO {owner}@'127.0.0.1'",
    )
    READING = tuple(
        f"GRANT SELECT ON {{base}}.{name} TO {{reader}}@'127.0.0.1'"
        for name in ("item", "stock", "item_view", "touching_view", "note", "kept", "parted", "seq")
    )
    ONCE = ()
    BACK = ("ALTER USER {reader}@'127.0.0.1' IDENTIFIED BY '{pw}'",)
    GONE = ("DROP USER {reader}@'127.0.0.1'", "DROP USER {owner}@'127.0.0.1'")
    CONTENTS = (
        "SELECT * FROM item ORDER BY id",
        "SELECT * FROM stock ORDER BY id",
        "SELECT next_not_cached_value FROM seq",
        "SHOW FULL TABLES",
        """SELECT table_name, engine, table_collation, create_time FROM information_schema.tables
           WHERE table_schema = DATABASE() ORDER BY 1""",
        "SELECT routine_name, routine_definition FROM information_schema.routines ORDER BY 1",
        "SELECT trigger_name FROM information_schema.triggers ORDER BY 1",
        "SELECT event_name FROM information_schema.events ORDER BY 1",
        "SELECT host, user, priv FROM mysql.global_priv ORDER BY 1, 2",
        "SELECT * FROM mysql.db ORDER BY 1, 2, 3",
        "SELECT * FROM mysql.tables_priv ORDER BY 1, 2, 3, 4",
        "SELECT name FROM mysql.plugin ORDER BY 1",
        "SHOW DATABASES",
        "SELECT @@global.read_only",
    )

    def script(self):
        """All that is in the database."""
        return TABLES.format(time="DATETIME") + MARIADB

    def titled(self, version):
        """Name and version, as the page has them."""
        return f"MariaDB {'.'.join(version.split('.')[:2])}"

    def adapted(self, statement):
        """The corpus calls the database `erp`."""
        base = self.admin_url.database
        return super().adapted(statement).replace("erp.", f"{base}.").replace("`erp`", f"`{base}`")


class SqlServer(Engine):
    """The stand-in for SQL Server: real wire and driver, but T-SQL as far as the stand-in knows it.

    The session's login is `sa`, which may do anything.
    """

    corpus = "tsql"
    title = "Transact-SQL"
    stands_in = True

    def __init__(self, scratch, driver):
        super().__init__(scratch)
        self.driver = driver.removeprefix("DRIVER={").removesuffix("}")
        self.running = ExitStack()
        folder = scratch.parent / "server"
        folder.mkdir()
        schema = TABLES.format(time="DATETIME2").replace(";\n", "\nGO\n") + "\nGO\n".join(ROWS)
        self.server = self.running.enter_context(sqlserver.start(folder, schema=schema))

    def settings(self):
        """The connection string, and the password beside it."""
        text, _, password = self.server.odbc(self.driver, sqlserver.OWNER).rpartition(";PWD=")
        return {"odbc": text, "password": password}

    def contents(self):
        """All of the file behind the server."""
        with closing(sqlite3.connect(f"{Path(self.server.file).as_uri()}?mode=ro", uri=True)) as reader:
            return list(reader.iterdump())

    def run_without_rights(self, statement):
        """Runs a statement, and keeps what it did, with the login that may only read."""
        with closing(odbc.driver_manager().connect(self.server.odbc(self.driver), autocommit=True)) as reader:
            cursor = reader.cursor()
            cursor.execute(statement)
            if cursor.description:
                cursor.fetchall()

    def restore(self):
        """Puts the rows back."""
        for statement in ("DELETE FROM item", "DELETE FROM stock", *ROWS):
            self.server.execute(statement)

    def close(self):
        """Stops the server."""
        self.running.close()


ENGINES = {
    "sqlite": (SQLite, None),
    "postgresql": (PostgreSQL, "postgres_url"),
    "mariadb": (MariaDB, "mariadb_url"),
    "tsql": (SqlServer, "odbc_driver"),
}
"""By corpus: the class, and the fixture with what it needs. A new engine is one entry."""


def made(corpus, scratch: Path, given=None):
    """Makes an engine's database, with all that is in it, from what its fixture gave."""
    kind, fixture = ENGINES[corpus]
    return kind(scratch, given) if fixture else kind(scratch)
