"""What other programs leave behind in a machine's environment."""

import os
import re
import shlex
from pathlib import Path

import pytest
from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark import SparkContext

from taxi_fare.core import usual_places
from taxi_fare.core.errors import EnvironmentLackError, WrongUsageError
from taxi_fare.core.settings import Settings
from taxi_fare.core.spark import environment, faults, folders, network
from taxi_fare.core.spark.causes import machine_fault, telling_line
from taxi_fare.core.spark.environment import jvm_variables
from taxi_fare.core.spark.faults import known_fault, start_fault
from taxi_fare.core.spark.jvm import reach_jvm
from taxi_fare.run.findings import Finding
from taxi_fare.workflows import doctor

LOCAL = {"spark.master": "local[2]", "spark.driver.memory": "2g"}


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin with none of the variables that tests before may have set."""
    theirs = re.compile("(PY)?SPARK_|HADOOP_|YARN_")
    known = {*environment._FOREIGN, *environment._READ}
    for name in [x for x in os.environ if theirs.match(x) or x in known]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("given", "passed", "named"),
    [
        ("--master local[2]", "pyspark-shell", "--master local[2]"),
        ("pyspark-shell", "pyspark-shell", ""),
        ("", "pyspark-shell", ""),
        (
            "--packages a:b:1 pyspark-shell",
            "--packages a:b:1 pyspark-shell",
            "",
        ),
        (
            "--conf spark.x='a b' --conf spark.driver.memory=1g",
            "--conf 'spark.x=a b' pyspark-shell",
            "spark.driver.memory=1g",
        ),
        ("--deploy-mode cluster", "pyspark-shell", "--deploy-mode cluster"),
    ],
)
def test_arguments_of_spark_submit_end_as_spark_needs_them(
    monkeypatch: pytest.MonkeyPatch, given: str, passed: str, named: str
) -> None:
    """What the settings say is passed over, by its name."""
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", given)
    variables = jvm_variables(LOCAL)
    words = shlex.split(variables.values["PYSPARK_SUBMIT_ARGS"])
    assert words == shlex.split(passed)
    told = " ".join(variables.notes)
    assert (f"{named} of PYSPARK_SUBMIT_ARGS" in told) == bool(named)


def test_arguments_that_cannot_be_read_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A quote without its end."""
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--conf 'spark.x=1")
    with pytest.raises(WrongUsageError, match="PYSPARK_SUBMIT_ARGS"):
        jvm_variables(LOCAL)


