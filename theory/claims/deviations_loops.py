r"""The student's filter is a product: literal loops against the formula."""

from typing import Any

from theory import spectrum
from theory.claims.deviations_common import deviation_claim, largest
from theory.method import Family

ACCURACY = 10**12
"""One over what formula and float64 loops may differ by, relative."""


def _product(c: Any, student: tuple[Any, ...], labels: tuple[Any, ...]) -> Any:
    """The largest residual over eigendirections."""
    rows = zip(c.design.lams, student, labels, strict=True)
    return largest(
        seen
        - label
        * (
            1
            - spectrum.student_complement(
                c.teacher.complement(lam), c.student.complement(lam)
            )
        )
        for lam, seen, label in rows
    )


def _off(_c: Any, off: Any) -> Any:
    return off * ACCURACY


PRODUCT = deviation_claim(
    "filter.product",
    "The student's filter is the product of its own and its teacher's",
    r"$w_S = V\mathrm{diag}[(1 - (1 - \eta_T\lambda_k)^{n_T})(1 - (1 - \eta_S\lambda_k)"
    r"^{n_S})]V^\top X^+y$, at any step sizes, stable or not",
    "w_{s+1} = (I - eta C) w_s + eta C w_T, so w_s = (I - (I - eta C)^s) w_T from 0; "
    "the teacher the same with X^+ y for w_T. Where lambda_k = 0 both factors are 0.",
    (Family.DEVIATIONS_LOOP,),
    _product,
    ("student", "labels"),
)

FLOAT64 = deviation_claim(
    "filter.float64",
    "Loops, flows and ridge in float64 are the formula to 1e-12",
    r"$\|w_S - V\mathrm{diag}(S)V^\top X^+y\|_\infty \le 10^{-12}\|X^+y\|_\infty$ with "
    r"S from complements, for descent, flow (matrix exponentials) and ridge (solved)",
    "deviations.filter.product, whose proof uses of (I - eta C)^s only that it is a "
    "function of C: e^{-tC} and mu (C + mu I)^-1 do as well. The size of the rounding "
    "errors is measured, not proved.",
    (Family.DEVIATIONS_LOOP,),
    _off,
    ("off",),
    at_most_one=True,
)

CLAIMS = (PRODUCT, FLOAT64)
