"""Compiled loops over ratings: likelihoods of a ratee's ratings with ability and halos integrated out.

The ability t of a ratee lies on an even grid, and so does v = t + halo of each rater on that ratee, `reach` steps
wider on both sides. With F(x) = 1 / (1 + exp(-x)) the chance of category k is F(v - s - b[k]) - F(v - s - b[k+1]);
written in growth = exp(v), ease = exp(-s) and eb = exp(-b) it needs no exponential inside a loop.
"""

import numpy as np

from karmayogi.science.irt import Floats, Ints
from karmayogi.science.kernels import compiled, inner


@inner
def pair_likelihood(
    first: int, last: int, criterion: Ints, category: Ints, ease: float, eb: Floats, tops: Ints,
    growth: Floats, f: Floats,
) -> float:  # fmt: skip
    """Fills f [V] with the likelihood of the pair's ratings on v, its largest value 1; returns the log taken out."""
    f[:] = 1.0
    taken = 0.0
    for e in range(first, last):
        c, k = criterion[e], category[e]
        if k == 0:
            upper = ease * eb[c, 0]
            for q in range(len(f)):
                f[q] /= 1.0 + growth[q] * upper
        elif k == tops[c]:
            lower = ease * eb[c, k - 1]
            for q in range(len(f)):
                f[q] *= growth[q] * lower / (1.0 + growth[q] * lower)
        else:
            lower, upper = ease * eb[c, k - 1], ease * eb[c, k]
            for q in range(len(f)):
                x = growth[q]
                f[q] *= x * (lower - upper) / ((1.0 + x * lower) * (1.0 + x * upper))
        if (e - first) % 16 == 15 or e == last - 1:
            top = f.max()
            f /= top
            taken += np.log(top)
    return taken


@inner
def blurred(f: Floats, blur: Floats, g: Floats) -> None:
    """Fills g [T] with f [V] averaged over the halo, whose weights on steps -reach to reach are `blur`."""
    g[:] = 0.0
    for o in range(len(blur)):
        if blur[o] > 0.0:
            for p in range(len(g)):
                g[p] += blur[o] * f[p + o]


@inner
def ratee_posterior(
    i: int, pair_start: Ints, pair_rater: Ints, ratee_start: Ints, criterion: Ints, category: Ints,
    severity: Floats, eb: Floats, tops: Ints, growth: Floats, prior: Floats, pin: Ints, offset: Floats,
    blur: Floats, f: Floats, g: Floats, post: Floats,
) -> float:  # fmt: skip
    """Fills f [n, V], g [n, T] of the ratee's n pairs and post [T], summing to 1; returns the log-likelihood."""
    if pin[i] >= 0:  # a known ability: all weight on one point, to which the grid is shifted by `offset`
        post[:] = 0.0
        post[pin[i]] = 1.0
    else:
        for p in range(len(post)):
            post[p] = prior[p]
    log = 0.0
    for pair in range(ratee_start[i], ratee_start[i + 1]):
        n = pair - ratee_start[i]
        ease = np.exp(offset[i] - severity[pair_rater[pair]])
        log += pair_likelihood(
            pair_start[pair], pair_start[pair + 1], criterion, category, ease, eb, tops, growth, f[n]
        )
        blurred(f[n], blur, g[n])
        post *= g[n]
        total = post.sum()
        post /= total
        log += np.log(total)
    return log


@inner
def spread_back(post: Floats, g: Floats, f: Floats, blur: Floats, back: Floats, w: Floats) -> None:
    """Fills back [T] with post / g and w [V] with the posterior of v of one pair; w sums to 1."""
    for p in range(len(post)):
        back[p] = post[p] / g[p] if g[p] > 0.0 else 0.0
    w[:] = 0.0
    for o in range(len(blur)):
        if blur[o] > 0.0:
            for p in range(len(back)):
                w[p + o] += blur[o] * back[p]
    w *= f


