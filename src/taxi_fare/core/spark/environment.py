"""The variables that Spark's JVM gets: what we set ourselves wins."""

import argparse
import os
import re
import shlex
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyspark

from taxi_fare.core.errors import EnvironmentLackError, WrongUsageError
from taxi_fare.core.spark.java_program import OPTION_VARIABLES
from taxi_fare.core.spark.network import LOCAL_IP, LOOPBACK

SPARK_VERSION = "4.3"
# What Spark's JVM may read of the variables with Spark's names, and what is
# not the driver's: its daemons', and our settings'. Any other is of another
# Spark, of a notebook or of an image.
_READ = (
    *OPTION_VARIABLES,
    *("PYSPARK_SUBMIT_ARGS", "SPARK_CONF_DIR", "SPARK_SUBMIT_OPTS"),
    *("SPARK_LOCAL_DIRS", LOCAL_IP, "SPARK_PUBLIC_DNS", "TMPDIR"),
)
_NOT_OURS = re.compile(
    r"SPARK_(DAEMON|MASTER|WORKER|HISTORY|SHUFFLE|AUTHENTICATE)(_|$)"
)
_SET_HERE = (
    *("SPARK_HOME", "SPARK_ENV_LOADED", "SPARK_LAUNCHER_OPTS"),
    *("PYSPARK_PYTHON", "SPARK_USER"),
)
_OF_SPARK = re.compile("SPARK_|PYSPARK_")
# Of a Hadoop, which only YARN and Kubernetes are asked to run Spark by.
_OF_HADOOP = re.compile("HADOOP_|YARN_|SPARK_LOCAL_HOSTNAME$")
_OF_ANY_HADOOP = ("HADOOP_HOME", "HADOOP_USER_NAME")
_OWN_MASTERS = ("local", "spark://")
# Spark reads these too, or takes itself for YARN's.
_FOREIGN = (
    *("MASTER", "CLASSPATH", "CONTAINER_ID", "MESOS_SANDBOX"),
    "PYTHON_FAULTHANDLER_DIR",
)
# Numbers in names of files, and words in lower case, whatever the language
# of the machine: MLlib and Spark write and read them with its locale.
_LANGUAGE = {"language": "en", "country": "US", "script": "", "variant": ""}
ENGLISH = tuple(
    f"-Duser.{part}{category}={value}"
    for part, value in (_LANGUAGE | {"extensions": ""}).items()
    for category in ("", ".display", ".format")
)
_WEAKER, _STRONGEST = "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS"
_SUBMIT_ARGUMENTS = "PYSPARK_SUBMIT_ARGS"
# What PYSPARK_SUBMIT_ARGS may add; the rest is ours to say.
_ADDED = (
    *("conf", "properties-file", "packages", "exclude-packages"),
    *("repositories", "jars", "files", "py-files", "archives"),
    *("driver-class-path", "driver-library-path", "driver-java-options"),
    *("executor-memory", "executor-cores", "total-executor-cores"),
    *("num-executors", "queue", "principal", "keytab"),
)
_SHELL = "pyspark-shell"


@dataclass(frozen=True)
class JvmVariables:
    """
    What is set, taken away, and worth telling.

    Parameters
    ----------
    notes : tuple of str
        One sentence for each variable that somebody set and that is passed
        over, with its name.
    """

    values: Mapping[str, str]
    dropped: tuple[str, ...]
    notes: tuple[str, ...]

    def apply(self) -> None:
        """Change the variables of this process, which the JVM inherits."""
        for name in self.dropped:
            os.environ.pop(name, None)
        os.environ.update(self.values)


