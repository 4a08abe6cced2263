from __future__ import annotations

import pytest

from app.services.reviews.wilson import wilson_interval

# R. G. Newcombe, Two-sided confidence intervals for the single proportion: comparison of seven methods,
# Stat Med 1998; 17:857-872, table I, method 3.
PUBLISHED = [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)]


@pytest.mark.parametrize(("successes", "trials", "low", "high"), PUBLISHED)
def test_the_interval_is_the_published_one(successes: int, trials: int, low: float, high: float) -> None:
    assert wilson_interval(successes, trials) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize("trials", [1, 2, 7, 100, 12_345])
def test_the_interval_holds_the_share_stays_within_bounds_and_mirrors(trials: int) -> None:
    for successes in {0, 1, trials // 2, trials - 1, trials}:
        low, high = wilson_interval(successes, trials)
        assert 0 <= low <= successes / trials <= high <= 1
        assert low < high
        mirrored = wilson_interval(trials - successes, trials)
        assert mirrored == pytest.approx((1 - high, 1 - low))
    assert wilson_interval(0, trials)[0] == 0
    assert wilson_interval(trials, trials)[1] == 1


def test_more_trials_make_it_narrower_and_more_confidence_wider() -> None:
    widths = [high - low for low, high in (wilson_interval(n // 2, n) for n in (4, 40, 400))]
    assert widths == sorted(widths, reverse=True)
    (low, high), (lower, higher) = (wilson_interval(5, 20, confidence) for confidence in (0.9, 0.99))
    assert lower < low < high < higher
