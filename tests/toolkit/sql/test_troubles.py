"""What goes wrong has a name, an error class and a cure of its own, for each database and each of its drivers."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, make_url, text

from crossdock import AuthError, Config, ConfigError, TransientError
from crossdock.contract import LocalMemory
from crossdock.testing import mariadb, postgres, private
from crossdock.toolkit.sql import SqlSource
from crossdock.toolkit.sql.engines import dialect_named, troubles
from crossdock.toolkit.sql.engines.driver import Driver, Odbc
from crossdock.toolkit.sql.engines.known import BY_BACKEND
from crossdock.toolkit.sql.engines.troubles import Fault

SERVERS = ("postgres", "mariadb", "postgres-odbc", "mariadb-odbc")
servers = pytest.mark.engines(*SERVERS)


def trouble(kind, settings, statement=None):
    """What opening, and then one statement, raises: its code and its text."""
    source = SqlSource("any", "Any")
    with (
        pytest.raises(kind) as caught,
        source.open_session(config=settings, memory=LocalMemory()) as session,
    ):
        session.fetch(text(statement))
    return caught.value.trouble, str(caught.value)


def without_password(url):
    """An address as it stands in the configuration."""
    return URL.create(url.drivername, url.username, None, url.host, url.port, url.database)


def altered(company, **changes):
    """The company's settings with parts of its address changed."""
    given = dict(company.settings(connect_timeout_s=5))
    for name, value in changes.items():
        part = {"username": "UID", "database": "DATABASE", "host": "SERVER", "port": "PORT"}.get(name)
        if name == "password":
            given[name] = value
        elif "odbc" in given:
            parts = dict(one.split("=", 1) for one in given["odbc"].split(";"))
            given["odbc"] = ";".join(f"{key}={one}" for key, one in (parts | {part: value}).items())
        else:
            address = without_password(company.address).set(**{name: value})
            given["url"] = address.render_as_string(hide_password=False)
    return Config(given, frozenset({"password"}))


@servers
def test_a_server_that_is_not_there(company):
    """Nobody listens: worth another try, and the cure speaks of port and firewall."""
    code, said = trouble(TransientError, altered(company, port=private.free_port()))
    assert code == "unreachable"
    assert "firewall" in said


@servers
def test_a_server_name_that_does_not_exist(company):
    """A name that nobody knows: said to be the name."""
    code, said = trouble(ConfigError, altered(company, host="no-such-server.invalid"))
    assert code == "host_unknown"
    assert "correct the server's name" in said


@servers
def test_a_login_that_is_refused(company):
    """A wrong password, and a user that does not exist: the credential is wrong, and it is not shown."""
    for changes in ({"password": "wr0ng-s3cret"}, {"username": "nobody_here", "password": "wr0ng-s3cret"}):
        code, said = trouble(AuthError, altered(company, **changes))
        assert code == "login_refused"
        assert "correct" in said
        assert "wr0ng-s3cret" not in said


@servers
def test_a_database_that_does_not_exist(company):
    """The login is right, the database's name is wrong."""
    code, said = trouble(ConfigError, altered(company, database="not_there"))
    assert code == "database_unknown"
    assert "correct the database's name" in said


@servers
def test_a_table_without_the_right_to_read_it(company, reader):
    """A right that is missing is said to be one, with the table and the grant that cures it."""
    company.run('CREATE TABLE "Open" ("Id" INTEGER)')
    company.run(f'GRANT SELECT ON "Open" TO {reader["login"]}')
    code, said = trouble(AuthError, reader, everything(company))
    assert code == "not_permitted"
    assert "item" in said.lower()
    assert "grant the login SELECT" in said


def everything(company):
    """A query of the whole item table."""
    return company.quoted('SELECT * FROM "Item"')


def quoted(company):
    """The item table's name in this database's quotes."""
    return company.quoted('"Item"')


@pytest.mark.parametrize(
    ("query", "code"), [("SELECT * FROM not_there", "table_unknown"), ("SELECT not_there FROM {}", "column_unknown")]
)
def test_a_table_or_column_that_is_not_there(company, query, code):
    """What the map names and the database has not: told apart, on every engine and driver."""
    assert trouble(ConfigError, company.settings(), query.format(quoted(company)))[0] == code


