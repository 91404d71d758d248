"""Reports and exports of a run: the page, the workbook and the files that other tools read."""
