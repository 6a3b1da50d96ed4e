"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None
Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:  # budget: a list of tables
    """Makes the tables."""
    op.create_table(
        "connection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plugin", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("config_hash", sa.Text(), nullable=True),
        sa.Column("paused", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("next_due_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=True),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("decided", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("hold_stream", "hold", ["stream", "channel"], unique=False)
    op.create_table(
        "item",
        sa.Column("id", Id, nullable=False),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("grp", sa.Text(), nullable=False),
        sa.Column("native_key", sa.Text(), nullable=True),
        sa.Column("native_code", sa.Text(), nullable=True),
        sa.Column("native_group", sa.Text(), nullable=True),
        sa.Column("sku", sa.Text(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("born", sa.BigInteger(), nullable=True),
        sa.Column("text_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("qty_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("price_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("image_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("active_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("row_hash", sa.BigInteger(), nullable=True),
        sa.Column("stock_hash", sa.BigInteger(), nullable=True),
        sa.Column("verdict", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("gone", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("base_group", sa.Text(), nullable=True),
        sa.Column("base", sa.LargeBinary(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=True),
        sa.Column("unit", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("item_code", "item", ["stream", "code"], unique=True)
    op.create_index("item_group", "item", ["stream", "grp"], unique=False)
    op.create_index("item_seq", "item", ["stream", "seq"], unique=False)
    op.create_table(
        "lease",
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=True),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expires_at", sa.Double(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("lane"),
    )
    op.create_table(
        "listing",
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("item", Id, autoincrement=False, nullable=False),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("channel_product_code", sa.Text(), nullable=True),
        sa.Column("channel_code", sa.Text(), nullable=True),
        sa.Column("sent_group", sa.Text(), nullable=True),
        sa.Column("sent_hash", sa.LargeBinary(), nullable=True),
        sa.Column("sent", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("retry_at", sa.Double(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("handle", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("channel", "item"),
    )
    op.create_index("listing_state", "listing", ["channel", "stream", "state", "retry_at"], unique=False)
    op.create_table(
        "memory",
        sa.Column("connection", sa.Integer(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("secret", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "key"),
    )
    op.create_table(
        "owner",
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("stream_name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("item", Id, nullable=False),
        sa.PrimaryKeyConstraint("channel", "stream_name", "kind", "value"),
    )
    op.create_index("owner_item", "owner", ["item"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("row_key", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("native_code", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("first_at", sa.Double(), nullable=False),
        sa.Column("last_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "row_key"),
    )
    op.create_index("quarantine_code", "quarantine", ["stream", "code"], unique=False)
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("lane", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.Column("ended_at", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("run_lane", "run", ["lane", "started_at"], unique=False)
    op.create_table(
        "hold_item",
        sa.Column("hold", sa.Integer(), nullable=False),
        sa.Column("item", Id, autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["hold"],
            ["hold.id"],
        ),
        sa.PrimaryKeyConstraint("hold", "item"),
    )
    op.create_index("hold_item_item", "hold_item", ["item"], unique=False)
    op.create_table(
        "stream",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("live", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["source"],
            ["connection.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "name"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("map_hash", sa.Text(), nullable=True),
        sa.Column("full_started_at", sa.Double(), nullable=True),
        sa.Column("full_done_at", sa.Double(), nullable=True),
        sa.Column("sweep_stopped", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["stream"],
            ["stream.id"],
        ),
        sa.PrimaryKeyConstraint("stream"),
    )
    op.create_table(
        "position",
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("stream", sa.Integer(), nullable=False),
        sa.Column("seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("had", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("offered", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("view_hash", sa.Text(), nullable=True),
        sa.Column("claimed", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["channel"],
            ["connection.id"],
        ),
        sa.ForeignKeyConstraint(
            ["stream"],
            ["stream.id"],
        ),
        sa.PrimaryKeyConstraint("channel", "stream"),
    )
