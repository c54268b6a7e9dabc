"""Where the marks of a chart stand, in the units of its SVG; what they look like is the templates' and the sheet's."""

from webapp.charts.bars import MOST_STANDING, Chart, Lying, lying, standing
from webapp.charts.columns import columns

__all__ = ["MOST_STANDING", "Chart", "Lying", "columns", "lying", "standing"]
