"""What the tests let workers do; a module of its own, which the workers import."""

import os
import time

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
