"""Empty workbooks to fill in: every cell is text, so that Excel spoils no number."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import cast

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

_TEXT = "@"
_ROWS = 1_000  # cells that are formatted one by one, for programs that ignore a column's format
_WIDTH = 24
_HEAD = PatternFill("solid", fgColor="E9F0FB")
_NOTES = PatternFill("solid", fgColor="FFF5DB")


class XlsxTemplates:
    """Implements `TemplateWriter`."""

    def workbook(self, headers: Sequence[str], notes: Sequence[str]) -> bytes:
        workbook = Workbook()
        sheet = cast(Worksheet, workbook.active)
        sheet.append(list(headers))
        sheet.append(list(notes))
        for number in range(1, len(headers) + 1):
            column = sheet.column_dimensions[get_column_letter(number)]
            column.width, column.number_format = _WIDTH, _TEXT
            head, note = sheet.cell(1, number), sheet.cell(2, number)
            head.font, head.fill = Font(bold=True), _HEAD
            note.font, note.fill = Font(color="744600", size=9), _NOTES
            note.alignment = Alignment(wrap_text=True, vertical="top")
            for row in range(1, _ROWS + 1):
                sheet.cell(row, number).number_format = _TEXT
        sheet.row_dimensions[2].height = 64
        sheet.freeze_panes = "A3"
        made = BytesIO()
        workbook.save(made)
        return made.getvalue()
