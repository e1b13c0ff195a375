"""Checklists: made from rulesets and records, filled in offline by several auditors, merged back, put on record.

`form` (the plain value), `sampling`, `questions` (makes it), `book` (writes the workbook), `reading` (reads it back),
`merging` (three ways), `applying` (to the ledger); each imports only those before.
"""
