"""Run on a cluster by spark-submit; print all that a neighbour could read."""

import sys
import urllib.request
from pathlib import Path

from taxi_fare.core.errors import TaxiFareError
from taxi_fare.core.settings import load_settings
from taxi_fare.core.spark.session import spark_session

try:
    spark = spark_session(load_settings())
except TaxiFareError as error:
    print(error)
    sys.exit(error.exit_code)
print(spark.range(100).repartition(2).count(), "rows were counted")
context = spark.sparkContext
page = str(context.uiWebUrl)
opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
for path in (
    "/environment/",
    "/executors/",
    f"/api/v1/applications/{context.applicationId}/environment",
):
    with opener.open(page + path) as answer:
        print(answer.read().decode())
for process in Path("/proc").glob("[0-9]*/cmdline"):
    print(process.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
spark.stop()
