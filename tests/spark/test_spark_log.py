"""What Spark itself writes to the terminal."""

from pathlib import Path

from pyspark.sql import SparkSession

CONFIGURATION = Path(__file__).parents[2] / "conf" / "log4j2.properties"
PATTERN = "appender.console.layout.pattern"


def test_a_line_of_sparks_own_log_has_words_and_no_trace(
    spark: SparkSession,
) -> None:
    """An error is one line; what came from a file moves no cursor."""
    jvm = spark.sparkContext._jvm
    assert jvm is not None
    properties = jvm.java.util.Properties()
    properties.load(jvm.java.io.FileReader(str(CONFIGURATION)))
    log4j = jvm.org.apache.logging.log4j
    layout = log4j.core.layout.PatternLayout.newBuilder()
    layout.withPattern(properties.getProperty(PATTERN))
    event = log4j.core.impl.Log4jLogEvent.newBuilder()
    event.setLevel(log4j.Level.ERROR).setLoggerName("org.apache.spark.Writer")
    # MLlib's loggers make a trace a part of their words.
    event.setMessage(
        log4j.message.SimpleMessage(
            "Aborting \x1b[2Jjob\r 7.\tNow\n\tat x.Y.z(Y.java:1)\n\tat a.B"
        )
    )
    event.setThrown(jvm.java.io.IOException("No space left"))
    line = layout.build().toSerializable(event.build())
    assert line.endswith(
        "| ERROR    | Writer                     "
        "| Aborting ?[2Jjob? 7.\tNow No space left\n"
    )
    event.setThrown(None)
    assert layout.build().toSerializable(event.build()).endswith("Now \n")
