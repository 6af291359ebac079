#!/usr/bin/env bash
# What Spark on Kubernetes starts an executor's container with, under the name
# `executor`; everything else it says by variables.
set -euo pipefail
find='import pathlib, pyspark; print(pathlib.Path(pyspark.__file__).parent)'
home=$(python -c "$find")
options=()
for ((at = 0; ; at++)); do
  name=SPARK_JAVA_OPT_$at
  [[ -v $name ]] || break
  options+=("${!name}")
done
exec "${JAVA_HOME:+$JAVA_HOME/bin/}java" "${options[@]}" \
  "-Xms$SPARK_EXECUTOR_MEMORY" "-Xmx$SPARK_EXECUTOR_MEMORY" \
  -cp "${SPARK_CONF_DIR:-$home/conf}:$home/jars/*" \
  org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBackend \
  --driver-url "$SPARK_DRIVER_URL" \
  --executor-id "$SPARK_EXECUTOR_ID" \
  --cores "$SPARK_EXECUTOR_CORES" \
  --app-id "$SPARK_APPLICATION_ID" \
  --hostname "$SPARK_EXECUTOR_POD_IP" \
  --resourceProfileId "$SPARK_RESOURCE_PROFILE_ID" \
  --podName "$SPARK_EXECUTOR_POD_NAME"
