"""The questions of a matter as an Excel workbook: laid out, exported, read back, merged."""