@servers
def test_a_lock_that_another_program_holds(company):
    """A page that waits for a lock gives up at its time-out, and it is worth another try."""
    hold = 'LOCK TABLE "Item" IN ACCESS EXCLUSIVE MODE' if company.kind == "postgresql" else "LOCK TABLES `Item` WRITE"
    with company.engine.connect() as holder:
        holder.execute(text(hold))
        settings = company.settings(statement_timeout_s=0.5)
        code, said = trouble(TransientError, settings, everything(company))
        holder.rollback()
        if company.kind == "mariadb":
            holder.execute(text("UNLOCK TABLES"))
    assert code in ("time_out", "locked")
    assert "tried again" in said


def openssl(*words):
    """Runs openssl; skips where there is none."""
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("no openssl to make a certificate with")
    subprocess.run([program, *words], check=True, capture_output=True, timeout=60)


@contextmanager
def encrypting(kind, folder):
    """Address of a server with a certificate that nobody has signed."""
    server = {"postgres": postgres, "mariadb": mariadb}[kind]
    files = {name: folder / f"server.{name}" for name in ("crt", "key")}
    options = [f"--ssl-cert={files['crt']}", f"--ssl-key={files['key']}"] if server is mariadb else []
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    openssl(*made, "-keyout", files["key"], "-out", files["crt"])
    person = private.unprivileged(folder, "postgres" if server is postgres else "mysql")
    for path in files.values():
        if person:
            os.chown(path, person["user"], person["group"])
    with server.start(folder, *([options] if options else [])) as url:
        if server is postgres:
            _encrypt(url, files)
        yield make_url(url)


