"""What journeys through a how-to page share: the page's blocks, and a home folder in which commands are typed."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HUB = """
[connections.hub]
plugin = "stock2shop"
url = "{url}/v1"
username = "agent@client"
password = "secret"
source_id = 57
rate = 1000
customers_path = "customers.csv"
"""
COMMAND_S = 120
"""Seconds after which a command that hangs is a failure."""


def blocks(page, language):
    """Every block in one language of a how-to page."""
    text = (ROOT / "docs" / "how-to" / page).read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


class Home:
    """A home folder and the stand-in hub that its configuration names."""

    def __init__(self, folder, configuration, hub, password):
        """Writes the configuration, with the hub beside what it holds; the database's password is in a variable."""
        self.folder, self.hub = folder, hub
        self.environment = {**os.environ, "ERP_PASSWORD": password, "NO_COLOR": "1", "PYTHONUTF8": "1"}
        (folder / "crossdock.toml").write_text(configuration + HUB.format(url=hub.url), "utf-8")

    def run(self, *words):
        """Runs a command to its end; gives its exit code, its report and what it said."""
        main = "from crossdock.cli import main; main()"
        command = [sys.executable, "-c", main, "--home", str(self.folder), *words, "--json"]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=COMMAND_S, check=False
        )
        return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stdout + done.stderr

    def sync(self, *options):
        """Runs a sync that must end well; gives for each stream the counts of its reading and of its delivery."""
        code, report, said = self.run("sync", *options)
        assert code == 0, said
        found = {stream: dict(counts) for stream, counts in report["streams"].items()}
        for one in report["deliveries"]:
            found[one["stream"]]["sent"] = one["sent"]
        assert self.hub.wait_processed()
        return found

    def on_hub(self):
        """What the hub has, by the variant's code."""
        return {one["source_variant_code"]: one for one in self.hub.variants()}


@pytest.fixture(scope="session")
def page_blocks():
    """Gives every block in one language of a how-to page."""
    return blocks


@pytest.fixture(scope="session")
def make_home():
    """Makes a home folder with a configuration and a hub."""
    return Home
