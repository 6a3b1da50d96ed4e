"""What Alembic runs: the migrations over the connection that `store.migrate` opened."""

from alembic import context

from crossdock.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
