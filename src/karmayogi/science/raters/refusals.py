"""What ratings cannot be read, and what to do about it."""


class RatingsMalformed(ValueError):
    """Columns of ratings that cannot be read: wrong shapes, codes below 0, values that are no numbers."""


class NothingToCompare(ValueError):
    """Fewer than two raters or two ratees, or no two different ratings: there is no agreement to measure."""


class RatersNotIdentified(ValueError):
    """Ratings of raters whose severity is not known; `raters`: their codes."""

    def __init__(self, raters: list[int]) -> None:
        self.raters = raters
        super().__init__(
            f"The severity of raters {raters[:8]} is not known on this scale. "
            "Leave their ratings out, or calibrate a round in which they share ratees with the others."
        )
