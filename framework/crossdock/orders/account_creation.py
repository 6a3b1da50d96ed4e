"""Creating an account that an order needs: once, guarded as a document is."""

from collections.abc import Sequence

from crossdock.contract import ConnectionSetupError, NotSentError, PluginError, RefusedError
from crossdock.orders.accounts import debtor
from crossdock.orders.content import customer_key
from crossdock.orders.lane import Lane
from crossdock.orders.port import TargetPort
from crossdock.orders.problems import Problem
from crossdock.orders.reference import account_reference
from crossdock.orders.settling import PATIENCE
from crossdock.orders.summary import RaiseSummary
from crossdock.records import Customer, Order
from crossdock.store import ledger_accounts as accounts
from crossdock.store.ledger_accounts import CONFLICT, CREATED, NEW, REFUSED, SENDING, UNKNOWN, Account
from crossdock.store.ledger_states import PARKED
from crossdock.store.open import Transaction

MAP_IT = "find the account in the ERP and map the customer in [orders.NAME.accounts], then: crossdock orders retry"


class Accounts:
    """Creates accounts at one target."""

    def __init__(self, lane: Lane, target: int, port: TargetPort, summary: RaiseSummary, deadline_s: float) -> None:
        """Takes the lane, the target's number and open session, the counts, and the time that a call may take."""
        self.lane, self.target, self.port, self.summary, self.deadline_s = lane, target, port, summary, deadline_s
        self.can_find = "find_customer" in port.hooks
        self.failures = 0

    def take_over(self) -> None:
        """Takes over what a run left in the middle of a call."""
        with self.lane.store.read() as transaction:
            left = accounts.in_state(transaction, self.target, SENDING)
            unknown = accounts.in_state(transaction, self.target, UNKNOWN)
            now = transaction.now()
        if left:
            self._note_left(left)
        if self.lane.is_foreign([*left, *unknown], now):
            self._take_over_foreign()

    def _note_left(self, left: Sequence[Account]) -> None:
        with self.lane.writing() as transaction:
            for one in left:
                self._doubt(transaction, one, "the run that created it ended without a word")

    def _take_over_foreign(self) -> None:
        with self.lane.writing() as transaction:
            self.lane.take_over(transaction, "account", self.target)

    def _doubt(self, transaction: Transaction, was: Account, reason: str) -> Account:
        unknown = accounts.move(transaction, was, UNKNOWN, reason=reason)
        if self.can_find:
            return unknown
        return accounts.move(transaction, unknown, CONFLICT, reason=f"nobody knows whether it was created: {reason}")

    def obtain(self, order: Order, channel: int) -> str | Problem | None:
        """Gives the code of the account of an order's customer, created where it must be.

        Returns:
            The code; a problem that stops the document; None where it is not known yet.

        Raises:
            ConnectionSetupError, PluginError: the target cannot be worked with at all.
        """
        key, customer = f"{channel}:{customer_key(order)}", debtor(order)
        with self.lane.store.read() as transaction:
            one, now = accounts.find(transaction, self.target, key), transaction.now()
        if one is None:
            one = self._note_needed(key)
        if one.state == UNKNOWN and self.lane.is_settled(one, now):
            one = self._look(one, customer)
        if one.state == NEW:
            one = self._look(one, customer)
            if one.state == NEW and not self.failures:
                one = self._create(one, customer)
        return self._answer(one)

    def _answer(self, one: Account) -> str | Problem | None:
        if one.state == CREATED:
            return one.code
        if one.state == REFUSED:
            return Problem(f"the ERP refused to create the customer: {one.reason}", MAP_IT)
        if one.state == CONFLICT:
            return Problem(f"the customer's account is in doubt: {one.reason}", MAP_IT, PARKED)
        return None

    def _note_needed(self, key: str) -> Account:
        length = self.port.manifest.reference_length
        reference = account_reference(self.target, key, length)[0]
        with self.lane.writing() as transaction:
            return accounts.add(transaction, self.target, key, reference)

    def _look(self, one: Account, customer: Customer) -> Account:
        """Looks whether the account is there; where that cannot be found out nothing changes."""
        if not self.can_find:
            return one
        try:
            found = self.port.find_customer(customer, one.reference)
        except (ConnectionSetupError, PluginError):
            raise
        except Exception:  # noqa: BLE001  # whatever it is, it is not "not there"
            self.failures += 1
            return one
        self.failures = 0
        if len(found) > 1:
            return self._settle(one, CONFLICT, reason=f"{len(found)} accounts carry our reference: {', '.join(found)}")
        if found:
            return self._settle(one, CREATED, code=found[0])
        return one if one.state == NEW else self._settle(one, NEW, reason="not there")

    def _settle(self, one: Account, to: str, reason: str | None = None, code: str | None = None) -> Account:
        with self.lane.writing() as transaction:
            return accounts.move(transaction, one, to, reason=reason, code=code)

    def _create(self, one: Account, customer: Customer) -> Account:
        sending = self._intend(one)
        try:
            code = self.port.create_customer(customer, one.reference, self.deadline_s)
        except RefusedError as refusal:
            return self._record(sending, REFUSED, str(refusal))
        except NotSentError as problem:
            self.failures = PATIENCE
            return self._record(sending, NEW, str(problem))
        except Exception as problem:
            self.failures += 1
            doubted = self._record(sending, UNKNOWN, f"{type(problem).__name__}: {problem}")
            if isinstance(problem, (ConnectionSetupError, PluginError)):
                raise
            return doubted
        self.summary.accounts += 1
        return self._record(sending, CREATED, None, code)

    def _intend(self, one: Account) -> Account:
        settle_s = self.deadline_s + self.port.manifest.max_commit_delay_s
        with self.lane.writing() as transaction:
            values = self.lane.sending(transaction, settle_s)
            return accounts.move(transaction, one, SENDING, attempt=one.attempt + 1, **values)

    def _record(self, was: Account, to: str, reason: str | None, code: str | None = None) -> Account:
        with self.lane.writing() as transaction:
            if to == UNKNOWN:
                return self._doubt(transaction, was, reason or "")
            return accounts.move(transaction, was, to, reason=reason, code=code)
