"""The same, given what it dies of."""

from tests.fuzz.dying import check
from tests.fuzz.dying import lethal_seeds as seeds

__all__ = ["check", "seeds"]
