"""The rules of the house, as tests. Each rule is a function from source text to faults, seen red on a planted fault."""
