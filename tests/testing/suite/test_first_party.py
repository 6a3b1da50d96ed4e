"""Our own sources keep every promise that can be tried on them."""

import crossdock_custom_database.fake
import crossdock_demo_erp.fake
import crossdock_flat_file.fake

from crossdock.testing.suite import erp_suite

WHOLE = "a file is read whole: there are no columns to choose among, and none that somebody else waits for"

TestCustomDatabase = erp_suite(crossdock_custom_database.plugin, crossdock_custom_database.fake)
TestDemoErp = erp_suite(crossdock_demo_erp.plugin, crossdock_demo_erp.fake)
TestFlatFile = erp_suite(
    crossdock_flat_file.plugin, crossdock_flat_file.fake, exempt={"only_mapped_columns_are_read": WHOLE}
)
