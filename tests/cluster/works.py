"""What the tests let workers do; a module of its own, which the workers import."""

import os
import time

import numpy as np
import pyarrow as pa

SCHEMA = pa.schema([("square", pa.int64()), ("word", pa.string())])


def squares(number):
    often = number % 3 + 1
    return pa.table({"square": [number * number] * often, "word": [f"n{number}"] * often}, schema=SCHEMA)


def broken(number):
    if number == 1:
        raise ValueError("planted")
    return squares(number)


def slowly(work, begun):
    """The same work, half a second later; each beginning leaves a file in the folder."""

    def slow(number):
        (begun / f"{number}-{os.getpid()}-{time.monotonic_ns()}").touch()
        time.sleep(0.5)
        return work(number)

    return slow


def read_counted(store, place):
    return store.read(place, patients=(), labs=["low"], events=())


def counted(group):
    """How many results each patient of a row group has, and their sum: a pass that knows no rule."""
    who, low = group.labs["patient"], group.labs["low"].astype(np.int64)
    met, place = np.unique(who, return_inverse=True)
    sums = np.bincount(place, low, len(met)).astype(np.int64)
    return {"patient": met, "sums": np.stack([np.bincount(place, minlength=len(met)), sums], axis=1)}


def counted_slowly(begun):
    def slow(group):
        (begun / f"0-{os.getpid()}-{time.monotonic_ns()}").touch()
        time.sleep(0.7)
        return counted(group)

    return slow


def counted_wrongly(group):
    if 21 in group.labs["patient"]:
        raise ValueError("planted")
    return counted(group)


def first_marked(read, begun):
    """The same reading, a moment later; each beginning leaves a file in the folder."""

    def slow(store, place):
        (begun / f"0-{os.getpid()}-{time.monotonic_ns()}").touch()
        time.sleep(0.7)
        return read(store, place)

    return slow