@compiled
def gradient(
    pair_start: Ints, pair_rater: Ints, ratee_start: Ints, criterion: Ints, category: Ints,
    severity: Floats, eb: Floats, tops: Ints, growth: Floats, prior: Floats, pin: Ints, offset: Floats,
    blur: Floats, blur_slope: Floats, mass: Floats, by_severity: Floats, by_threshold: Floats,
) -> tuple[float, float]:  # fmt: skip
    """The marginal log-likelihood and its slope in the log of the halo's sd; adds the other slopes to the arrays.

    `mass` [T]: posterior weights of all abilities that are not known; `by_severity` [J]; `by_threshold` [C, K-1].
    """
    most = 0
    for i in range(len(ratee_start) - 1):
        most = max(most, ratee_start[i + 1] - ratee_start[i])
    points, wide = len(prior), len(growth)
    f, g = np.empty((most, wide)), np.empty((most, points))
    post, back, w = np.empty(points), np.empty(points), np.empty(wide)
    log, by_halo = 0.0, 0.0
    for i in range(len(ratee_start) - 1):
        if ratee_start[i] == ratee_start[i + 1]:
            continue
        log += ratee_posterior(
            i, pair_start, pair_rater, ratee_start, criterion, category, severity, eb, tops, growth,
            prior, pin, offset, blur, f, g, post,
        )  # fmt: skip
        if pin[i] < 0:
            mass += post
        for pair in range(ratee_start[i], ratee_start[i + 1]):
            n, rater = pair - ratee_start[i], pair_rater[pair]
            spread_back(post, g[n], f[n], blur, back, w)
            for o in range(len(blur)):
                if blur_slope[o] != 0.0:
                    met = 0.0
                    for p in range(points):
                        met += back[p] * f[n, p + o]
                    by_halo += blur_slope[o] * met
            ease = np.exp(offset[i] - severity[rater])
            for e in range(pair_start[pair], pair_start[pair + 1]):
                c, k = criterion[e], category[e]
                down, up = threshold_scores(c, k, ease, eb, tops, growth, w)
                by_severity[rater] += up - down
                if k > 0:
                    by_threshold[c, k - 1] -= down
                if k < tops[c]:
                    by_threshold[c, k] += up
    return log, by_halo


@inner
def threshold_scores(
    c: int, k: int, ease: float, eb: Floats, tops: Ints, growth: Floats, w: Floats
) -> tuple[float, float]:
    """Slopes of the log chance of category k in its lower threshold (sign turned) and its upper, averaged over w."""
    down, up = 0.0, 0.0
    if k == 0:
        upper = ease * eb[c, 0]
        for q in range(len(w)):
            up += w[q] * (growth[q] * upper / (1.0 + growth[q] * upper))
    elif k == tops[c]:
        lower = ease * eb[c, k - 1]
        for q in range(len(w)):
            down += w[q] / (1.0 + growth[q] * lower)
    else:
        lower, upper = ease * eb[c, k - 1], ease * eb[c, k]
        for q in range(len(w)):
            ratio = (1.0 + growth[q] * upper) / (1.0 + growth[q] * lower)
            down += w[q] * ratio
            up += w[q] / ratio
        down *= lower / (lower - upper)
        up *= upper / (lower - upper)
    return down, up


@inner
def pair_slopes(
    first: int, last: int, criterion: Ints, category: Ints, ease: float, eb: Floats, tops: Ints,
    growth: Floats, u: Floats, h: Floats,
) -> None:  # fmt: skip
    """Fills u [V] with the slope of the pair's log chances in v and h [V] with the bend, its sign turned."""
    u[:] = 0.0
    h[:] = 0.0
    for e in range(first, last):
        c, k = criterion[e], category[e]
        lower = ease * eb[c, k - 1] if k > 0 else -1.0
        upper = ease * eb[c, k] if k < tops[c] else -1.0
        for q in range(len(u)):
            over = growth[q] * lower / (1.0 + growth[q] * lower) if lower >= 0.0 else 1.0
            under = growth[q] * upper / (1.0 + growth[q] * upper) if upper >= 0.0 else 0.0
            u[q] += 1.0 - over - under
            h[q] += over * (1.0 - over) + under * (1.0 - under)


