"""Where the marks of a chart stand, in the units of its SVG; what they look like is the templates' and the sheet's."""

from webapp.charts.bars import MOST_STANDING, Chart, Lying, lying, standing
from webapp.charts.columns import columns
from webapp.charts.pairs import Pairs, pairs

__all__ = ["MOST_STANDING", "Chart", "Lying", "Pairs", "columns", "lying", "pairs", "standing"]
