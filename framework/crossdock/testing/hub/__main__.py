"""`python -m crossdock.testing.hub`: the stand-in hub as a process of its own.

Prints one line of JSON with `url` and `port` when it is ready and ends when its input closes.
"""

import argparse
import json
import sys

from crossdock.testing.hub.standin import MAX_BODY, StandInHub


def main(arguments: list[str] | None = None) -> None:
    """Serve until standard input closes."""
    told = _parser().parse_args(arguments)
    hub = StandInHub(
        users=dict(told.user or [("agent@client", "secret")]),
        source_ids=told.source_id or (57,),
        channel_ids=told.channel_id or (1,),
        rate=told.rate,
        open_rate=told.open_rate,
        delay_s=told.delay_s,
        port=told.port,
        max_body=told.max_body,
    )
    with hub:
        sys.stdout.write(json.dumps({"url": hub.url, "port": hub.port}) + "\n")
        sys.stdout.flush()
        while sys.stdin.buffer.readline():
            pass


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m crossdock.testing.hub", description=__doc__)
    add = parser.add_argument
    add("--port", type=int, default=0, help="0 for any free port")
    add("--user", type=_user, action="append", metavar="NAME=PASSWORD", help="may be repeated")
    add("--source-id", type=int, action="append", help="may be repeated")
    add("--channel-id", type=int, action="append", help="may be repeated")
    add("--rate", type=int, default=3, help="requests a second per endpoint with a token")
    add("--open-rate", type=int, default=1, help="requests a second per endpoint without one")
    add("--delay-s", type=float, default=0.0, help="seconds that an entry waits in the queue")
    add("--max-body", type=int, default=MAX_BODY, help="bytes that a request body may have")
    return parser


def _user(text: str) -> tuple[str, str]:
    name, equals, password = text.partition("=")
    if not name or not equals:
        message = "expected NAME=PASSWORD"
        raise argparse.ArgumentTypeError(message)
    return name, password


if __name__ == "__main__":
    main()
