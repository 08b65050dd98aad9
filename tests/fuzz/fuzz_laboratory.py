"""Run by atheris: `python tests/fuzz/fuzz_laboratory.py -max_total_time=120`. See README.md."""

from harness import run

if __name__ == "__main__":
    run("laboratory")
