"""Where the marks of a chart stand, in the units of its SVG; what they look like is the templates' and the sheet's."""

from webapp.charts.bars import MOST_STANDING, Chart, lying, standing
from webapp.charts.columns import columns

__all__ = ["MOST_STANDING", "Chart", "columns", "lying", "standing"]
