"""What acts although it stands in a SELECT: functions, tables and words, for each grammar, with where that is written.

Data only. A name that ends in `*` stands for all names that begin so, except those that `ONLY_LOOK` names. Whatever a
database lets its users write themselves cannot stand here: for that there is the read-only session.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple


class Group(NamedTuple):
    """Names that do the same kind of thing."""

    does: str
    """As the message says it, after the name."""
    names: str
    """In lower case, with blanks between."""
    source: str
    """Where the vendor says so."""


class Acting(NamedTuple):
    """What one grammar knows."""

    functions: tuple[Group, ...]
    """Names before a bracket."""
    tables: tuple[Group, ...]
    """Names to select from, with or without a bracket behind."""
    words: tuple[Group, ...]
    """Names that mean something else to the database where they stand without quotes."""


class Names:
    """Groups, made fit for looking up."""

    def __init__(self, groups: tuple[Group, ...], only_look: frozenset[str] = frozenset()) -> None:
        """Sorts the names into whole ones and beginnings."""
        named = [(name, group.does) for group in groups for name in group.names.split()]
        self.whole = {name: does for name, does in named if not name.endswith("*")}
        self.beginnings = [(name[:-1], does) for name, does in named if name.endswith("*")]
        self.only_look = only_look

    def does(self, name: str) -> str | None:
        """Says what a name does besides reading. None: nothing that is known."""
        name = name.lower()
        if name in self.whole:
            return self.whole[name]
        if name in self.only_look:
            return None
        return next((does for start, does in self.beginnings if name.startswith(start)), None)


WAITS = "only waits, or keeps the server busy"
LOCKS = "takes or gives back a lock"
COUNTS = "takes a number from a sequence, which no roll-back gives back"
FILES = "reads or writes files of the server"
RUNS = "runs a text as SQL, or as a command"
REACHES = "reaches another server"
SETTINGS = "changes a setting or a state of the session"
ADMINISTERS = "administers the server"
CHANGES = "changes what is stored"
SECRETS = "holds passwords or keys"
PAGES = "shows the file behind the tables"

SQLITE = Acting(
    functions=(
        Group(RUNS, "load_extension", "SQLite, Built-In Scalar SQL Functions; Run-Time Loadable Extensions"),
        Group(RUNS, "eval sha1_query sha3_query", "SQLite sources, ext/misc/eval.c, sha1.c, shathree.c"),
        Group(RUNS, "edit", "SQLite, Command Line Shell: the edit() function"),
        Group(
            RUNS, "fts3_tokenizer", "SQLite, FTS3 and FTS4, Custom Tokenizers: registers one by its address in memory"
        ),
        Group(
            FILES,
            "readfile writefile lsmode fsdir zipfile",
            "SQLite, Command Line Shell: File I/O Functions; ext/misc/fileio.c",
        ),
        Group(CHANGES, "optimize", "SQLite, FTS3 and FTS4: the optimize function, merges the index in the tables"),
        Group(ADMINISTERS, "sqlite_log", "SQLite, Core Functions: writes into the error log"),
    ),
    tables=(
        Group(SETTINGS, "pragma_*", "SQLite, PRAGMA Functions: the pragmas as tables, with or without brackets"),
        Group(PAGES, "dbstat sqlite_dbpage sqlite_dbdata sqlite_dbptr", "SQLite, DBSTAT; SQLITE_DBPAGE, writable"),
        Group(SETTINGS, "sqlite_stmt", "SQLite, SQLITE_STMT: the statements of the process"),
    ),
    words=(),
)

POSTGRES = Acting(
    functions=(
        Group(COUNTS, "nextval setval", "PostgreSQL manual, Sequence Manipulation Functions"),
        Group(SETTINGS, "set_config setseed", "PostgreSQL manual, Configuration Settings Functions; Random Functions"),
        Group(
            "is of the server's own administration: sleep, locks, files, signals, replication",
            "pg_*",
            "PostgreSQL manual, System Administration Functions",
        ),
        Group(
            "works on large objects", "lo_* loread lowrite", "PostgreSQL manual, Large Objects, Server-Side Functions"
        ),
        Group(
            RUNS,
            "query_to_xml* cursor_to_xml* table_to_xml* schema_to_xml* database_to_xml*",
            "PostgreSQL manual, Mapping Tables to XML",
        ),
        Group(RUNS, "ts_stat ts_rewrite", "PostgreSQL manual, Text Search Functions: both take a query as text"),
        Group(RUNS, "crosstab* connectby xpath_table", "PostgreSQL manual, tablefunc; xml2"),
        Group(RUNS, "xmlvalidate", "PostgreSQL sources, xml2"),
        Group(REACHES, "dblink* postgres_fdw_*", "PostgreSQL manual, dblink; postgres_fdw"),
        Group(REACHES, "http* aws_s3.* aws_lambda.*", "pgsql-http; Amazon RDS for PostgreSQL, s3 and lambda"),
        Group(
            "takes a transaction number, which holds up vacuum",
            "txid_current",
            "PostgreSQL manual, Transaction ID Functions",
        ),
        Group(CHANGES, "brin_* gin_clean_pending_list", "PostgreSQL manual, Index Maintenance Functions"),
        Group(ADMINISTERS, "binary_upgrade_*", "PostgreSQL sources, pg_upgrade_support.c"),
        Group(ADMINISTERS, "plpgsql_* currtid2", "PostgreSQL sources, pg_proc.dat"),
        Group(CHANGES, "cron.* pgq.*", "pg_cron, PgQ: both keep work to do later"),
        Group(FILES, "file_fdw_*", "PostgreSQL manual, file_fdw"),
    ),
    tables=(
        Group(
            SECRETS, "pg_authid pg_shadow pg_user_mapping pg_user_mappings", "PostgreSQL manual, pages of these names"
        ),
        Group(SECRETS, "pg_largeobject pg_hba_file_rules pg_file_settings", "PostgreSQL manual, pages of these names"),
        Group(
            SECRETS, "pg_subscription pg_foreign_server", "PostgreSQL manual, pages of these names: connection strings"
        ),
    ),
    words=(),
)

MYSQL = Acting(
    functions=(
        Group(WAITS, "sleep benchmark", "MariaDB, Miscellaneous Functions; MySQL manual, the same"),
        Group(
            WAITS,
            "master_pos_wait master_gtid_wait source_pos_wait",
            "MariaDB, MASTER_GTID_WAIT; MySQL manual, Replication Functions",
        ),
        Group(
            WAITS,
            "wait_for_executed_gtid_set wait_until_sql_thread_after_gtids",
            "MySQL manual, Functions Used with GTIDs",
        ),
        Group(WAITS, "wsrep_sync_wait_upto_gtid", "MariaDB, Galera Functions"),
        Group(
            LOCKS,
            "get_lock release_lock release_all_locks",
            "MariaDB, Miscellaneous Functions; MySQL manual, Locking Functions",
        ),
        Group(LOCKS, "service_*", "MySQL manual, The Locking Service: service_get_write_locks and the like"),
        Group(FILES, "load_file", "MariaDB, LOAD_FILE; MySQL manual, String Functions"),
        Group(COUNTS, "nextval setval lastval", "MariaDB, Sequence Functions"),
        Group(SETTINGS, "last_insert_id", "MariaDB, LAST_INSERT_ID: with an argument it sets the value"),
        Group(RUNS, "sys_exec sys_eval sys_set", "lib_mysqludf_sys"),
        Group(RUNS, "mroonga_command", "MariaDB, Mroonga User-Defined Functions"),
        Group(REACHES, "spider_*", "MariaDB, Spider Functions: spider_direct_sql and the like"),
        Group(REACHES, "http_*", "lib_mysqludf_http, and MariaDB's http_* functions of users"),
        Group(
            ADMINISTERS,
            "group_replication_* asynchronous_connection_failover_*",
            "MySQL manual, Replication Functions",
        ),
        Group(
            ADMINISTERS,
            "version_tokens_* keyring_key_* audit_log_*",
            "MySQL manual, Version Tokens; Keyring Functions; Audit Log Functions",
        ),
        Group(
            ADMINISTERS,
            "mysql_firewall_* read_firewall_* set_firewall_*",
            "MySQL manual, MySQL Enterprise Firewall Functions",
        ),
        Group(ADMINISTERS, "load_rewrite_rules", "MySQL manual, The Rewriter Query Rewrite Plugin"),
        Group(
            ADMINISTERS,
            "gen_dictionary_load gen_dictionary_drop mask_dictionary_*",
            "MySQL manual, Data Masking Functions",
        ),
    ),
    tables=(
        Group(SECRETS, "mysql.user mysql.global_priv mysql.servers mysql.slave_master_info", "MariaDB, System Tables"),
        Group(SECRETS, "mysql.db mysql.proxies_priv mysql.procs_priv mysql.roles_mapping", "MariaDB, System Tables"),
    ),
    words=(
        Group("goes ahead of whoever writes", "high_priority", "MariaDB, HIGH_PRIORITY and LOW_PRIORITY"),
        Group(COUNTS, "nextval", "MariaDB, Sequences, SQL_MODE=ORACLE: a name after a dot"),
    ),
)

TSQL = Acting(
    functions=(
        Group(REACHES, "openrowset openquery opendatasource", "Transact-SQL reference, Rowset functions"),
        Group(RUNS, "openxml", "Transact-SQL reference, OPENXML: works on what sp_xml_preparedocument made"),
        Group(FILES, "fn_trace_gettable fn_get_audit_file", "Transact-SQL reference, System functions"),
        Group(FILES, "fn_xe_file_target_read_file fn_xe_telemetry_blob_target_read_file", "the same"),
        Group(
            FILES, "dm_os_file_exists dm_os_enumerate_filesystem", "Transact-SQL reference, Dynamic management views"
        ),
        Group(FILES, "fn_dblog fn_dump_dblog fn_full_dblog", "not in the manual; observed on SQL Server 2012 to 2022"),
        Group(RUNS, "xp_* sp_*", "Transact-SQL reference, System stored procedures"),
        Group(REACHES, "ai_generate_embeddings ai_generate_chunks", "Transact-SQL reference, AI functions (2025)"),
        Group(SECRETS, "pwdcompare pwdencrypt", "Transact-SQL reference, PWDCOMPARE: tries passwords"),
        Group(SECRETS, "decryptbykey decryptbykeyautocert", "Transact-SQL reference, DECRYPTBYKEYAUTOCERT opens a key"),
    ),
    tables=(
        Group(SECRETS, "sys.sql_logins syslogins sysxlogins", "Transact-SQL reference, sys.sql_logins"),
        Group(
            SECRETS, "sys.linked_logins sys.credentials sys.sysusers", "Transact-SQL reference, Security catalog views"
        ),
        Group(ADMINISTERS, "sysprocesses", "Transact-SQL reference, sys.sysprocesses"),
    ),
    words=(
        Group(
            "is a hint that locks, or leaves rows out",
            "updlock xlock tablock tablockx holdlock serializable repeatableread readpast",
            "Transact-SQL reference, Table hints",
        ),
        Group(
            "begins a statement of its own, for which SQL Server needs no semicolon",
            "alter backup begin break bulk checkpoint close commit continue create dbcc deallocate declare delete deny "
            "drop dump exec execute fetch goto grant if insert kill load merge open print raiserror readtext "
            "reconfigure restore return revert revoke rollback save set setuser shutdown truncate update updatetext "
            "use waitfor while writetext",
            "Transact-SQL reference, Reserved keywords",
        ),
    ),
)

ELSEWHERE = Acting(
    functions=(
        Group(RUNS, "dbms_* utl_*", "Oracle Database, PL/SQL Packages and Types Reference: UTL_HTTP, DBMS_XMLQUERY"),
        Group(REACHES, "httpuritype", "Oracle Database, PL/SQL Packages and Types Reference, HTTPURITYPE"),
    ),
    tables=(),
    words=(),
)
"""Of databases whose grammar has no list of its own."""

GRAMMARS: Mapping[str, Acting] = {"sqlite": SQLITE, "postgres": POSTGRES, "mysql": MYSQL, "tsql": TSQL}
"""By sqlglot's name of the grammar. For any other all of them together are refused, and ELSEWHERE."""

