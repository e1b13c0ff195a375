"""What a person reads: terminal, JSON, CSV, HTML, workbook and PDF."""
