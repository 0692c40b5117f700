"""Makes reference.json: what scipy, statsmodels and scikit-learn say.

    pip install numpy scipy statsmodels scikit-learn
    python reference.py > reference.json
"""

import json

import numpy as np
import scipy
import sklearn
import statsmodels
from scipy import stats
from sklearn.metrics import brier_score_loss
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

rng = np.random.default_rng(13)


def wilson(count, rows, level):
    lower, upper = proportion_confint(count, rows, alpha=1 - level, method="wilson")
    return dict(count=count, rows=rows, level=level, lower=lower, upper=upper)


def mcnemar_p(better, worse):
    # Exact below 25 discordant pairs, chi-square with correction from there on.
    table = [[0, better], [worse, 0]]
    p = mcnemar(table, exact=better + worse < 25, correction=True).pvalue
    return dict(better=better, worse=worse, p=float(p))


def holm(p_values):
    return dict(p_values=p_values, adjusted=multipletests(p_values, method="holm")[1].tolist())


def graded_rows(n=230, bins=15):
    # Two decimals make many ties; float32 because the program stores that.
    confidence = np.float32(np.round(rng.beta(6, 1.5, n), 2))
    right = rng.random(n) < 0.7 * confidence + 0.1
    truth = confidence.astype(float)
    # Equal-mass bins over rows sorted by confidence, wrong before right in a tie.
    order = np.lexsort((right, truth))
    edges = [bin * n // bins for bin in range(bins + 1)]
    ece = sum(
        (to - start) / n * abs(truth[order[start:to]].mean() - right[order[start:to]].mean())
        for start, to in zip(edges, edges[1:])
    )
    # Errors among the k most confident: interpolated between the ends of ties,
    # which is the mean over all orders within a tie.
    levels = np.unique(truth)[::-1]
    rows_at = [0] + [int((truth >= level).sum()) for level in levels]
    errors_at = [0] + [int(((truth >= level) & ~right).sum()) for level in levels]
    errors = np.interp(np.arange(1, n + 1), rows_at, errors_at)
    return dict(
        confidence=truth.tolist(),
        right=right.tolist(),
        accuracy=float(right.mean()),
        brier=float(brier_score_loss(right, truth)),
        calibration_error=float(ece),
        risk_coverage_area=float((errors / np.arange(1, n + 1)).mean()),
        matched_errors=[dict(c=c, errors=float(errors[c - 1])) for c in (1, 17, 100, n)],
    )


def crossed_difference(seeds=4, resamples=60, groups=37):
    effect = rng.normal(0, 3, resamples)[:, None]
    resampled = np.round(-5 + effect + rng.normal(0, 2, (resamples, seeds)), 3)
    by_seed = np.round(-5 + rng.normal(0, 4, seeds), 3)
    over_groups = resampled.mean(axis=1).var(ddof=1)
    within = resampled.var(axis=0, ddof=1).mean()
    over_seeds = by_seed.var(ddof=1) / seeds
    interaction = (within - over_groups) / (seeds - 1)
    assert over_seeds > interaction > 0
    total = over_groups + over_seeds - interaction
    df = total**2 / (over_groups**2 / (groups - 1) + over_seeds**2 / (seeds - 1))
    lower, upper = stats.t.interval(0.95, df, by_seed.mean(), np.sqrt(total))
    return dict(
        by_seed=by_seed.tolist(),
        resampled=resampled.tolist(),
        groups=groups,
        mean=by_seed.mean(),
        lower=lower,
        upper=upper,
        p_lower=stats.t.cdf(by_seed.mean() / np.sqrt(total), df),
    )


reference = dict(
    versions=dict(
        scipy=scipy.__version__,
        statsmodels=statsmodels.__version__,
        sklearn=sklearn.__version__,
    ),
    wilson=[
        wilson(*case)
        for case in [(0, 30, 0.95), (3, 30, 0.95), (81, 1716, 0.95), (30, 30, 0.95), (7, 12, 0.9)]
    ],
    mcnemar=[
        mcnemar_p(*case)
        for case in [(0, 0), (5, 0), (6, 0), (1, 9), (12, 12), (15, 4), (30, 14), (20, 23), (70, 120)]
    ],
    holm=[holm([0.01, 0.04, 0.03, 0.005]), holm([0.5]), holm([0.9, 0.02, 0.02, 0.6])],
    t_quantiles=[
        dict(p=p, df=df, t=stats.t.ppf(p, df))
        for p in (0.025, 0.8, 0.975, 0.9875)
        for df in (1, 2.5, 4, 7.31, 30, 400, 3999)
    ],
    rows=graded_rows(),
    difference=crossed_difference(),
)
print(json.dumps(reference, indent=1))
