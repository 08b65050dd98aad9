"""What a register is described by: counts over the columns of the store and of the pass.

Each measure turns arrays into counted rows; a tally bins them by columns of the patients and adds up over row groups.
"""
