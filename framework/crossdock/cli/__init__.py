"""Floor 7: the command line. Each command is a file of its own and is loaded when it is called."""


def main() -> None:
    """Runs the `crossdock` command; without the `host` extra it says how to get it."""
    import sys  # noqa: PLC0415  # nothing at import

    try:
        from crossdock.cli.commands import crossdock  # noqa: PLC0415  # click comes with the host extra
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "crossdock":
            raise
        sys.exit(
            f'crossdock: the command line needs its host part ({error.name} is missing): pip install "crossdock[host]"'
        )
    crossdock(prog_name="crossdock")
