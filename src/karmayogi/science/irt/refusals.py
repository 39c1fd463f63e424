"""What the nouns of this package refuse, each named for the fact, with a message that says what to do."""

from collections.abc import Iterable


def listed(columns: Iterable[int]) -> str:
    """Columns for a message: the first ten, and how many more."""
    shown = [int(column) for column in columns]
    more = f" and {len(shown) - 10} more" if len(shown) > 10 else ""
    return ", ".join(str(column) for column in shown[:10]) + more


class ItemCannotBeCalibrated(ValueError):
    """Items without a right or without a wrong answer have no finite difficulty; `items`: their columns."""

    def __init__(self, items: list[int]) -> None:
        self.items = items
        super().__init__(
            f"Items in columns {items} have only right, only wrong or no answers. "
            "Leave them out, or collect more answers before calibrating."
        )


class ItemsMalformed(ValueError):
    """Item parameters that describe no response model: wrong shapes, not finite, steps out of order."""


class AnswersMalformed(ValueError):
    """Answers that no item has: wrong shapes, codes that are not whole numbers, unknown people or items."""


class CategoriesUnused(ItemCannotBeCalibrated):
    """Categories that nobody chose, between or beside used ones; `unused`: pairs of an item (a criterion, for ratings)
    and a category; `items`: the items alone."""

    def __init__(self, unused: list[tuple[int, int]]) -> None:
        self.unused, self.items = unused, sorted({item for item, _ in unused})
        pairs = ", ".join(f"{category} of {item}" for item, category in unused[:10])
        more = f" and {len(unused) - 10} more" if len(unused) > 10 else ""
        ValueError.__init__(
            self,
            f"Nobody chose these categories (of the columns or criteria named): {pairs}{more}. Codes run from 0 "
            "without gaps: join each with its neighbour and number the rest anew, or leave the item out.",
        )


class ScaleNotIdentified(ValueError):
    """Nothing fixes the origin or the unit of the ability scale, or groups and anchors contradict each other."""


class ModelUnknown(ValueError):
    """A name of a response model that this package does not have, or that does not fit the item's categories."""


class PriorMalformed(ValueError):
    """A prior that is no density, or one on a kind of parameter that it is not defined for."""


class FitNotTestable(ValueError):
    """The data or the model leave no degrees of freedom, or nobody answered every item."""
