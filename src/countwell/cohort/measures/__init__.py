"""What a register is described by: counts over the columns of the store and of the pass, as additive tallies.

Each measure is a pure function from arrays to counted rows; a tally bins them by columns of the patients and adds up over chunks.
"""
