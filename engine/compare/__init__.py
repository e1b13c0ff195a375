"""Comparing standards: relations of provisions, reviewed mappings, chains, the matrix by concept."""
