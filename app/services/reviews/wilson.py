"""How sure a proportion is."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist
from typing import Final

CONFIDENCE: Final = 0.95


def wilson_interval(successes: int, trials: int, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """The Wilson score interval of a proportion, without a correction for continuity, as two numbers from 0 to 1.

    With p = successes / trials and z the normal quantile of the confidence (1.96 for 95 %):

        (p + z²/2n  ±  z sqrt(p (1 - p) / n  +  z²/4n²)) / (1 + z²/n),  n = trials

    It stays within 0 and 1 and keeps its confidence for few trials and for shares near 0 and 1, where p ± z standard
    errors does neither. It takes the trials for independent of one another.

    `trials` is at least 1, and `successes` from 0 to `trials`.

    Sources: E. B. Wilson, Probable inference, the law of succession, and statistical inference, J Am Stat Assoc 1927;
    22:209-212. L. D. Brown, T. T. Cai, A. DasGupta, Interval estimation for a binomial proportion, Stat Sci 2001;
    16:101-133, which recommends it for small n.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share, z2 = successes / trials, z * z
    middle = share + z2 / (2 * trials)
    half = z * sqrt(share * (1 - share) / trials + z2 / (4 * trials * trials))
    scale = 1 + z2 / trials
    # At the ends both are exact; rounding must not lead past them.
    low = 0.0 if successes == 0 else (middle - half) / scale
    high = 1.0 if successes == trials else (middle + half) / scale
    return low, high
