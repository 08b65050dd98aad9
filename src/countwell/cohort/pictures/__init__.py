"""Pictures of a register as SVG made by hand: each with a title, a description and the same numbers as a table beside it."""
