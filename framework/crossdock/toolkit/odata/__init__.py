"""OData sources: `ODataSource` is a whole plugin, the rest of this package is how it reads.

Importing this loads no HTTP library; the first call does.
"""

from crossdock.toolkit.odata.entity_set import EntitySet
from crossdock.toolkit.odata.literals import literal
from crossdock.toolkit.odata.session import ODataSession
from crossdock.toolkit.odata.source import ODataSource

__all__ = ["EntitySet", "ODataSession", "ODataSource", "literal"]
