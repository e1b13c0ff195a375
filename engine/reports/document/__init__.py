"""Documents of headings, texts, tables and charts, written as HTML, PDF, DOCX and XLSX from one value."""
