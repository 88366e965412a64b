r"""From floating-point multipliers to rational ones that satisfy equations exactly.

Rounded multipliers miss linear equations, such as $\sum_k \lambda_k B_k = e$, by about
the rounding. They are mended in as many rows as there are equations: the largest
multipliers whose columns are independent, which stay positive.
"""

from collections.abc import Mapping
from fractions import Fraction

DENOMINATOR = 10**12

Weights = dict[str, Fraction]


def rounded(
    multipliers: Mapping[str, float], denominator: int = DENOMINATOR
) -> Weights:
    """The nearest multiples of one over the denominator."""
    return {
        name: Fraction(round(number * denominator), denominator)
        for name, number in multipliers.items()
    }


def balanced(
    weights: Weights, columns: Mapping[str, Weights], target: Weights
) -> Weights:
    r"""The same multipliers, changed in few rows so that $\sum_k \lambda_k a_k = b$.

    Args:
        weights: $\lambda_k$ by the row's name.
        columns: $a_k$: what each row puts into each equation, by the equation's name.
        target: $b$ by the equation's name; 0 where it is missing.

    Raises:
        ArithmeticError: If no change of the multipliers satisfies the equations.

    """
    missing = target
    for name, weight in weights.items():
        missing = _less(missing, weight, columns[name])
    # Gaussian elimination on the columns, those of the largest multipliers first.
    pivots: dict[str, tuple[Weights, Weights]] = {}
    for name in sorted(weights, key=lambda name: (-abs(weights[name]), name)):
        column, made_of = columns[name], {name: Fraction(1)}
        for key, (other, combination) in pivots.items():
            factor = column.get(key, Fraction(0))
            column = _less(column, factor, other)
            made_of = _less(made_of, factor, combination)
        if not column:
            continue
        key = min(column)
        pivots[key] = (_over(column[key], column), _over(column[key], made_of))
    change: Weights = {}
    for key, (column, combination) in pivots.items():
        factor = missing.get(key, Fraction(0))
        missing = _less(missing, factor, column)
        change = _less(change, -factor, combination)
    if missing:
        msg = f"no multipliers satisfy the equation of {min(missing)}"
        raise ArithmeticError(msg)
    return _less(weights, Fraction(-1), change)


def _over(divisor: Fraction, a: Weights) -> Weights:
    return {key: number / divisor for key, number in a.items()}


def _less(a: Weights, factor: Fraction, b: Weights) -> Weights:
    """`a - factor * b`, without zeros."""
    total = dict(a)
    if factor:
        for key, number in b.items():
            total[key] = total.get(key, Fraction(0)) - factor * number
    return {key: number for key, number in total.items() if number}
