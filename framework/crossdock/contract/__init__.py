"""Floor 2: the contract between the framework and a plugin. `hooks` is the page to read."""

from crossdock.contract.delivering import Change, CustomerDelivery, Delivery, Due, Result
from crossdock.contract.errors import (
    AuthError,
    ConfigError,
    ConnectionSetupError,
    CrossdockError,
    FenceLostError,
    LaneBusyError,
    NotSentError,
    PluginError,
    RefusedError,
    RowError,
    TransientError,
)
from crossdock.contract.hooks import hookimpl
from crossdock.contract.looking import ColumnShape, Proposal, TableShape
from crossdock.contract.manifest import CONTRACT_VERSION, Config, Finding, Manifest, Setting
from crossdock.contract.memory import LocalMemory, Memory
from crossdock.contract.ordering import Outcome, Receipt, Refusal, WebhookEvent
from crossdock.contract.reading import OrderPage, Read, Row, Rows, ShipmentPage

__all__ = [
    "CONTRACT_VERSION",
    "AuthError",
    "Change",
    "ColumnShape",
    "Config",
    "ConfigError",
    "ConnectionSetupError",
    "CrossdockError",
    "CustomerDelivery",
    "Delivery",
    "Due",
    "FenceLostError",
    "Finding",
    "LaneBusyError",
    "LocalMemory",
    "Manifest",
    "Memory",
    "NotSentError",
    "OrderPage",
    "Outcome",
    "PluginError",
    "Proposal",
    "Read",
    "Receipt",
    "Refusal",
    "RefusedError",
    "Result",
    "Row",
    "RowError",
    "Rows",
    "Setting",
    "ShipmentPage",
    "TableShape",
    "TransientError",
    "WebhookEvent",
    "hookimpl",
]
