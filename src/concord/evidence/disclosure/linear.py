"""One linear programme asked many questions: the equations stay in the solver, and each answer starts from the last.

Attacking a table asks for the least and the greatest value of hundreds of cells under the same equations. Handed to a
solver afresh each time, nearly all the time goes on finding a first corner; HiGHS (Huangfu and Hall 2018) keeps its
last one.
"""

from __future__ import annotations

import numpy as np
from highspy import Highs, HighsLp, HighsModelStatus, HighsVarType, MatrixFormat
from numpy.typing import NDArray
from scipy.sparse import csr_array

Floats = NDArray[np.float64]
_DUAL, _PRIMAL = 1, 4
"""HiGHS's numbers of its simplex methods."""


class Infeasible(Exception):
    """No values satisfy the equations within the bounds."""


class OutOfTime(Exception):
    """The solver found nothing within the time given."""


class _Quiet(Highs):  # type: ignore[misc]
    """The solver without the callbacks of its interactive use, whose setting up prints a banner."""

    def __init__(self) -> None:
        super(Highs, self).__init__()
        self.setOptionValue("output_flag", False)


class Programme:
    """`matrix` x = `right`, `low` <= x <= `high`; whole numbers where `whole`. Infinite bounds are np.inf."""

    def __init__(
        self,
        matrix: csr_array,
        right: Floats,
        low: Floats,
        high: Floats,
        *,
        whole: bool = False,
        seconds: float = 5.0,
    ) -> None:
        rows, self._size = matrix.shape
        held = matrix.tocsr()
        model = HighsLp()
        model.num_col_, model.num_row_ = self._size, rows
        model.col_cost_ = np.zeros(self._size)
        model.col_lower_, model.col_upper_ = low, high
        model.row_lower_ = model.row_upper_ = np.asarray(right, dtype=float)
        model.a_matrix_.format_ = MatrixFormat.kRowwise
        model.a_matrix_.num_col_, model.a_matrix_.num_row_ = self._size, rows
        model.a_matrix_.start_ = held.indptr.astype(np.int32)
        model.a_matrix_.index_ = held.indices.astype(np.int32)
        model.a_matrix_.value_ = held.data.astype(float)
        if whole:
            model.integrality_ = [HighsVarType.kInteger] * self._size
        self._solver = _Quiet()
        self._solver.setOptionValue("threads", 1)
        self._seconds = seconds
        self._solver.passModel(model)
        self._columns = np.arange(self._size, dtype=np.int32)
        self._corner = False

    def bounds(self, low: Floats, high: Floats) -> None:
        """Sets every variable's bounds anew."""
        self._solver.changeColsBounds(self._size, self._columns, low, high)
        self._corner = False

    def least(self, objective: Floats) -> Floats:
        """Values that make `objective` · x least. Raises Infeasible, or OutOfTime where no values were found."""
        # Asked of the same corner again, the primal simplex walks on from it; the dual would have to leave it first.
        self._solver.setOptionValue("simplex_strategy", _PRIMAL if self._corner else _DUAL)
        self._solver.changeColsCost(self._size, self._columns, np.asarray(objective, dtype=float))
        # The solver's clock runs over all its questions; the time is meant for one.
        self._solver.setOptionValue("time_limit", self._solver.getRunTime() + self._seconds)
        self._solver.run()
        status = self._solver.getModelStatus()
        if status == HighsModelStatus.kInfeasible:
            raise Infeasible
        self._corner = status == HighsModelStatus.kOptimal
        info, solution = self._solver.getInfo(), self._solver.getSolution()
        if status != HighsModelStatus.kOptimal and info.primal_solution_status != 2:
            raise OutOfTime
        return np.asarray(solution.col_value, dtype=float)
