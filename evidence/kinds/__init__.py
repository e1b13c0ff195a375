"""The vocabulary of evidence kinds, one module per chapter of a management system."""
