"""Documents of an audit: each a context of plain named fields and a layout that shows them."""