def jvm_variables(options: Mapping[str, object]) -> JvmVariables:
    """
    Decide on the variables that matter to Spark.

    Parameters
    ----------
    options : mapping
        Spark's options that we set, ``spark.master`` among them.

    Raises
    ------
    EnvironmentLackError
        If the PySpark that is imported is another one.
    WrongUsageError
        If PYSPARK_SUBMIT_ARGS cannot be read.
    """
    master = str(options["spark.master"])
    home, notes = spark_home()
    values = {
        "SPARK_HOME": str(home),
        "PYSPARK_PYTHON": sys.executable,
        # Names of files are in UTF-8.
        "LC_ALL": "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8",
        # spark-env.sh would change what is set here.
        "SPARK_ENV_LOADED": "1",
        # Of the JVM that only puts together the command of the real one.
        "SPARK_LAUNCHER_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    dropped = tuple(filter(_is_foreign(master), sorted(os.environ)))
    if master.startswith("local"):
        values[LOCAL_IP] = LOOPBACK
    notes += _passed_over(dropped)
    if _SUBMIT_ARGUMENTS in os.environ:
        arguments, left = _submit_arguments(options)
        values[_SUBMIT_ARGUMENTS] = arguments
        if left:
            notes.append(
                f"{left} of {_SUBMIT_ARGUMENTS} is passed over: the settings"
                " say it"
            )
    if os.environ.get(_STRONGEST):
        # It would win over the command line; the other one does not.
        both = os.environ.get(_WEAKER), os.environ[_STRONGEST]
        values[_WEAKER] = " ".join(filter(None, both))
        dropped += (_STRONGEST,)
    return JvmVariables(values, dropped, tuple(notes))


def variables_read() -> str:
    """Name the variables that somebody set and that the JVM reads."""
    ours = {LOCAL_IP: LOOPBACK}
    return ", ".join(
        name
        for name in os.environ
        if (name in _READ or _OF_HADOOP.match(name))
        and os.environ[name] not in {"", ours.get(name)}
    )


def _is_foreign(master: str) -> Callable[[str], bool]:
    """Return what tells whether a variable is not for a Spark like this."""
    taken = {*_READ, *_SET_HERE}
    own = master.startswith(_OWN_MASTERS)

    def is_foreign(name: str) -> bool:
        if _OF_HADOOP.match(name):
            return own and name not in _OF_ANY_HADOOP
        if _OF_SPARK.match(name):
            return name not in taken and not _NOT_OURS.match(name)
        return name in _FOREIGN

    return is_foreign


def _passed_over(dropped: Iterable[str]) -> Iterator[str]:
    given = [name for name in dropped if os.environ[name]]
    if given:
        are = "is" if len(given) == 1 else "are"
        yield f"{', '.join(given)} {are} passed over: Spark runs without"
    python = os.environ.get("PYSPARK_PYTHON")
    if python and Path(python) != Path(sys.executable):
        yield f"PYSPARK_PYTHON={python} is passed over: this Python is used"


def spark_home() -> tuple[Path, list[str]]:
    """
    Find the Spark that belongs to the PySpark that is imported.

    Returns
    -------
    folder : Path
        The beginning of each jar's path.
    notes : list of str
        What is worth telling.

    Raises
    ------
    EnvironmentLackError
        If it is not the one that this project is written for.
    """
    package = Path(pyspark.__file__).parent
    version = pyspark.__version__
    if version.split(".")[:2] != SPARK_VERSION.split("."):
        raise EnvironmentLackError(
            f"PySpark {version} is imported from {package}.",
            expected=f"PySpark {SPARK_VERSION}",
            remedy="unset PYTHONPATH, or install what `make env` does.",
        )
    # Installed from an index, or the folder `python` of a whole Spark.
    places = (package, package.parents[1])
    own = next((x for x in places if (x / "jars").is_dir()), package)
    named = os.environ.get("SPARK_HOME")
    if not named or Path(named).resolve() == own.resolve():
        return own, []
    if any(Path(named).glob(f"jars/spark-core_*-{version}.jar")):
        return Path(named), []
    return own, [
        f"SPARK_HOME={named} is passed over: it is not the Spark {version}"
        " of this Python"
    ]


def _submit_arguments(options: Mapping[str, object]) -> tuple[str, str]:
    """Return what spark-submit gets, and what of the variable it does not."""
    parser = argparse.ArgumentParser(
        add_help=False, allow_abbrev=False, exit_on_error=False
    )
    for name in _ADDED:
        parser.add_argument(f"--{name}", action="append", dest=name)
    try:
        words = shlex.split(os.environ[_SUBMIT_ARGUMENTS])
        found, left = parser.parse_known_args(words)
    except (ValueError, argparse.ArgumentError) as error:
        raise WrongUsageError(
            f"{_SUBMIT_ARGUMENTS} cannot be read: {error}.",
            expected=f"options of spark-submit, then {_SHELL}",
            remedy="correct or unset it.",
        ) from error
    kept: list[str] = []
    for name, values in vars(found).items():
        for value in values or []:
            if name == "conf" and value.partition("=")[0] in options:
                left.append(value)
            else:
                kept += [f"--{name}", value]
    named = " ".join(word for word in left if word != _SHELL)
    return shlex.join([*kept, _SHELL]), named
