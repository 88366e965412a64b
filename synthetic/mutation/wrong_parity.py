"""Wrong Fourier coefficients, samples and layers of sparse parity."""

from __future__ import annotations

from synthetic.mutation.mutant import Mutant

FOURIER = "theory.fourier"
NETWORK = "theory.parity_network"
SAMPLES = "synthetic.parity.exact_samples"

MUTANTS = (
    Mutant(
        label="a neuron that is on at ties",
        module=FOURIER,
        old="return max(-1, min(d, ceil(Fraction(d + b) / 2) - 1))",
        new="return max(-1, min(d, int(Fraction(d + b) // 2)))",
        seen_by=("parity.fourier.krawtchouk",),
        witness="last_weight(4, 0)",
    ),
    Mutant(
        label="one weight fewer in the threshold",
        module=FOURIER,
        old="return max(-1, min(d, ceil(Fraction(d + b) / 2) - 1))",
        new="return max(-1, min(d, ceil(Fraction(d + b) / 2) - 2))",
        seen_by=("parity.fourier.krawtchouk",),
        witness="last_weight(5, 0)",
    ),
    Mutant(
        label="2^(d-1) for 2^d",
        module=FOURIER,
        old="return Fraction(krawtchouk(last, j - 1, d - 1), 2**d)",
        new="return Fraction(krawtchouk(last, j - 1, d - 1), 2 ** (d - 1))",
        seen_by=("parity.fourier.krawtchouk",),
        witness="coefficient(1, 5)",
    ),
    Mutant(
        label="the polynomial at j for j - 1",
        module=FOURIER,
        old="return Fraction(krawtchouk(last, j - 1, d - 1), 2**d)",
        new="return Fraction(krawtchouk(last, j, d), 2**d)",
        seen_by=("parity.fourier.krawtchouk",),
        witness="coefficient(2, 6)",
    ),
    Mutant(
        label="Krawtchouk's polynomial without its signs",
        module=FOURIER,
        old="return sum((-1) ** i * comb(x, i) * comb(n - x, w - i) for i in terms)",
        new="return sum(comb(x, i) * comb(n - x, w - i) for i in terms)",
        seen_by=("parity.fourier.krawtchouk",),
        witness="krawtchouk(1, 2, 4)",
    ),
    Mutant(
        label="the coefficients of the majority with one sign",
        module=FOURIER,
        old="return Fraction((-1) ** a * comb(m, a)",
        new="return Fraction(comb(m, a)",
        seen_by=("parity.fourier.majority",),
        witness="majority(3, 5)",
    ),
    Mutant(
        label="the recurrence in d off by two",
        module=FOURIER,
        old="return Fraction(d - k + 2, d + 1)",
        new="return Fraction(d - k, d + 1)",
        seen_by=("parity.fourier.recurrence",),
        witness="step_ratio(2, 5)",
    ),
    Mutant(
        label="the union for the symmetric difference",
        module=NETWORK,
        old="support = set(range(k)) ^ {i}",
        new="support = set(range(k)) | {i}",
        seen_by=("parity.grad.formula",),
        witness="toggled(2, 0)",
    ),
    Mutant(
        label="the gradient with the wrong sign",
        module=NETWORK,
        old="return [-a * sign_of(weights, s)",
        new="return [a * sign_of(weights, s)",
        seen_by=("parity.grad.formula",),
        witness="gradient((1, 1, 1), 2, 1, 0)",
    ),
    Mutant(
        label="eta for eta/2 in the first step",
        module=NETWORK,
        old="return Fraction(eta) / 2 * coefficient(",
        new="return Fraction(eta) * coefficient(",
        seen_by=("parity.degree1.after_one_step",),
        witness="degree_one_change(((1, 1, 1),), (1,), 2, 1, 0)",
    ),
    Mutant(
        label="a quarter of the labels of the first checkpoint",
        module=NETWORK,
        old="read = 32.0 / float(c) ** 2 * math.log(2 * d / float(delta))",
        new="read = 8.0 / float(c) ** 2 * math.log(2 * d / float(delta))",
        seen_by=("parity.mid_checkpoint.certificate",),
        witness="checkpoint_samples(10, 3, 0.5, 0.1)",
    ),
    Mutant(
        label="the union over d coordinates for both signs forgotten",
        module=NETWORK,
        old="read = 32.0 / float(c) ** 2 * math.log(2 * d / float(delta))",
        new="read = 32.0 / float(c) ** 2 * math.log(1 / float(delta))",
        seen_by=("parity.mid_checkpoint.certificate",),
        witness="checkpoint_samples(10, 3, 0.5, 0.1)",
    ),
    Mutant(
        label="too few labels for one neuron",
        module=NETWORK,
        old="return math.ceil(8.0 / float(g) ** 2 * math.log(2 * d / float(delta))",
        new="return math.ceil(0.1 / float(g) ** 2 * math.log(2 * d / float(delta))",
        seen_by=("parity.label.enough",),
        witness="label_samples(15, 4, 0.1)",
    ),
    Mutant(
        label="half of the output weights of the second layer",
        module=NETWORK,
        old="rest = [Unit(2 * (-1) ** (k + j), 2 * (j - 1) - k)",
        new="rest = [Unit((-1) ** (k + j), 2 * (j - 1) - k)",
        seen_by=("parity.second_phase.representation",),
        witness="parity_units(3)",
    ),
    Mutant(
        label="agreements counted one short",
        module=SAMPLES,
        old="for count in range(least):",
        new="for count in range(least - 1):",
        seen_by=("probe.tails", "parity.mid_checkpoint.samples"),
        witness="below(3, Fraction(1, 2), 2)",
    ),
    Mutant(
        label="inclusion without exclusion",
        module=SAMPLES,
        old="(-1) ** (j + 1) * comb(cells, j) * (cells - j) ** n",
        new="comb(cells, j) * (cells - j) ** n",
        seen_by=("probe.tails", "parity.mid_checkpoint.samples"),
        witness="unseen(4, 6)",
    ),
    Mutant(
        label="one rival set not looked at",
        module="synthetic.parity.exact_search",
        old="for s in list(combinations(range(len(columns)), k))[1:]:",
        new="for s in list(combinations(range(len(columns)), k))[2:]:",
        seen_by=("probe.search",),
        witness="ambiguous(np.array([1, 1, 0]), 1)",
    ),
)
