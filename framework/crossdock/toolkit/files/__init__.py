"""Files that are read row by row and appended to line by line.

`open_csv` and `open_json_lines` read without holding the file in memory and set a broken line aside
instead of stopping; `open_xml` does without setting aside, since nobody can say where a broken element ends.
`AppendedFile` writes whole batches or nothing.
"""

from crossdock.toolkit.files.appending import AppendedFile
from crossdock.toolkit.files.reading import ERROR, LINE, RAW, CsvRows, open_csv, open_json_lines
from crossdock.toolkit.files.xml import TEXT, open_xml

__all__ = ["ERROR", "LINE", "RAW", "TEXT", "AppendedFile", "CsvRows", "open_csv", "open_json_lines", "open_xml"]
