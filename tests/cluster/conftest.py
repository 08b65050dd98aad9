"""A Spark session of one driver and two executors, each a JVM of its own with its own Python workers, on this machine."""

import os
import shutil
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def session(tmp_path_factory):
    pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'countwell[cluster]'")
    pytest.importorskip("pandas", reason="pandas is not installed: pip install 'countwell[cluster]'")
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java is installed: Spark 4 needs Java 17 or newer")
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    folder = tmp_path_factory.mktemp("spark")
    made = (
        SparkSession.builder.master("local-cluster[2,1,1024]")
        .config("spark.ui.enabled", "false")
        .config("spark.ui.showConsoleProgress", "false")
        .config("spark.executorEnv.PYTHONPATH", str(Path(__file__).parents[1]))
        .config("spark.executorEnv.NUMBA_DISABLE_JIT", "1")  # what is compiled is the business of other tests
        .config("spark.executorEnv.COUNTWELL_CACHE", str(folder))
        .config("spark.local.dir", str(folder))
        .config("spark.sql.warehouse.dir", str(folder))
        .getOrCreate()
    )
    made.sparkContext.setLogLevel("OFF")
    yield made
    made.stop()
