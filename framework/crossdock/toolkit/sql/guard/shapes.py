"""What a query may be made of: the kinds of nodes in its tree. Kinds that are not named here are refused."""

from collections.abc import Iterator
from typing import Any

from sqlglot import exp

from crossdock.toolkit.sql.guard.acting import known

KIND_NAMES = """
    select union except intersect subquery with cte recursivewithsearch from join lateral where group having order
    ordered limit limitoptions offset fetch distinct values tuple table tablealias tablesample pivot partition
    rollup cube groupingsets windowspec version withtablehint indextablehint forclause queryoption
    xmlkeyvalueoption identifier var star alias interval intervalspan filter withingroup ignorenulls respectnulls
    slice attimezone introducer national variadic datatype datatypeparam objectidentifier columndef
    columnconstraint pathcolumnconstraint defaultcolumnconstraint notnullcolumnconstraint jsonpath jsonpathkey
    jsonpathroot jsonpathsubscript jsonpathwildcard jsonkeyvalue jsonvalue jsonschema jsoncolumndef
    openjsoncolumndef
"""
KINDS = frozenset(KIND_NAMES.split())
"""Kinds by sqlglot's name that are neither functions nor conditions; each is there for a query of the corpus."""
ACTING_KINDS = frozenset({"nextvaluefor", "operator", "parameter", "placeholder"})
"""Functions and conditions of the grammar that act, hide a function, or want a value that nobody gives."""
SAID = {
    "into": "SELECT INTO makes a table, a file or a variable",
    "lock": "it locks rows",
    "nextvaluefor": "it takes a number from a sequence",
    "operator": "OPERATOR() may hide a function",
    "parameter": "it holds a variable or a parameter, which nobody gives a value",
    "placeholder": "it holds a parameter, which nobody gives a value",
}


def is_select(tree: Any, grammar: str) -> str | None:  # sqlglot's root class was renamed between versions
    """The statement is a SELECT or several joined by UNION and the like, and selects something."""
    inner = tree.unnest() if isinstance(tree, exp.Subquery) else tree
    if not isinstance(inner, exp.Select | exp.SetOperation):
        return f"it is {tree.key.upper()}, not a SELECT"
    return None if inner.selects else "it selects nothing"


def only_known_kinds(tree: Any, grammar: str) -> str | None:  # the same
    """All nodes are of a kind known to only read."""
    for node in tree.walk():
        if not _only_reads(node):
            return SAID.get(node.key, f"it holds {node.key.upper()}, which is not known to only read")
    return None


def _only_reads(node: Any) -> bool:
    if node.key in ACTING_KINDS:  # sqlglot reads @@VERSION as a parameter within a parameter
        return isinstance(node, exp.Parameter) and exp.Parameter in (type(node.this), type(node.parent))
    return isinstance(node, exp.Func | exp.Condition) or node.key in KINDS


def no_acting_words(tree: Any, grammar: str) -> str | None:  # the same
    """No name without quotes is a word that the database would take for something else."""
    _, _, words = known(grammar)
    for node in tree.find_all(exp.Identifier, exp.Var):
        does = None if node.args.get("quoted") else words.does(node.name)
        if does:
            return f"{node.name.upper()} {does}; put the name into quotes if it is one"
    return None


def no_other_servers(tree: Any, grammar: str) -> str | None:  # the same
    """No table is named by four parts, of which the first is another server (Transact-SQL, Linked servers)."""
    for table in tree.find_all(exp.Table):
        if isinstance(table.this, exp.Dot) and not isinstance(table.this.expression, exp.Func):
            return "a table on another server is named: make a connection of its own for that server"
    return None


def no_acting_tables(tree: Any, grammar: str) -> str | None:  # the same
    """No table is one that holds passwords, or is a function in disguise."""
    _, tables, _ = known(grammar)
    for table in tree.find_all(exp.Table):
        for name in _names(table):
            if does := tables.does(name):
                return f"the table {name} {does}"
    return None


def _names(table: exp.Table) -> Iterator[str]:
    yield table.name
    if table.db:
        yield f"{table.db}.{table.name}"
