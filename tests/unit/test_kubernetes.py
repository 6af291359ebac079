"""What deploy/kubernetes says; there is no Kubernetes here to run it."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "deploy" / "kubernetes"
KUSTOMIZATION = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())
FILES = sorted(set(FOLDER.glob("*.yaml")) - {FOLDER / "kustomization.yaml"})
OBJECTS = {
    (each["kind"], each["metadata"]["name"]): each
    for file in FILES
    for each in yaml.safe_load_all(file.read_text())
}
SETTINGS = OBJECTS["ConfigMap", "settings"]["data"]
KEYS = {"MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", "SPARK_AUTHENTICATE_SECRET"}
EXECUTOR = yaml.safe_load(OBJECTS["ConfigMap", "executor"]["data"]["pod.yaml"])
# The oldest and the newest that the schemas of both are there.
VERSIONS = ("1.31", "1.34")


def _pods() -> dict[str, Any]:
    month = OBJECTS["CronJob", "month"]["spec"]["jobTemplate"]["spec"]
    return {
        "month": month["template"],
        "app": OBJECTS["Deployment", "app"]["spec"]["template"],
        "service": OBJECTS["Deployment", "service"]["spec"]["template"],
        "executor": EXECUTOR,
    }


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", [*OBJECTS, ("Pod", "executor")])
def test_each_object_is_of_kubernetes_own_schema(
    name: tuple[str, str], version: str
) -> None:
    """No field that there is not, none of another type."""
    each = OBJECTS.get(name, EXECUTOR)
    kubernetes_validate.validate(each, version, strict=True)


def test_a_field_that_there_is_not_is_seen() -> None:
    """The test above can fail."""
    wrong = OBJECTS["Service", "app"] | {"specs": {}}
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, VERSIONS[-1], strict=True)


def test_every_file_is_applied() -> None:
    """And no other."""
    assert {each.name for each in FILES} == {*KUSTOMIZATION["resources"]}


@pytest.mark.parametrize("name", ["month", "app", "service", "executor"])
def test_no_pod_may_more_than_a_plain_user(name: str) -> None:
    """What the namespace enforces, and the user that the image is for."""
    namespace = OBJECTS["Namespace", "taxi-fare"]["metadata"]["labels"]
    assert namespace["pod-security.kubernetes.io/enforce"] == "restricted"
    spec = _pods()[name]["spec"]
    assert spec["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    # The HTTP service writes nowhere; Spark and the app keep files.
    reads = {"readOnlyRootFilesystem": True} if name == "service" else {}
    for container in spec["containers"]:
        assert container["securityContext"] == reads | {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
        }
    asks = spec.get("automountServiceAccountToken", True)
    assert asks == (spec["serviceAccountName"] == "run") == (name == "month")


def test_what_pods_refer_to_is_there() -> None:
    """Accounts, settings, volumes, labels; the keys alone are a site's."""
    for name, pod in _pods().items():
        assert pod["metadata"]["labels"]["app.kubernetes.io/name"] == name
        spec = pod["spec"]
        assert ("ServiceAccount", spec["serviceAccountName"]) in OBJECTS
        mounted = {
            mount["name"]
            for container in spec["containers"]
            for mount in container.get("volumeMounts", ())
        }
        volumes = {each["name"]: each for each in spec.get("volumes", ())}
        assert mounted == set(volumes)
        for each in volumes.values():
            if "configMap" in each:
                assert ("ConfigMap", each["configMap"]["name"]) in OBJECTS
            if claim := each.get("persistentVolumeClaim"):
                assert ("PersistentVolumeClaim", claim["claimName"]) in OBJECTS
    run = _pods()["month"]["spec"]["containers"][0]
    assert run["envFrom"] == [
        {"configMapRef": {"name": "settings"}},
        {"secretRef": {"name": "keys"}},
    ]


def test_the_run_knows_every_variable_that_it_is_told_by() -> None:
    """What Kubernetes does not know it leaves as it is."""
    run = _pods()["month"]["spec"]["containers"][0]
    own = [each["name"] for each in run["env"]]
    for at, each in enumerate(run["env"]):
        asked = set(re.findall(r"\$\((\w+)\)", each.get("value", "")))
        assert asked <= {*own[:at], *SETTINGS}, each["name"]
    script = (ROOT / "deploy" / "containers" / "run_month.sh").read_text()
    assert "STORE_PAGE" in script
    assert {"STORE_PAGE", "MODEL_REGISTRY", "MINIO_ENDPOINT"} <= {*SETTINGS}


def test_keys_are_in_no_file() -> None:
    """They are a Secret, which the run alone gets."""
    for file in FILES:
        text = file.read_text()
        assert not any(key in text for key in KEYS), file
    for name in ("app", "service"):
        assert "envFrom" not in _pods()[name]["spec"]["containers"][0]


def test_only_what_may_pass_is_tried_again() -> None:
    """The exit code that says so, and no other."""
    job = OBJECTS["CronJob", "month"]["spec"]["jobTemplate"]["spec"]
    (rule,) = job["podFailurePolicy"]["rules"]
    assert rule["action"] == "FailJob"
    assert rule["onExitCodes"]["operator"] == "NotIn"
    assert rule["onExitCodes"]["values"] == [75]
    assert job["template"]["spec"]["restartPolicy"] == "Never"
    assert job["backoffLimit"] > 0


def test_an_executor_is_told_all_that_spark_says(tmp_path: Path) -> None:
    """By variables; options of Java may hold blanks."""
    java = tmp_path / "java"
    java.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    java.chmod(0o755)
    said = {
        "SPARK_DRIVER_URL": "spark://CoarseGrainedScheduler@10.0.0.7:7078",
        "SPARK_EXECUTOR_ID": "3",
        "SPARK_EXECUTOR_CORES": "2",
        "SPARK_APPLICATION_ID": "spark-1",
        "SPARK_EXECUTOR_POD_IP": "10.0.0.8",
        "SPARK_RESOURCE_PROFILE_ID": "0",
        "SPARK_EXECUTOR_POD_NAME": "month-exec-3",
    }
    program = ROOT / "deploy" / "containers" / "executor.sh"
    done = subprocess.run(
        [program, "executor"],
        env={
            "PATH": f"{tmp_path}:{Path(sys.executable).parent}:/usr/bin:/bin",
            "SPARK_EXECUTOR_MEMORY": "2g",
            "SPARK_JAVA_OPT_0": "-Dname=two words",
            "SPARK_JAVA_OPT_1": "-Dother=x",
            **said,
        },
        capture_output=True,
        text=True,
        check=True,
    )
    words = done.stdout.splitlines()
    assert words[:4] == ["-Dname=two words", "-Dother=x", "-Xms2g", "-Xmx2g"]
    assert words[5].endswith("/pyspark/jars/*")
    assert words[7::2] == [
        "--driver-url",
        "--executor-id",
        "--cores",
        "--app-id",
        "--hostname",
        "--resourceProfileId",
        "--podName",
    ]
    assert words[8::2] == list(said.values())
