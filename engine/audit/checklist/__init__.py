"""Checklists: made from rulesets and records, filled in offline by several auditors, merged back, put on record.

`form` (the plain value), `sampling`, `earlier` (what was left open), `visits` (for which a checklist is made),
`questions` (makes it), `book` and `word` with `word_parts` (write it), `filled` (what comes back), `word_reading` and
`reading` (read it back), `merging` (three ways), `entitled` (whose audit, who may answer), `answers` (what counts),
`coverage` (where the audit was), `applying` (to the ledger); each imports only those before.
"""
