"""Wrong judgement, confidence limits and sure ranges."""

from __future__ import annotations

from synthetic.mutation.mutant import Mutant

CONFIDENCE = "theory.confidence"
JUDGE = "theory.judge"
_LIMITS = "small.limits()"

MUTANTS = (
    Mutant(
        label="alpha spent on each side in full",
        module=CONFIDENCE,
        old="error = alpha / (2 * num_quantities)",
        new="error = alpha / num_quantities",
        seen_by=("probe.confidence.*",),
        witness=_LIMITS,
    ),
    Mutant(
        label="the union bound forgotten",
        module=CONFIDENCE,
        old="error = alpha / (2 * num_quantities)",
        new="error = alpha / 2",
        seen_by=("probe.confidence.*",),
        witness=_LIMITS,
    ),
    Mutant(
        label="the best bet in hindsight for the mixture",
        module=CONFIDENCE,
        old="share = np.exp(log_wealth - peak).mean(axis=0)",
        new="share = np.exp(log_wealth - peak).max(axis=0)",
        seen_by=("probe.confidence.*",),
        witness=_LIMITS,
    ),
    Mutant(
        label="mean minus two standard errors for the lower limit",
        module=CONFIDENCE,
        old="        _lower_limit(x, float(end), error) for x, end in"
        " zip(columns, low, strict=True)\n",
        new="        float(x.mean() - 2.0 * x.std() / len(x) ** 0.5)"
        " for x, end in zip(columns, low, strict=True)\n",
        seen_by=("probe.confidence.*",),
        witness=_LIMITS,
    ),
    Mutant(
        label="one-sided: the mean for the upper limit",
        module=CONFIDENCE,
        old="        -_lower_limit(-x, -float(end), error)\n",
        new="        float(x.mean() + 0.0 * end)\n",
        seen_by=("probe.confidence.*",),
        witness=_LIMITS,
    ),
    Mutant(
        label="a stake of more than all",
        module=CONFIDENCE,
        old="BETS: FloatArray = np.append(1.0,",
        new="BETS: FloatArray = np.append(1.25,",
        seen_by=("probe.confidence.*",),
        witness="BETS[0]",
    ),
    Mutant(
        label="a judge with a tolerance of two percent",
        module=JUDGE,
        old="above = lower - evidence.roundoff > bound",
        new="above = lower - evidence.roundoff > bound + 0.02 * np.abs(bound)",
        seen_by=("probe.judge", "sps.lipschitz.average"),
        witness="small.judged(1.01)",
    ),
    Mutant(
        label="a judge that lets upper limits pass",
        module=JUDGE,
        old="below = (upper <= bound + evidence.roundoff) | ~fine",
        new="below = (lower <= bound + evidence.roundoff) | ~fine",
        seen_by=("probe.judge",),
        witness="small.judged(0.5, 1.5)",
    ),
    Mutant(
        label="a judge of the estimate alone",
        module=JUDGE,
        old="above = lower - evidence.roundoff > bound",
        new="above = evidence.estimate - evidence.roundoff > bound",
        seen_by=("probe.judge",),
        witness="small.judged(0.5, 1.8)",
    ),
    Mutant(
        label="a judge of the last time alone",
        module=JUDGE,
        old="if np.any(above):",
        new="if above[-1]:",
        seen_by=("probe.judge", "sps.lipschitz.average"),
        witness="small.judged_twice(2.0, 0.5)",
    ),
    Mutant(
        label="a judge that lets NaN pass",
        module=JUDGE,
        old="or np.any(np.isnan(evidence.estimate)):",
        new="or np.all(np.isnan(bound)):",
        seen_by=("probe.judge",),
        witness="small.judged_twice(0.5, float('nan'), rounding=(0.0, 1.0))",
    ),
    Mutant(
        label="coarse arithmetic passes for fine",
        module=JUDGE,
        old="FINEST = 1e-6",
        new="FINEST = 1e6",
        seen_by=("probe.judge",),
        witness="small.judged(0.5, rounding=1.0)",
    ),
    Mutant(
        label="half of the sure range of a gap",
        module="theory.claim",
        old="return np.full_like(t, low), np.full_like(t, c.gap_max)",
        new="return np.full_like(t, low), np.full_like(t, 0.5 * c.gap_max)",
        seen_by=("probe.support",),
        witness="small.support(gap_support)",
    ),
    Mutant(
        label="sampled excesses taken for nonnegative",
        module="theory.claim",
        old="return np.full_like(t, c.excess_low), np.full_like(t, c.excess_high)",
        new="return np.zeros_like(t), np.full_like(t, c.excess_high)",
        seen_by=("probe.support",),
        witness="small.support(sampled_support)",
    ),
    Mutant(
        label="distances taken to halve at once",
        module="theory.claim",
        old="return np.zeros_like(t), np.full_like(t, (c.reach / c.D) ** 2)",
        new="return np.zeros_like(t), np.full_like(t, 0.5 * (c.reach / c.D) ** 2)",
        seen_by=("probe.support",),
        witness="small.support(distance_support)",
    ),
    Mutant(
        label="the whole error probability for every pair",
        module="synthetic.session",
        old="alpha_each = options.alpha / max(num_sampled(tasks, options.engine), 1)",
        new="alpha_each = options.alpha + 0.0 * num_sampled(tasks, options.engine)",
        seen_by=("probe.alpha",),
        witness="small.share()",
    ),
)
