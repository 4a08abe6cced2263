"""A concordance as a picture: each share with its interval, the least agreed on top. Needs the extra `plot`."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from app.cli.reports.rows import Row

_TITLES = {"rule": "Rules that spoke", "category": "Categories with a status"}
_INCHES_A_ROW = 0.27
_INCHES_AROUND = 1.1
_WIDTH = 9.5
_DPI = 150
_POINT, _SPAN, _OVERALL = "#1f4e79", "#9db7d1", "#b35900"


def draw_concordance(rows: Sequence[Row], title: str, path: Path) -> None:
    """Draw the rows of `rows_of` that have a share into an SVG or PNG, by the name of the file. OSError."""
    overall, *others = rows
    shown = [row for row in others if row.tally.said]
    panels = {kind: list(group) for kind, group in groupby(shown, key=lambda row: row.kind)} or {"note": [overall]}
    heights = [_INCHES_A_ROW * len(panel) + _INCHES_AROUND for panel in panels.values()]
    # Labels of an SVG stay text, which can be searched and copied; and the same counts make the same file.
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": "spine-triage", "font.size": 9.0}):
        figure = Figure(figsize=(_WIDTH, sum(heights) + 0.4), dpi=_DPI, layout="constrained")
        figure.suptitle(title, fontsize=11, x=0.01, ha="left")
        axes = figure.subplots(len(panels), 1, height_ratios=heights, squeeze=False)[:, 0]
        for place, (kind, panel) in zip(axes, panels.items(), strict=True):
            _draw_panel(place, panel, overall, _TITLES.get(kind, ""))
        metadata = {"Date": None} if path.suffix == ".svg" else None
        figure.savefig(path, metadata=metadata)


def _draw_panel(axes: Axes, rows: Sequence[Row], overall: Row, title: str) -> None:
    places = range(len(rows))
    for place, row in zip(places, rows, strict=True):
        share, interval = row.tally.share, row.tally.interval
        if share is not None and interval is not None:
            axes.plot(interval, (place, place), color=_SPAN, linewidth=3, solid_capstyle="butt")
            axes.plot(share, place, "o", color=_POINT, markersize=5)
    if overall.tally.share is not None:
        axes.axvline(
            overall.tally.share,
            color=_OVERALL,
            linestyle="--",
            linewidth=1,
            label=f"{overall.id} (n = {overall.tally.said})",
        )
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), frameon=False, borderaxespad=0.2)
    axes.set_yticks(places, [f"{row.id}  (n = {row.tally.said})" for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(-0.01, 1.01)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("share that agreed, with its 95 % Wilson interval")
    axes.set_title(title, loc="left", fontsize=10)
    axes.grid(axis="x", color="#dddddd", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.tick_params(axis="y", length=0)
