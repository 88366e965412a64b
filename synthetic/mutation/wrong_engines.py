"""Wrong engines: runs, trees, draws, kernels, roundoff."""

from __future__ import annotations

from synthetic.mutation.mutant import Mutant

LOOP = "synthetic.engines.simulate"
TREE = "synthetic.engines.tree"
DRAWS = "synthetic.draws"
KERNEL = "synthetic.engines.kernel"
COMMON = "synthetic.engines.common"

MUTANTS = (
    Mutant(
        label="lambda of the step after",
        module=LOOP,
        old="x = formulas.average(x, z, method.schedule(t + 1.0))",
        new="x = formulas.average(x, z, method.schedule(t + 2.0))",
        seen_by=("iam.averaging",),
        witness="small.on_paths('gap')",
    ),
    Mutant(
        label="the oracle is asked at z",
        module=LOOP,
        old="loss, grad = answer(problem, drawn, x)",
        new="loss, grad = answer(problem, drawn, z)",
        seen_by=("iam.ball", "iam.fejer"),
        witness="small.on_paths('gap')",
    ),
    Mutant(
        label="the gradient of the step before",
        module=LOOP,
        old="        direction = grad\n",
        new="        direction = moment if t and setting.metric is None else grad\n"
        "        moment = grad if setting.metric is None else moment\n",
        seen_by=("sps.ball", "sps.fejer.pathwise"),
        witness="small.on_paths('gap')",
    ),
    Mutant(
        label="points in single precision",
        module=LOOP,
        old="z = z - eta[:, None] * direction",
        new="z = (z - eta[:, None] * direction).astype(np.float32).astype(float)",
        seen_by=("sps.fejer.pathwise",),
        witness="small.on_paths('gap')",
    ),
    Mutant(
        label="the step uphill",
        module=LOOP,
        old="z = z - eta[:, None] * direction",
        new="z = z + eta[:, None] * direction",
        seen_by=("sps.ball",),
        witness="small.on_paths('gap')",
    ),
    Mutant(
        label="the averaged iterate divided by t + 2",
        module=LOOP,
        old='self.put("iterate_gap", problem.gap(self.x_sum / (t + 1)))',
        new='self.put("iterate_gap", problem.gap(self.x_sum / (t + 2)))',
        seen_by=("sps.lipschitz.iterate",),
        witness="small.on_tree('iterate_gap')",
    ),
    Mutant(
        label="the last gap for the average gap",
        module=LOOP,
        old='self.put("gap", gap)\n'
        '        self.put("average_gap", self.gap_sum / (t + 1))',
        new='self.put("gap", gap)\n        self.put("average_gap", gap)',
        seen_by=("sps.lipschitz.average",),
        witness="small.on_tree('average_gap')",
    ),
    Mutant(
        label="the worst iterate for the best",
        module=LOOP,
        old="self.best = np.minimum(self.best, gap)",
        new="self.best = np.maximum(self.best * (t > 0), gap) if t else gap",
        seen_by=("sps.lipschitz.best",),
        witness="small.on_tree('best_gap')",
    ),
    Mutant(
        label="d_t with the wrong sign of its inner product",
        module=LOOP,
        old='self.put("dual_gap", gap + dot(mean, z - x))',
        new='self.put("dual_gap", gap + dot(mean, x - z))',
        seen_by=("iam.identity",),
        witness="small.on_tree('dual_gap')",
    ),
    Mutant(
        label="the Bregman term with the wrong sign of its inner product",
        module=LOOP,
        old='self.put("bregman", gap_before - gap - dot(mean, x_before - x))',
        new='self.put("bregman", gap_before - gap + dot(mean, x_before - x))',
        seen_by=("iam.identity",),
        witness="small.on_tree('bregman')",
    ),
    Mutant(
        label="the mean of z over t points for t + 1",
        module=LOOP,
        old="count = max(t if skips_first else t + 1, 1)",
        new="count = max(t, 1)",
        seen_by=("iam.averaging",),
        witness="small.on_tree('mean_residual')",
    ),
    Mutant(
        label="distances from the origin",
        module=LOOP,
        old="away = x - self.setting.problem.point",
        new="away = x - 0.0 * self.setting.problem.point",
        seen_by=("sps.ball",),
        witness="small.on_tree('dist_sq')",
    ),
    Mutant(
        label="a run that stops one step early",
        module=LOOP,
        old="if t >= len(draws):",
        new="if t >= len(draws) - 1:",
        seen_by=("sps.ball", "sps.lipschitz"),
        witness="len(small.on_tree('gap'))",
    ),
    Mutant(
        label="the last path of the tree dropped",
        module=TREE,
        old="weights = np.prod(chance[path], axis=0)",
        new="weights = np.prod(chance[path], axis=0)\n        weights[1:][-1:] = 0.0",
        seen_by=("probe.tree.*",),
        witness="small.on_tree('gap')",
    ),
    Mutant(
        label="path weights that sum to n",
        module=TREE,
        old="weights = np.prod(chance[path], axis=0)",
        new="weights = np.prod(chance[path][1:], axis=0)",
        seen_by=("probe.tree.*",),
        witness="small.on_tree('gap')",
    ),
    Mutant(
        label="all paths equally likely",
        module=TREE,
        old="weights = np.prod(chance[path], axis=0)",
        new="weights = np.full(path.shape[1], 1.0 / path.shape[1])",
        seen_by=("probe.tree.*", "sps.lipschitz"),
        witness="grow(small.sparse(), frozenset({'gap'}))[2]",
    ),
    Mutant(
        label="one draw for all steps of a path",
        module=TREE,
        old="return np.asarray((path[None, :] // place[:, None]) % num_components)",
        new="return np.asarray((path[None, :] // (1 + 0 * place[:, None]))"
        " % num_components)",
        seen_by=("probe.tree.*",),
        witness="all_draws(2, 2)",
    ),
    Mutant(
        label="the paths of the tree in another order",
        module=TREE,
        old="place = num_components ** np.arange(num_steps - 1, -1, -1)",
        new="place = num_components ** np.arange(num_steps)",
        seen_by=(),
        witness="all_draws(2, 2)",
        harmless=(
            "It reverses the digits of each path's number: a bijection of the paths, "
            "so every mean and every maximum over them is the same."
        ),
    ),
    Mutant(
        label="draws that favour the first components",
        module=DRAWS,
        old='return np.searchsorted(sums, u, side="right").astype(np.int64)',
        new='return np.searchsorted(sums, u * u, side="right").astype(np.int64)',
        seen_by=("probe.draws.*",),
        witness="component_draws(0, 0, 3, 2, np.full(4, 0.25), 4)",
    ),
    Mutant(
        label="one draw for all steps of a replica",
        module=DRAWS,
        old="return mix(mix(key + np.uint64(step) * _STEP) ^ key)",
        new="return mix(mix(key + np.uint64(0) * np.uint64(step)) ^ key)",
        seen_by=("probe.draws.*",),
        witness="uniforms(0, np.arange(2), np.arange(2))",
    ),
    Mutant(
        label="two replicas with one seed",
        module=DRAWS,
        old="key = mix(mix(np.uint64(seed) ^ _SEED) ^ np.uint64(replica))",
        new="key = mix(mix(np.uint64(seed) ^ _SEED)"
        " ^ (np.uint64(replica) >> np.uint64(1)))",
        seen_by=("probe.draws.*",),
        witness="uniforms(0, np.arange(2), np.arange(2))",
    ),
    Mutant(
        label="the seed ignored",
        module=DRAWS,
        old="key = mix(mix(np.uint64(seed) ^ _SEED) ^ np.uint64(replica))",
        new="key = mix(mix((np.uint64(seed) & np.uint64(0)) ^ _SEED)"
        " ^ np.uint64(replica))",
        seen_by=("probe.draws.*",),
        witness="uniforms(1, np.arange(2), np.arange(2))",
    ),
    Mutant(
        label="lambda of the step before, in the kernel",
        module=KERNEL,
        old="_move(s, walk.lam[t + 1])",
        new="_move(s, walk.lam[t])",
        seen_by=("probe.kernel.*",),
        witness="small.on_kernel('gap')",
    ),
    Mutant(
        label="the sampled average divided by t + 2, in the kernel",
        module=KERNEL,
        old="out[lane, AVERAGE, row] = s.excess[lane] / (t + 1)",
        new="out[lane, AVERAGE, row] = s.excess[lane] / (t + 2)",
        seen_by=("probe.kernel.*",),
        witness="small.on_kernel('average_gap')",
    ),
    Mutant(
        label="the ridge penalty doubled, in the kernel",
        module="synthetic.engines.gaps",
        old="out[lane] *= 0.5 * data.ridge",
        new="out[lane] *= data.ridge",
        seen_by=("probe.kernel.*",),
        witness="small.on_kernel('gap', loss='ridge')",
    ),
    Mutant(
        label="roundoff left out",
        module=COMMON,
        old="return np.asarray(error + BOUND_ROUNDOFF * np.abs(bound))",
        new="return np.asarray(0.0 * (error + BOUND_ROUNDOFF * np.abs(bound)))",
        seen_by=("iam.identity", "iam.averaging"),
        witness="small.rounding()",
    ),
    Mutant(
        label="roundoff as wide as the bound",
        module=COMMON,
        old="return np.asarray(error + BOUND_ROUNDOFF * np.abs(bound))",
        new="return np.asarray(error + np.abs(bound))",
        seen_by=("sps.ball",),
        witness="small.rounding()",
    ),
    Mutant(
        label="every refutation passes for confirmed",
        module="synthetic.replay",
        old="return bool(value > bound + BOUND_ROUNDOFF * abs(bound))",
        new="return bool(value is not None)",
        seen_by=("probe.replay",),
        witness="small.confirmed(2.0)",
    ),
)