@pytest.mark.parametrize("home", ["/opt/no-spark", "."])
def test_another_spark_is_passed_over(
    monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    """Whether it is missing or of another version."""
    monkeypatch.setenv("SPARK_HOME", home)
    variables = jvm_variables(LOCAL)
    assert Path(variables.values["SPARK_HOME"], "bin/spark-submit").is_file()
    assert f"SPARK_HOME={home}" in " ".join(variables.notes)


@pytest.mark.parametrize(
    "name",
    [
        *environment._FOREIGN,
        *("SPARK_REMOTE", "SPARK_EXECUTOR_MEMORY", "SPARK_BUFFER_SIZE"),
        *("SPARK_AUTH_SOCKET_TIMEOUT", "SPARK_OF_NEXT_YEAR"),
        *("PYSPARK_PIN_THREAD", "HADOOP_TOKEN_FILE_LOCATION"),
    ],
)
def test_variables_of_others_do_not_reach_the_jvm(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Each is told, and taken away: also one that nobody knows yet."""
    monkeypatch.setenv(name, "x")
    variables = jvm_variables(LOCAL)
    assert name in " ".join(variables.notes)
    variables.apply()
    assert os.environ.get(name) != "x"


@pytest.mark.parametrize(
    "name",
    [
        *("SPARK_MASTER", "SPARK_AUTHENTICATE_SECRET", "SPARK_LOCAL_DIRS"),
        *("SPARK_WORKER_MEMORY", "SPARK_CONF_DIR", "HADOOP_USER_NAME"),
        *("TAXI_FARE_SPARK__DRIVER_MEMORY", "_SPARK_AUTH_SECRET"),
    ],
)
def test_variables_that_are_meant_stay(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """The settings', the JVM's, and what a daemon beside us is told."""
    monkeypatch.setenv(name, "x")
    variables = jvm_variables(LOCAL)
    assert name not in variables.dropped
    assert name not in " ".join(variables.notes)


@pytest.mark.parametrize("name", ["HADOOP_CONF_DIR", "YARN_CONF_DIR"])
def test_a_hadoop_is_for_those_who_run_spark_by_it(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """YARN needs its configuration; a local Spark would look for its disks."""
    monkeypatch.setenv(name, "/etc/hadoop")
    assert name in jvm_variables(LOCAL).dropped
    assert name not in jvm_variables({"spark.master": "yarn"}).dropped


def test_options_that_would_win_over_ours_do_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are kept where the command line wins over them."""
    monkeypatch.setenv("_JAVA_OPTIONS", "-Duser.language=ar")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xss2m")
    variables = jvm_variables(LOCAL)
    assert variables.values["JAVA_TOOL_OPTIONS"] == "-Xss2m -Duser.language=ar"
    assert "_JAVA_OPTIONS" in variables.dropped


def test_a_folder_without_programs_or_space_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another is; without any, the variable is named."""
    full, good = tmp_path / "full", tmp_path / "good"
    full.mkdir()
    good.mkdir()
    places = [full, tmp_path / "missing", good]
    monkeypatch.setattr(folders, "_candidates", lambda: iter(places))
    free = {full: 1 << 20, good: 200 << 20}
    monkeypatch.setattr(folders, "_free_bytes", free.__getitem__)
    assert folders.temporary_folder() == good
    free[good] = 1 << 20
    with pytest.raises(
        EnvironmentLackError, match=r"full has 1 MiB"
    ) as caught:
        folders.temporary_folder()
    assert "TMPDIR" in str(caught.value)


def test_a_disk_for_spark_must_be_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of several suffices, and one that can be made."""
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("SPARK_LOCAL_DIRS", f"{file}, {tmp_path / 'new'}")
    folders.require_local_folders()
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(file))
    with pytest.raises(EnvironmentLackError, match="SPARK_LOCAL_DIRS"):
        folders.require_local_folders()
    monkeypatch.setenv("SPARK_LOCAL_DIRS", str(tmp_path / "new"))
    monkeypatch.setattr(folders, "_free_bytes", lambda folder: 1 << 20)
    with pytest.raises(EnvironmentLackError, match=r"new has 1 MiB free"):
        folders.require_local_folders()


def test_a_user_without_a_home_has_a_cache_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else may write to it."""

    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(usual_places.Path, "home", homeless)
    monkeypatch.setattr(
        usual_places.tempfile, "gettempdir", lambda: str(tmp_path)
    )
    kept = usual_places.cache_folder("x")
    own = tmp_path / f"taxi-fare-{os.getuid()}"
    assert kept == own / ".cache" / "x"
    assert usual_places.home_folder() == own
    own.chmod(0o777)
    with pytest.raises(EnvironmentLackError, match="XDG_CACHE_HOME"):
        usual_places.cache_folder("x")


JAVA_SAYS = [
    ("java.lang.OutOfMemoryError: Java heap space", "DRIVER_MEMORY"),
    ("java.lang.OutOfMemoryError: GC overhead limit exceeded", "memory"),
    ("OutOfMemoryError: unable to create native thread: x", "ulimit -u"),
    ("java.lang.UnsatisfiedLinkError: /tmp/libsnappy.so", "TMPDIR"),
    ("java.net.SocketException: Too many open files", "ulimit -n"),
    ("java.io.IOException: No space left on device", "SPARK_LOCAL_DIRS"),
]
JAVA_SAYS_AT_START = [
    ("Error: Invalid maximum heap size: -Xmx1zz", "DRIVER_MEMORY"),
    ("System memory 104857600 must be at least 471859200", "DRIVER_MEMORY"),
    ("Failed to create local dir in /x/blockmgr-1.", "SPARK_LOCAL_DIRS"),
    ("java.net.BindException: Cannot assign requested address", "LOCAL_IP"),
    ("OSError: [Errno 101] Network is unreachable", "ip link set lo up"),
    ("java.net.UnknownHostException: box: box: Name or", "/etc/hosts"),
    ("LoginException: java.lang.NullPointerException", "/etc/passwd"),
    ("java.lang.NoSuchMethodError: 'void x()'", "spark-defaults.conf"),
]


@pytest.mark.parametrize(("words", "remedy"), JAVA_SAYS)
def test_each_cause_has_words(words: str, remedy: str) -> None:
    """One sentence instead of a trace, while a run goes on."""
    trace = f"a call failed\nCaused by: {words}\n\tat x.Y.z(Y.java:1)"
    fault = known_fault(RuntimeError(trace))
    assert fault is not None
    assert fault.exit_code == 7
    assert remedy in fault.remedy
    assert "\tat" not in str(fault)


@pytest.mark.parametrize(("words", "remedy"), JAVA_SAYS + JAVA_SAYS_AT_START)
def test_each_cause_has_words_at_the_start(words: str, remedy: str) -> None:
    """What a run never meets is explained where Spark does not start."""
    fault = start_fault(RuntimeError(words))
    assert fault.exit_code == 7
    assert remedy in fault.remedy


def test_a_cause_of_the_start_is_none_of_a_run() -> None:
    """A class that is missing then is a bug, with its trace."""
    for words, _ in JAVA_SAYS_AT_START:
        assert machine_fault(words) is None


def test_what_is_not_known_leaves_its_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the variables that Spark read, and the line that says most."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xfoo")
    # As a start of this process sets it: nobody could mend that.
    monkeypatch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
    words = "x\nException in thread: java.lang.Odd: why\n\tat y.Z\n"
    fault = start_fault(RuntimeError(words))
    assert "java.lang.Odd: why" in str(fault) or "why" in telling_line(words)
    assert "read by Spark: JAVA_TOOL_OPTIONS" in str(fault)
    (log,) = tmp_path.glob("taxi-fare-spark-*.log")
    assert words in log.read_text()


@pytest.mark.parametrize(
    "error",
    [
        Py4JError("An error occurred while calling o61.collect"),
        Py4JNetworkError("Answer from Java side is empty"),
        Py4JError("functions does not exist in the JVM"),
        ConnectionRefusedError(111, "Connection refused"),
    ],
)
def test_a_jvm_that_was_killed_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """Most often for want of memory."""
    monkeypatch.setattr(faults, "jvm_end", lambda: -9)
    fault = known_fault(error)
    assert fault is not None
    assert "was ended by signal 9" in str(fault)
    assert "DRIVER_MEMORY" in fault.remedy


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(111, "Connection refused"),
        Py4JError("x.y.Z does not exist in the JVM"),
        ValueError("a bug"),
    ],
)
def test_a_jvm_that_lives_is_not_blamed(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    """A refused connection is a server's, or a bug is a bug."""
    monkeypatch.setattr(faults, "jvm_end", lambda: None)
    assert known_fault(error) is None


def test_no_part_of_the_language_is_left_to_a_variable() -> None:
    """Digits of another script end up in the names of a model's files."""
    parts = {each.partition("=")[0] for each in environment.ENGLISH}
    for part in ("language", "country", "script", "variant", "extensions"):
        for category in ("", ".display", ".format"):
            assert f"-Duser.{part}{category}" in parts


def test_doctor_tells_it_all_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And looks at everything else, whatever one look runs into."""
    monkeypatch.setenv("SPARK_HOME", "/opt/no-spark")
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "--conf 'spark.x=1")
    monkeypatch.setenv("SPARK_LOCAL_DIRS", os.devnull)

    def look() -> list[Finding]:
        return doctor.diagnose(tmp_path, registry="none", settings=Settings())

    found = {each.name: each for each in look()}
    assert found["Variables"].status == "lacking"
    assert "PYSPARK_SUBMIT_ARGS" in found["Variables"].found
    assert "SPARK_LOCAL_DIRS" in found["Temporary files"].found
    monkeypatch.setenv("PYSPARK_SUBMIT_ARGS", "pyspark-shell")

    def breaks() -> None:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(doctor, "require_local_folders", breaks)
    again = {each.name: each for each in look()}
    assert "SPARK_HOME=/opt/no-spark" in again["Variables"].found
    assert "ZeroDivisionError: odd" in again["Temporary files"].found
    assert list(again) == list(found)


@pytest.mark.parametrize("port", ["1", "", "none"])
@pytest.mark.parametrize("secret", [None, "x"])
def test_a_spark_submit_that_is_gone_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    port: str,
    secret: str | None,
) -> None:
    """A shell that one was started from leaves its variable behind."""
    # As in a new process, though another test may have started a JVM in this.
    monkeypatch.setattr(SparkContext, "_gateway", None)
    monkeypatch.setenv("PYSPARK_GATEWAY_PORT", port)
    monkeypatch.delenv("PYSPARK_GATEWAY_SECRET", raising=False)
    if secret:
        monkeypatch.setenv("PYSPARK_GATEWAY_SECRET", secret)
    with pytest.raises(EnvironmentLackError) as caught:
        reach_jvm({})
    assert f"PYSPARK_GATEWAY_PORT={port} is set" in str(caught.value)
    looked = doctor.diagnose(tmp_path, registry="none", settings=Settings())
    (found,) = [each for each in looked if each.name == "Variables"]
    assert found.status == "lacking"
    assert "unset PYSPARK_GATEWAY_PORT" in found.remedy


def test_doctor_gives_the_remedy_for_what_keeps_java_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable is to be unset; another Java would not start either."""

    def refused() -> None:
        raise EnvironmentLackError(
            "Java does not start.", remedy="unset JAVA_TOOL_OPTIONS."
        )

    monkeypatch.setattr(doctor, "find_java", refused)
    looked = doctor.diagnose(tmp_path, registry="none", settings=Settings())
    (found,) = [each for each in looked if each.name == "Java"]
    assert found.remedy == "unset JAVA_TOOL_OPTIONS."


def test_doctor_tells_that_a_machine_does_not_reach_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sandbox without a network may lack even that."""
    # An address of documentation: nobody has it.
    monkeypatch.setattr(network, "LOOPBACK", "192.0.2.1")
    looked = doctor.diagnose(tmp_path, registry="none", settings=Settings())
    (found,) = [each for each in looked if each.name == "Spark master"]
    assert found.status == "lacking"
    assert "ip link set lo up" in found.remedy
