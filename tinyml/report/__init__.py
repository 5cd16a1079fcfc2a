"""Analytics, figures, and the self-contained HTML report."""

from tinyml.report.run_document import RunDocument
from tinyml.report.writing import Written, write_report

__all__ = ["RunDocument", "Written", "write_report"]
