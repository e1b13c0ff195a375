"""Exchange with other tools: OSCAL documents, CISO Assistant libraries, a description of the tables.

Each room takes and returns plain values (what JSON or YAML would hold); only `files` touches the disk.
"""
