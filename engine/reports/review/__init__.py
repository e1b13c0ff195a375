"""The carbon review report: the sections and tables of a standard's annex, filled from the evidence."""
