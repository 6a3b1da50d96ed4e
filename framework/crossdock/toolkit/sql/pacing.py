"""How large the next page may be: one that took long is followed by a smaller one."""

SLOW_S = 2.0
"""Seconds that a page should not take: a writer of the ERP may be waiting for its end."""
LEAST = 50
"""Rows below which pages do not shrink: each has a price of its own."""


class Pace:
    """The page size of one read."""

    def __init__(self, most: int) -> None:
        """Takes the size that was asked for; it is never exceeded."""
        self.most = self.size = most

    def took(self, seconds: float) -> None:
        """Halves the size after a slow page, and doubles it again after one that was quick."""
        if seconds > SLOW_S:
            self.size = max(min(LEAST, self.most), self.size // 2)
        elif seconds < SLOW_S / 4:
            self.size = min(self.most, self.size * 2)
