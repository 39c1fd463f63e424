"""Anderson acceleration of a fixed-point iteration (Anderson 1965; Walker & Ni 2011)."""

import numpy as np

from karmayogi.science.irt.grid import Floats

DEPTH = 6


class Anderson:
    """Combines the last steps to the point where, were the map linear, the step would vanish."""

    def __init__(self) -> None:
        self.points: list[Floats] = []
        self.steps: list[Floats] = []

    def forget(self) -> None:
        """Starts anew, as after a step that did not climb or a change of nodes."""
        self.points, self.steps = [], []

    def next(self, x: Floats, step: Floats, scale: Floats) -> Floats:
        """Where to go from x; `scale` [F] weighs parameters by how well they are known."""
        self.points.append(x)
        self.steps.append(step)
        self.points, self.steps = self.points[-DEPTH - 1 :], self.steps[-DEPTH - 1 :]
        if len(self.points) < 2:
            return x + step
        by_point = np.diff(np.stack(self.points, axis=1), axis=1)
        by_step = np.diff(np.stack(self.steps, axis=1), axis=1)
        mix, *_ = np.linalg.lstsq(by_step * scale[:, None], step * scale, rcond=1e-8)
        return np.asarray(x + step - (by_point + by_step) @ mix)
