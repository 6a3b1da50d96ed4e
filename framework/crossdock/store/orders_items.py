"""What the ERP calls the items and accounts of an order, from the catalogue."""

from collections.abc import Sequence

from crossdock.store.open import Transaction


def native_items(transaction: Transaction, stream: int, skus: Sequence[str]) -> dict[str, list[str]]:
    """Finds live items by SKU.

    Returns:
        SKU to native codes; several where several items claim it. A SKU that nothing has is left out.
    """
    wanted = transaction.keys(list(dict.fromkeys(skus)))
    columns = "sku, COALESCE(native_code, code) FROM item WHERE stream = ? AND gone = 0 AND unit IS NOT NULL"
    query = (
        f"SELECT {columns} AND {transaction.among('code')} AND sku = code "
        f"UNION ALL SELECT {columns} AND {transaction.among('sku')} AND sku <> code"
    )
    found: dict[str, list[str]] = {}
    for sku, native in transaction.rows(query, stream, wanted, stream, wanted):
        found.setdefault(sku, []).append(native)
    return found


def native_customer(transaction: Transaction, stream: int, code: str) -> str | None:
    """Gives what the ERP calls an account now; None where the catalogue does not have it."""
    query = "SELECT COALESCE(native_code, code) FROM item WHERE stream = ? AND code = ? AND gone = 0"
    found: str | None = transaction.value(query, stream, code)
    return found