@compiled
def information(
    pair_start: Ints, pair_rater: Ints, ratee_start: Ints, criterion: Ints, category: Ints,
    severity: Floats, eb: Floats, tops: Ints, growth: Floats, prior: Floats, pin: Ints, offset: Floats,
    blur: Floats, theta: Floats,
    row: Ints, column: Ints, value: Floats, score: Floats, mean: Floats, variance: Floats, lean: Floats,
) -> None:  # fmt: skip
    """Observed information between the severities of a ratee's raters (Louis 1982), and the ratee's ability.

    `row`, `column`, `value` take one entry per ordered couple of pairs of a ratee. Per pair [P]: `score`, the slope
    in the severity, and `lean`, by how much the ability's mean follows that severity. Per ratee [N]: `mean` and
    `variance`.
    """
    most = 0
    for i in range(len(ratee_start) - 1):
        most = max(most, ratee_start[i + 1] - ratee_start[i])
    points, wide = len(prior), len(growth)
    f, g, told = np.empty((most, wide)), np.empty((most, points)), np.empty((most, points))
    post, back, w, u, h = np.empty(points), np.empty(points), np.empty(wide), np.empty(wide), np.empty(wide)
    own = np.empty(most)
    entry = 0
    for i in range(len(ratee_start) - 1):
        start = ratee_start[i]
        count = ratee_start[i + 1] - start
        ratee_posterior(
            i, pair_start, pair_rater, ratee_start, criterion, category, severity, eb, tops, growth,
            prior, pin, offset, blur, f, g, post,
        )  # fmt: skip
        mean[i] = np.sum(post * theta) + offset[i]
        variance[i] = np.sum(post * (theta + offset[i] - mean[i]) ** 2)
        for n in range(count):
            pair = start + n
            ease = np.exp(offset[i] - severity[pair_rater[pair]])
            pair_slopes(
                pair_start[pair], pair_start[pair + 1], criterion, category, ease, eb, tops, growth, u, h
            )
            spread_back(post, g[n], f[n], blur, back, w)
            slope = np.sum(w * u)
            score[pair] = -slope
            own[n] = np.sum(w * h) - np.sum(w * u * u) + slope * slope
            blurred(f[n] * u, blur, told[n])
            for p in range(points):
                told[n, p] = told[n, p] / g[n, p] - slope if g[n, p] > 0.0 else 0.0
            lean[pair] = -np.sum(post * told[n] * (theta + offset[i] - mean[i]))
        for n in range(count):
            for m in range(count):
                row[entry], column[entry] = pair_rater[start + n], pair_rater[start + m]
                value[entry] = own[n] if n == m else -np.sum(post * told[n] * told[m])
                entry += 1


@compiled
def habit_scores(
    pair_start: Ints, pair_rater: Ints, ratee_start: Ints, criterion: Ints, category: Ints,
    severity: Floats, eb: Floats, tops: Ints, growth: Floats, prior: Floats, pin: Ints, offset: Floats,
    blur: Floats, away: Floats, v: Floats, scores: Floats,
) -> None:  # fmt: skip
    """Adds to scores [3, J] the slopes in a rater's severity, spread of thresholds and response to ability.

    `away` [C, K - 1]: each threshold's distance from the middle of its criterion's; `v` [V]: abilities with halo
    less the mean of abilities.
    """
    most = 0
    for i in range(len(ratee_start) - 1):
        most = max(most, ratee_start[i + 1] - ratee_start[i])
    points, wide = len(prior), len(growth)
    f, g = np.empty((most, wide)), np.empty((most, points))
    post, back, w, u, h = np.empty(points), np.empty(points), np.empty(wide), np.empty(wide), np.empty(wide)
    for i in range(len(ratee_start) - 1):
        ratee_posterior(
            i, pair_start, pair_rater, ratee_start, criterion, category, severity, eb, tops, growth,
            prior, pin, offset, blur, f, g, post,
        )  # fmt: skip
        for pair in range(ratee_start[i], ratee_start[i + 1]):
            n, rater = pair - ratee_start[i], pair_rater[pair]
            spread_back(post, g[n], f[n], blur, back, w)
            first, last = pair_start[pair], pair_start[pair + 1]
            ease = np.exp(offset[i] - severity[rater])
            pair_slopes(first, last, criterion, category, ease, eb, tops, growth, u, h)
            scores[0, rater] -= np.sum(w * u)
            scores[2, rater] += np.sum(w * u * (v + offset[i]))
            for e in range(first, last):
                c, k = criterion[e], category[e]
                down, up = threshold_scores(c, k, ease, eb, tops, growth, w)
                if k > 0:
                    scores[1, rater] -= down * away[c, k - 1]
                if k < tops[c]:
                    scores[1, rater] += up * away[c, k]