LOOKING = """
    pg_typeof pg_size_pretty pg_size_bytes pg_column_size pg_client_encoding pg_backend_pid pg_is_in_recovery
    pg_get_viewdef pg_get_constraintdef pg_get_indexdef pg_get_expr pg_get_functiondef pg_get_serial_sequence
    pg_get_userbyid pg_has_role pg_table_is_visible pg_relation_size pg_total_relation_size pg_table_size
    pg_indexes_size pg_database_size pg_timezone_names pg_timezone_abbrevs pg_collation_for pg_postmaster_start_time
    pg_partition_root pg_partition_tree pg_partition_ancestors pg_input_is_valid pg_xact_commit_timestamp
    pg_current_snapshot pg_snapshot_xmin pg_snapshot_xmax pg_visible_in_snapshot pg_trigger_depth pg_wal_lsn_diff
"""
ONLY_LOOK = frozenset(LOOKING.split())
"""Functions that begin like those that act, and only look."""


@lru_cache(maxsize=8)
def known(grammar: str) -> tuple[Names, Names, Names]:
    """Gives functions, tables and words of a grammar, ready for looking up."""
    those = [GRAMMARS[grammar]] if grammar in GRAMMARS else [*GRAMMARS.values(), ELSEWHERE]
    functions = tuple(group for one in those for group in one.functions)
    tables = tuple(group for one in those for group in one.tables)
    words = tuple(group for one in those for group in one.words)
    return Names(functions, ONLY_LOOK), Names(tables), Names(words)
