"""Orders: the ledger of documents owed, customers created for them, what intake knows, shipments."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:  # budget: a list of tables
    """Makes the tables, and the index by which orders find their items."""
    op.create_table(
        "account",
        sa.Column("id", Id, nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("customer_key", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=True),
        sa.Column("settle_s", sa.Double(), nullable=True),
        sa.Column("sent_tick", sa.Double(), nullable=True),
        sa.Column("sent_place", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("target", "customer_key"),
        sa.UniqueConstraint("target", "reference"),
    )
    op.create_table(
        "intake",
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("swept_at", sa.Double(), nullable=True),
        sa.Column("marks", sa.Text(), server_default="[]", nullable=False),
        sa.PrimaryKeyConstraint("channel"),
    )
    op.create_table(
        "orders",
        sa.Column("id", Id, nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("channel_order_code", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("content_hash", sa.LargeBinary(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("other_hash", sa.LargeBinary(), nullable=True),
        sa.Column("other_body", sa.LargeBinary(), nullable=True),
        sa.Column("declined_hash", sa.LargeBinary(), nullable=True),
        sa.Column("taken_back", sa.Text(), nullable=True),
        sa.Column("customer_key", sa.Text(), nullable=True),
        sa.Column("ordered_at", sa.Double(), nullable=True),
        sa.Column("accepted_at", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told_at", sa.Double(), nullable=True),
        sa.Column("tell_at", sa.Double(), nullable=True),
        sa.Column("tell_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tell_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("channel", "channel_order_code"),
    )
    op.create_index("orders_customer", "orders", ["channel", "customer_key"], unique=False)
    op.create_index(
        "orders_state",
        "orders",
        ["state"],
        unique=False,
        sqlite_where=sa.text("state <> 'split'"),
        postgresql_where=sa.text("state <> 'split'"),
    )
    op.create_index(
        "orders_untold",
        "orders",
        ["channel"],
        unique=False,
        sqlite_where=sa.text("told_version <> version"),
        postgresql_where=sa.text("told_version <> version"),
    )
    op.create_table(
        "document",
        sa.Column("id", Id, nullable=False),
        sa.Column("orders", Id, nullable=False),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.Column("charges", sa.SmallInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("cure", sa.Text(), nullable=True),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("attempt", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sent_at", sa.Double(), nullable=True),
        sa.Column("settle_s", sa.Double(), nullable=True),
        sa.Column("sent_tick", sa.Double(), nullable=True),
        sa.Column("sent_place", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("receipt", sa.LargeBinary(), nullable=True),
        sa.Column("document_code", sa.Text(), nullable=True),
        sa.Column("refusal", sa.Text(), nullable=True),
        sa.Column("verified", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("changed_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["orders"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("orders", "target", "kind"),
        sa.UniqueConstraint("target", "reference"),
    )
    op.create_index(
        "document_open",
        "document",
        ["target", "state"],
        unique=False,
        sqlite_where=sa.text("state NOT IN ('confirmed', 'cancelled')"),
        postgresql_where=sa.text("state NOT IN ('confirmed', 'cancelled')"),
    )
    op.create_index(
        "document_unverified",
        "document",
        ["target"],
        unique=False,
        sqlite_where=sa.text("verified = 0 AND receipt IS NOT NULL"),
        postgresql_where=sa.text("verified = 0 AND receipt IS NOT NULL"),
    )
    op.create_table(
        "document_event",
        sa.Column("id", Id, nullable=False),
        sa.Column("orders", Id, nullable=False),
        sa.Column("document", Id, nullable=True),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document"],
            ["document.id"],
        ),
        sa.ForeignKeyConstraint(
            ["orders"],
            ["orders.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("document_event_orders", "document_event", ["orders"], unique=False)
    op.create_index("document_event_document", "document_event", ["document"], unique=False)
    op.create_table(
        "reservation",
        sa.Column("document", Id, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("sku", sa.Text(), nullable=False),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("qty", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["document"],
            ["document.id"],
        ),
        sa.PrimaryKeyConstraint("document", "line"),
    )
    op.create_index("reservation_sku", "reservation", ["sku"], unique=False)
    op.create_table(
        "shipment",
        sa.Column("id", Id, nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("document", Id, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("told_hash", sa.LargeBinary(), nullable=True),
        sa.Column("told_at", sa.Double(), nullable=True),
        sa.Column("tell_at", sa.Double(), nullable=True),
        sa.Column("tell_attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("tell_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["document"],
            ["document.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "code"),
    )
    op.create_index("shipment_document", "shipment", ["document"], unique=False)
    op.create_index(
        "item_sku",
        "item",
        ["stream", "sku"],
        unique=False,
        sqlite_where=sa.text("sku <> code"),
        postgresql_where=sa.text("sku <> code"),
    )
