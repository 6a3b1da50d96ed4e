"""The contract suite: every promise of the contract as a check, for an author in one statement.

    from crossdock.testing.suite import erp_suite
    from crossdock_acme_erp import fake, plugin

    TestContract = erp_suite(plugin, fake)

`run_checks` runs the same without pytest. What a fake may offer so that more can be proved stands in `fakes`.
"""

from crossdock.testing.suite.checks import BrokenPromiseError, Check, NotApplicableError, Verdict
from crossdock.testing.suite.running import ERP_CHECKS, erp_suite, run_check, run_checks

__all__ = [
    "ERP_CHECKS",
    "BrokenPromiseError",
    "Check",
    "NotApplicableError",
    "Verdict",
    "erp_suite",
    "run_check",
    "run_checks",
]
