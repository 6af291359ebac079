"""List what is pinned beside packages, and known advisories on packages."""

import json
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
JARS = ROOT / "src" / "taxi_fare" / "core" / "spark" / "jars.sha256"
DEPLOY = ROOT / "deploy"
LOCKS = sorted(ROOT.glob("constraints*.txt"))
_DIGEST = re.compile(r".+@sha256:[0-9a-f]{64}")
_LONGEST_SECONDS = 900
_NOBODY = "No database of advisories can be reached"
# How pip-audit says that; whatever else stops it is a fault.
_AWAY = ("requests.exceptions.", "ServiceError", "network may be blocking")
_SHOWN = 300


def jars() -> list[str]:
    """Return a line for each jar: its licence, its sum, its name."""
    lines, licence = [], ""
    for line in JARS.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            licence = line.removeprefix("# ")
        else:
            lines.append(f"{licence:21} {line}")
    return lines


def images() -> list[str]:
    """Return a line for each image that is not made here."""
    dockerfile = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    compose = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    stages = re.findall(r"^FROM .* AS (\S+)", dockerfile, re.M)
    named = re.findall(r"^ARG \w+_IMAGE=(\S+)", dockerfile, re.M)
    named += re.findall(r"^FROM (?!\$)(\S+)", dockerfile, re.M)
    named += re.findall(r"^\s*image: (?!localhost/)(\S+)", compose, re.M)
    return [
        f"{'pinned' if _DIGEST.fullmatch(name) else 'NOT PINNED':10} {name}"
        for name in dict.fromkeys(named)
        if name not in stages
    ]


def servers() -> list[str]:
    """Return a line for each Go module; Go's own database has their sums."""
    text = (ROOT / "scripts" / "build_tools.sh").read_text(encoding="utf-8")
    return [
        f"{name} {version}"
        for name, version in re.findall(r"^(\w+)=(v[\d.]+\S*)$", text, re.M)
    ]


def ask(lock: Path) -> subprocess.CompletedProcess[str]:
    """Let pip-audit ask for advisories on what a file pins."""
    command = [sys.executable, "-m", "pip_audit", "--require-hashes"]
    command += ["--disable-pip", "--format=json", "--progress-spinner=off"]
    return subprocess.run(  # noqa: S603 - no shell, our own words
        [*command, f"--requirement={lock}"],
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
        check=False,
    )


def advisories(
    answer: subprocess.CompletedProcess[str],
) -> tuple[list[str], bool]:
    """Return lines for people, and whether there is something to mend."""
    try:
        packages = json.loads(answer.stdout)["dependencies"]
    except (ValueError, KeyError):
        reason = (answer.stderr.strip().splitlines() or ["no word"])[-1]
        if any(word in answer.stderr for word in _AWAY):
            return [f"{_NOBODY}: {reason[:_SHOWN]}"], False
        return [f"pip-audit cannot ask: {reason[:_SHOWN]}"], True
    unknown = [each["name"] for each in packages if "skip_reason" in each]
    if len(unknown) == len(packages):
        return [f"{_NOBODY}: it knows no package"], False
    found = [
        f"{each['name']} {each['version']}: {flaw['id']}, mended in"
        f" {', '.join(flaw['fix_versions']) or 'no version'}"
        for each in packages
        for flaw in each.get("vulns", ())
    ]
    lines = found or ["None known."]
    if unknown:
        lines = [*lines, f"Nothing is known of {', '.join(unknown)}."]
    return lines, bool(found)


def main() -> int:
    """Print everything; 1 if there is an advisory."""
    for title, part in (
        ("Jars for s3a://, by licence and SHA-256", jars()),
        ("Images that ours are made from", images()),
        ("Servers, built by Go", servers()),
    ):
        print(f"\n{title}", *part, sep="\n  ")
    answers = [advisories(ask(lock)) for lock in LOCKS]
    # What several files pin, and that nobody answers, is told once.
    lines = dict.fromkeys(line for told, _ in answers for line in told)
    names = ", ".join(lock.name for lock in LOCKS)
    print(f"\nAdvisories on {names}", *lines, sep="\n  ")
    return int(any(found for _, found in answers))


if __name__ == "__main__":
    sys.exit(main())
