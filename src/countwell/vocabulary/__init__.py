"""The closed lists: tests and units, medicines, vaccines, symptoms, genes … as data files, and look-ups over them.

Clinical numbers stand in `data/*.yaml`, never in the code. Nothing here guesses: a word not listed is not known.
"""
