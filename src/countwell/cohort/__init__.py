"""Populations: a register of millions in one compiled pass, from the same packs as one patient. Knows no rule by itself."""