def _encrypt(url, files):
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"ALTER SYSTEM SET ssl_cert_file = '{files['crt']}'"))
        connection.execute(text(f"ALTER SYSTEM SET ssl_key_file = '{files['key']}'"))
        connection.execute(text("ALTER SYSTEM SET ssl = on"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()


CHECKED = {
    "postgres": {"query": {"sslmode": "verify-full", "sslrootcert": "{other}"}},
    "postgres-odbc": {"parts": ["SSLMODE=verify-full", "PQOPT={{sslrootcert={other}}}"]},
    "mariadb": {"query": {"ssl_ca": "{other}", "ssl_verify_cert": "true"}},
    "mariadb-odbc": {"parts": ["SSLCA={other}", "SSLVERIFY=1", "FORCETLS=1"]},
}
"""How each driver is told to check the server's certificate, against one that did not sign it."""


@pytest.mark.slow
@pytest.mark.parametrize(
    "over_tls", [pytest.param(name, marks=[getattr(pytest.mark, name.partition("-")[0])]) for name in CHECKED]
)
def test_a_certificate_that_nobody_has_signed(over_tls, request):
    """Said to be the certificate, with the driver's own option for whom to trust."""
    kind, _, over = over_tls.partition("-")
    driver = request.getfixturevalue("odbc_driver")({"postgres": "postgresql"}.get(kind, kind)) if over else ""
    # Not tmp_path: pytest closes its folders to the user that the server runs as.
    with tempfile.TemporaryDirectory(prefix="crossdock-tls-") as name, encrypting(kind, Path(name)) as at:
        other = another_authority(Path(name))
        how = CHECKED[over_tls]
        if over:
            parts = [driver, f"SERVER={at.host}", f"PORT={at.port}", f"DATABASE={at.database}", f"UID={at.username}"]
            settings = {"odbc": ";".join([*parts, *(one.format(other=other) for one in how["parts"])])}
        else:
            query = {key: value.format(other=other) for key, value in how["query"].items()}
            settings = {"url": without_password(at).set(query=query).render_as_string(hide_password=False)}
        settings = Config(settings | {"password": at.password}, frozenset({"password"}))
        code, said = trouble(ConfigError, settings)
    assert code == "certificate_untrusted"
    assert "only on a network you trust" in said


def another_authority(folder):
    """A certificate of an authority that has signed nothing."""
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=other"]
    path = folder / "other.crt"
    openssl(*made, "-keyout", folder / "other.key", "-out", path)
    return path


@pytest.mark.parametrize(
    ("named", "words"),
    [
        ("PostgreSQL Unicode 99", "psqlODBC"),
        ("ODBC Driver 99 for SQL Server", "Microsoft's ODBC Driver 18"),
        ("MariaDB ODBC 99 Driver", "MariaDB Connector/ODBC"),
        ("SQLite 99", "libsqliteodbc"),
        ("FreeTDS 99", "FreeTDS"),
        ("HDBODBC99", "SAP HANA"),
        ("Pervasive ODBC Unicode Interface 99", "Zen"),
        ("Nobody's", "Drivers there are"),
    ],
)
@pytest.mark.odbc
def test_a_driver_that_is_missing(named, words, odbc_driver, tmp_path):
    """The cure says how to get it and which there are; in an address of SQLAlchemy too."""
    odbc_driver("sqlite")
    (tmp_path / "x.db").touch()
    code, said = trouble(ConfigError, Config({"odbc": f"DRIVER={{{named}}};SERVER=erp;DATABASE={tmp_path / 'x.db'}"}))
    assert code == "driver_missing"
    assert words in said
    assert "SQLite3" in said


@pytest.mark.odbc
def test_a_driver_of_the_wrong_bitness(odbc_driver, tmp_path):
    """A library that is there and cannot be loaded is told from one that is not there."""
    odbc_driver("sqlite")
    library = tmp_path / "driver.so"
    library.write_bytes(b"\x7fELF\x01" + bytes(100))  # the header of a 32-bit one
    code, said = trouble(ConfigError, Config({"odbc": f"DRIVER={{{library}}};SERVER=erp"}))
    assert code == "driver_bitness"
    assert "64-bit" in said


def test_a_missing_package_says_how_to_get_it():
    """An address whose driver is no part of crossdock names the package."""
    code, said = trouble(ConfigError, Config({"url": "oracle+oracledb://reader@erp/company"}))
    assert code == "driver_missing"
    assert "'oracledb'" in said


NUMBERS = [
    (backend, number) for backend in ("mariadb", "mssql") for number in sorted(BY_BACKEND[backend].signs.numbers)
]


@pytest.mark.parametrize(("backend", "number"), NUMBERS)
def test_a_known_number_is_understood_from_pyodbc_and_from_others(backend, number):
    """The same number means the same, whether the driver gives it as a number or within its text."""
    dialect = BY_BACKEND[backend]
    odbc = Odbc().fault(
        Exception("HY000", f"[HY000] [driver 1.2][server]Something (8) happened ({number}) (SQLExecDirectW)")
    )
    other = Driver().fault(Exception(number, "something happened"))
    assert dialect.meaning(odbc) is dialect.meaning(other) is dialect.signs.numbers[number]


def test_every_cure_belongs_to_a_trouble():
    """A database's own words are found by a trouble's code: a misspelt one would never be shown."""
    known = {one.code for one in vars(troubles).values() if isinstance(one, troubles.Trouble)} | {"login_can_write"}
    for dialect in BY_BACKEND.values():
        assert set(dialect.cures) <= known


def test_an_unknown_fault_passes_with_time():
    """What nobody knows is worth another try rather than a stop."""
    assert dialect_named("nobody's").meaning(Fault("something", "ZZ123")) is None


@pytest.mark.parametrize("name", ["full", "busy", "locked", "interrupted", "malformed", "permission", "readonly"])
@pytest.mark.engines("sqlite", "sqlite-odbc")
def test_a_name_in_a_message_is_no_sign(company, name):
    """What an operator calls a column or a table is not what went wrong, and waiting does not help."""
    assert trouble(ConfigError, company.settings(), f'SELECT {name}_column FROM "Item"')[0] == "column_unknown"  # noqa: S608  # ours
    assert trouble(ConfigError, company.settings(), f"SELECT 1 FROM is_{name}")[0] == "table_unknown"  # noqa: S608  # ours


@pytest.mark.engines("sqlite", "sqlite-odbc", "mariadb", "mariadb-odbc")
@pytest.mark.parametrize("query", ["SELECT SUM(SUM(1))", "SELECT 1 UNION SELECT 1, 2"])
def test_a_query_that_can_never_run_is_not_tried_again(company, query):
    """What is wrong with the query stays wrong: a person must act."""
    assert trouble(ConfigError, company.settings(), query)[0] == "query_fails"


@pytest.mark.engines("postgres", "postgres-odbc")
def test_what_a_server_does_not_support_is_no_passing_trouble(company):
    """A query that it will never run is the operator's to correct; only a plan of before may be tried again."""
    assert trouble(ConfigError, company.settings(), 'SELECT * FROM otherdb.public."Item"')[0] == "query_fails"
    old = Fault("cached plan must not change result type", "0A000")
    assert BY_BACKEND["postgresql"].meaning(old) is troubles.CHANGED_MEANWHILE


def test_a_data_source_name_says_itself_which_file():
    """Over a DSN the file stands with the driver manager: only one that is named here can be missed here."""
    dialect = BY_BACKEND["sqlite"]
    assert dialect.odbc_options({"dsn": "SQLite-ERP"}, 15)["nocreat"] == "1"
    for parts in ({"dsn": "SQLite-ERP", "database": "no/such.db"}, {"driver": "SQLite3"}):
        with pytest.raises(ConfigError, match="no SQLite file"):
            dialect.odbc_options(parts, 15)
