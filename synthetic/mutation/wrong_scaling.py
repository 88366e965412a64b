"""Wrong laws, costs, plans and enclosures of distillation's scaling."""

from __future__ import annotations

from synthetic.mutation.mutant import Mutant

LAW = "theory.scaling_law"
FLOPS = "theory.scaling_flops"
DATA = "theory.scaling_coefficients"
ENCLOSE = "synthetic.scaling.enclose"
OPTIMAL = "synthetic.scaling.optimal"

MUTANTS = (
    Mutant(
        label="the law without c0",
        module=LAW,
        old="return -q.c0 * log_teacher + log_bracket(",
        new="return log_bracket(",
        seen_by=("scaling.sane_losses",),
        witness="log_excess(Law(Supervised(8.0, 9.0, 0.2, 0.4, 0.4, 0.5), Distilled("
        "7.0, 10.0, 0.3, 0.6, 0.7, 2.5, 500.0, 0.09, 0.3)), 20.0, 24.0, 0.8)",
    ),
    Mutant(
        label="the transition without d1",
        module=LAW,
        old="u = (log_ratio - q.log_d1) / q.f1",
        new="u = log_ratio / q.f1",
        seen_by=("scaling.sane_losses",),
        witness="log_bracket(Distilled(7, 10, 0.3, 0.6, 0.7, 2.5, 500, 0.09, 0.3), 0)",
    ),
    Mutant(
        label="the student's size with the power of its tokens",
        module=LAW,
        old="p.log_A - p.alpha * log_N",
        new="p.log_A - p.beta * log_N",
        seen_by=("scaling.sane_losses",),
        witness="log_supervised(Supervised(8.0, 9.0, 0.2, 0.4, 0.5, 0.5), 20.0, 24.0)",
    ),
    Mutant(
        label="the bracket with the sign of a reward",
        module=LAW,
        old="return -q.c1 * q.f1 * xp.logaddexp",
        new="return q.c1 * q.f1 * xp.logaddexp",
        seen_by=("scaling.sane_losses", "scaling.transition_ratio"),
        witness="log_bracket(Distilled(7, 10, 0.3, 0.6, 0.7, 2.5, 500, 0.09, 0.3), 0)",
    ),
    Mutant(
        label="the caption's exponents",
        module=LAW,
        old="return beta / (alpha + beta), alpha / (alpha + beta)",
        new="return alpha / (alpha + beta), beta / (alpha + beta)",
        seen_by=("scaling.compute_exponents",),
        witness="compute_exponents(0.3, 0.6)",
    ),
    Mutant(
        label="the factor 3 of a training step forgotten",
        module=FLOPS,
        old="return 3.0 * forward(N, a) * D",
        new="return forward(N, a) * D",
        seen_by=("scaling.crossover_flops",),
        witness="training(1e9, 1e10)",
    ),
    Mutant(
        label="attention at half its cost",
        module=FLOPS,
        old="2.0 * a.attention * N ** (2 / 3)",
        new="1.0 * a.attention * N ** (2 / 3)",
        seen_by=("scaling.flops.table13",),
        witness="forward(1e9)",
    ),
    Mutant(
        label="no output layer",
        module=FLOPS,
        old=" + 2.0 * a.readout * N ** (1 / 3)",
        new="",
        seen_by=("scaling.flops.table13",),
        witness="forward(1e9)",
    ),
    Mutant(
        label="c0 in place of another, by one digit",
        module=DATA,
        old='"c0": Estimate(2.549, 2.425, 2.615)',
        new='"c0": Estimate(2.594, 2.425, 2.615)',
        seen_by=("scaling.sane_losses",),
        witness="PUBLISHED.distilled.c0",
    ),
    Mutant(
        label="boxes with the excess of their best teacher",
        module=ENCLOSE,
        old="least = np.exp(low) + np.exp(log_excess(law, log_N, log_D, high))",
        new="least = np.exp(high) + np.exp(log_excess(law, log_N, log_D, low))",
        seen_by=("probe.enclosure",),
        witness="best_case(__import__('theory.scaling_coefficients', fromlist=['x'])"
        ".PUBLISHED, 1e9, 1e10).low",
    ),
    Mutant(
        label="a box's tokens from its largest teacher",
        module=ENCLOSE,
        old="log_S = np.log(budget.student_tokens(np.exp(small), _share(little)))",
        new="log_S = np.log(budget.student_tokens(np.exp(large), _share(much)))",
        seen_by=("probe.boxes",),
        witness="allocation(__import__('theory.scaling_coefficients', fromlist=['x'])"
        ".PUBLISHED, Budget(1e9, 1e22, Scenario('', 1.0, 1.0)), gap=1e-3).low",
    ),
    Mutant(
        label="a plan whose teacher's inference is free",
        module=ENCLOSE,
        old="return np.asarray((1.0 - share) * self.compute / (own + asked))",
        new="return np.asarray((1.0 - share) * self.compute / own)",
        seen_by=("scaling.allocation_table3",),
        witness="Budget(1e9, 1e22, Scenario('', 1.0, 1.0)).student_tokens("
        "np.array([1e9]), np.array([0.5]))",
    ),
    Mutant(
        label="a search that stops at its first grid",
        module=OPTIMAL,
        old="POINTS, ROUNDS, FINER = 61, 9, 1.0 / 12.0",
        new="POINTS, ROUNDS, FINER = 61, 1, 1.0 / 12.0",
        seen_by=("probe.plan",),
        witness="ROUNDS",
    ),
    Mutant(
        label="a kernel student that does not see its teacher's norm",
        module="theory.claims.scaling_kernel",
        old="s = np.minimum(np.minimum(1.0, T / a_m), D / a_k)",
        new="s = np.minimum(1.0, D / a_k)",
        seen_by=("scaling.kernel_ushape.formula",),
        witness="student_error(*np.array([8.0, 3.0, 9.0, 1.0, 5.0]))",
    ),
    Mutant(
        label="a crossover that wants more than a tie, for less",
        module="synthetic.scaling.meters_teacher",
        old="return np.asarray(own - taught - np.log1p(tolerance))",
        new="return np.asarray(own - taught + np.log1p(tolerance))",
        seen_by=("scaling.crossover_flops",),
        witness="crossover(__import__('theory.scaling_coefficients', fromlist=['x'])"
        ".PUBLISHED, 1e9, 2.0, 0.02)",
    ),
)
