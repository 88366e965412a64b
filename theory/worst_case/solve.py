"""One solver for each program: by how many multipliers are free, and how large G is."""

from theory.worst_case import conic, interior
from theory.worst_case.program import Program
from theory.worst_case.solution import SOLVED, STRICT, Guard, Solution, check

TOLERANCES = (1e-10, 1e-8)
"""The second where the first cannot be reached; `check` measures the residuals anew."""
LARGE = 9


def solve(program: Program, guard: Guard = STRICT) -> Solution:
    r"""The worst case, by the solver that suits the program, and checked.

    Clarabel factors a system of the order $m + n^2/2$, the interior-point method here
    one of the order $m - k$, but it costs more for each iteration: it comes first where
    G is large and the multipliers are few, else after an early stop of the other.

    Raises:
        NoBoundError: If no solution may be believed.

    """
    m, n = len(program.rows.names), len(program.form)
    few = m - len(program.weights) <= n * (n + 1) // 2
    engines = (interior, conic) if few and n >= LARGE else (conic, interior)
    for tolerance in TOLERANCES:
        for engine in engines:
            found = engine.solve(program, tolerance)
            if found.status == SOLVED:
                return check(program, found, guard)
    return check(program, found, guard)
