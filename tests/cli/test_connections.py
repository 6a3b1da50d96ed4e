"""`crossdock connections`: what is configured, and whether it works."""

import pytest

PLANTED = "hunter2-planted"


def by_code(told):
    """Gives findings by code; the last of a code wins."""
    assert all(set(one) == {"code", "level", "text"} for one in told["findings"])
    return {one["code"]: one for one in told["findings"]}


def test_list_says_what_each_is_used_as(lone_shop):
    """The list names plugin, version and use of every connection, and opens none."""
    found = {one["name"]: one for one in lone_shop.told("connections", "list")["connections"]}
    assert found["erp"]["plugin"] == "demo-erp"
    assert found["erp"]["used_as"] == ["source of main"]
    assert found["hub"]["used_as"] == ["channel of main"]
    assert "not installed" not in lone_shop.run("connections", "list").output


def test_check_of_a_sound_source(lone_shop):
    """A source that works is said to, with what it can be used as and whether its rows can be mapped."""
    found = by_code(lone_shop.told("connections", "check", "erp"))
    assert "source of products" in found["plugin"]["text"]
    assert "target of orders" in found["plugin"]["text"]
    assert found["settings"]["level"] == found["read_products"]["level"] == found["read_customers"]["level"] == "ok"
    assert "login_can_write" in found


def test_check_of_a_channel(shop):
    """A channel is proved by logging in; nothing is read from it."""
    found = by_code(shop.told("connections", "check", "hub"))
    assert found["login"]["level"] == "ok"
    assert "channel for products" in found["plugin"]["text"]


def test_a_column_that_is_not_there_is_an_error(lone_shop):
    """A mapped column that the table lacks is an error finding that suggests the right one, and the exit code is 1."""
    lone_shop.path.write_text(
        lone_shop.path.read_text("utf-8") + '[connections.erp.products.fields]\ntitle = "naem"\n', "utf-8"
    )
    found = by_code(lone_shop.told("connections", "check", "erp", code=1))
    wrong = [one for one in found.values() if one["level"] == "error"]
    assert len(wrong) == 1
    assert "naem" in wrong[0]["text"]
    assert "'name'" in wrong[0]["text"]
    assert found["read_customers"]["level"] == "ok"


def test_the_field_that_fails_is_named(lone_shop):
    """Rows that cannot be mapped are counted, and the hub field that fails is named."""
    lone_shop.path.write_text(
        lone_shop.path.read_text("utf-8") + '[connections.erp.products.fields]\n"variants.price" = "name"\n', "utf-8"
    )
    found = by_code(lone_shop.told("connections", "check", "erp", code=1))
    assert found["read_products"]["level"] == "error"
    assert "variants.price" in found["read_products"]["text"]


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("items = 120", "itmes = 120", "config"),
        ("items = 120", 'items = "many"', "config"),
        ('path = "erp.db"', "", "config"),
        ('plugin = "demo-erp"', 'plugin = "demo-erq"', "config"),
    ],
)
def test_what_hinders_is_a_finding(lone_shop, old, new, code):
    """A setting that is misspelt, wrong or missing, or a plugin that is not there, is an error finding of its kind."""
    lone_shop.edit(old, new)
    found = by_code(lone_shop.told("connections", "check", "erp", code=1))
    assert found[code]["level"] == "error"
    if "itmes" in new:
        assert "did you mean 'items'" in found[code]["text"]


def test_a_hub_that_is_gone_is_unreachable(lone_shop):
    """A system that does not answer is the finding `unreachable`, after what could be said without it."""
    found = by_code(lone_shop.told("connections", "check", "hub", code=1))
    assert found["unreachable"]["level"] == "error"
    assert found["settings"]["level"] == "ok"


def test_a_secret_is_never_shown(shop):
    """A wrong password in plain text is warned of and refused, and shows in no output at all."""
    shop.edit('password = { file = "hub-password" }', f'password = "{PLANTED}"')
    found = by_code(shop.told("connections", "check", "hub", code=1))
    assert found["secret_in_file"]["level"] == "warning"
    assert found["refused_login"]["level"] == "error"
    outputs = [
        shop.run(*words).output
        for words in (
            ("connections", "check", "hub"),
            ("connections", "check", "hub", "--json"),
            ("connections", "list", "--json"),
            ("--debug", "sync"),
        )
    ]
    assert all(PLANTED not in one for one in outputs)


def test_a_password_inside_an_address_is_warned_of_and_not_shown(lone_shop):
    """A password in a database's address counts as a secret in plain text."""
    lone_shop.path.write_text(
        '[connections.erp]\nplugin = "custom-database"\n'
        f'url = "postgresql+psycopg://reader:{PLANTED}@127.0.0.1:9/erp"\nconnect_timeout_s = 2\n',
        "utf-8",
    )
    result = lone_shop.run("connections", "check", "erp", "--json")
    assert result.exit_code == 1
    assert "secret_in_file" in result.stdout
    assert PLANTED not in result.output
