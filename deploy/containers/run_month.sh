#!/usr/bin/env bash
# One monthly run, in a container beside a store and a cluster:
#   run_month.sh YYYY-MM [--simulate TRIPS]
# Raw months go into the store (the TLC's, or simulated ones), the pipeline
# runs on the cluster, models go to the store, reports to reports/, and a copy
# of the registry, which the app shows, to registry-copy/.
set -euo pipefail
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
registry=${MODEL_REGISTRY:?names the registry, such as s3a://b/registry}
patience=${PATIENCE_SECONDS:-180}

usage() {
  echo "Usage: ${0##*/} YYYY-MM [--simulate TRIPS]" >&2
  exit 2
}

# As the first process of a container, bash passes no signal on by itself.
child=
stop() {
  trap '' TERM INT
  [[ -z $child ]] || { kill -TERM "$child" && wait "$child"; } 2>/dev/null
  exit 143
}
trap stop TERM INT

run() {
  echo "run_month: $*" >&2
  "$@" &
  child=$!
  wait "$child"
}

month=${1:-}
trips=${3:-}
[[ $month =~ ^[0-9]{4}-(0[1-9]|1[0-2])$ ]] || usage
[[ $# -eq 1 || ($# -eq 3 && $2 == --simulate && $trips =~ ^[0-9]+$) ]] || usage
months=$(python - "$month" <<'PYTHON'
import sys
from taxi_fare.core.months import Month, sliding_window
from taxi_fare.core.settings import load_settings

window = sliding_window(
    Month(sys.argv[1]), length=load_settings().training.window_months
)
print(f"{window.months[0]}..{window.months[-1]}")
PYTHON
)

# Not every engine of containers starts a service when another is healthy.
# Empty are the pages of a store that has none, and of Kubernetes.
page=${STORE_PAGE-${MINIO_ENDPOINT%/}/minio/health/ready}
[[ -z $page ]] || run python "$here/answers.py" "$page" --within "$patience"
[[ -z ${SPARK_MASTER_PAGE:-} ]] ||
  run python "$here/answers.py" "$SPARK_MASTER_PAGE/json/" \
    '"aliveworkers":[1-9]' --within "$patience"

run python "$here/make_bucket.py"
source=()
if [[ -n $trips ]]; then
  run python "$here/simulate_months.py" data/simulated "$months" "$trips"
  source=(--source data/simulated)
fi
run taxi-fare ingest --months "$months" "${source[@]}"
# The first failure is what the run ends with; the rest is done all the same:
# what a refused model looks like is to be seen, too.
code=0
run taxi-fare pipeline --test-month "$month" \
  --model-registry-path "$registry" || code=$?
run taxi-fare eda --months "$months" || code=$((code ? code : $?))
run python "$here/copy_registry.py" "$registry" registry-copy ||
  code=$((code ? code : $?))
exit "$code"
