#!/usr/bin/env bash
# A Spark cluster (1 master, 2 workers) and a MinIO on this machine, without
# containers: local-cluster.sh up|down|status. Only processes that it started
# are touched. Every setting is a variable:
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
host=${CLUSTER_HOST:-127.0.0.1}
master_port=${CLUSTER_MASTER_PORT:-7077}
master_web=${CLUSTER_MASTER_WEB_PORT:-8085}
worker_web=${CLUSTER_WORKER_WEB_PORT:-8086}    # the next free ones from it
workers=${CLUSTER_WORKERS:-2}
worker_cores=${CLUSTER_WORKER_CORES:-1}
worker_memory=${CLUSTER_WORKER_MEMORY:-2g}
store_port=${CLUSTER_STORE_PORT:-9000}
bucket=${MINIO_BUCKET_INTERIM:-nyc-interim}
state=${CLUSTER_STATE:-${XDG_STATE_HOME:-$HOME/.local/state}/taxi-fare/cluster}
tools=${TAXI_FARE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/taxi-fare/bin}
patience=${CLUSTER_PATIENCE_SECONDS:-90}
python=.venv/bin/python
options=deploy/spark-cluster.properties
variables=$state/environment
started=()
archive='
from taxi_fare.core.settings import load_settings
from taxi_fare.core.spark.class_archive import archive_options
from taxi_fare.core.spark.java import find_java

print(*archive_options(find_java(), load_settings().spark.class_archive))'

lack() {  # WHAT REMEDY
  printf '%s\n  What to do: %s\n' "$1" "$2" >&2
  exit 7
}

names() {
  echo store master
  for number in $(seq "$workers"); do echo "worker-$number"; done
}

# What the process of a name has on its command line: pids are used again.
mark() {
  case $1 in
    store) echo "minio server $state/store" ;;
    master) echo "org.apache.spark.deploy.master.Master" ;;
    worker-*) echo "$state/$1 " ;;
  esac
}

alive() {
  local file=$state/$1.pid
  [[ -s $file ]] && ps -p "$(<"$file")" -o command= 2>/dev/null \
    | grep -qF -- "$(mark "$1")"
}

answer() { curl --silent --fail --max-time 5 --noproxy '*' "$1" || true; }

healthy() {
  alive "$1" || return 1
  case $1 in
    store)
      curl --silent --fail --max-time 5 --noproxy '*' --output /dev/null \
        "http://$host:$store_port/minio/health/ready" ;;
    master)
      [[ $(answer "http://$host:$master_web/json/") == *'"ALIVE"'* ]] ;;
    worker-*)
      local web page
      # Spark takes the next port when one is in use: the log says which.
      web=$(sed -n 's/.*WorkerWebUI.* started at //p' "$state/$1.log")
      [[ -n $web ]] || return 1
      page=$(answer "http://$host:$master_web/json/")
      # The master lists a worker by its own page, and as alive.
      tr -d ' \n' <<<"$page" | sed 's/{"id":/\n/g' \
        | grep -F "\"webuiaddress\":\"$web\"" \
        | grep -qF '"state":"ALIVE"' ;;
  esac
}

launch() {  # NAME COMMAND ...
  local name=$1
  shift
  if alive "$name"; then
    return
  fi
  nohup "$@" >"$state/$name.log" 2>&1 </dev/null &
  echo $! >"$state/$name.pid"
  started+=("$name")
}

await() {  # NAME
  local end=$((SECONDS + patience))
  until healthy "$1"; do
    if ! alive "$1" || ((SECONDS > end)); then
      sleep 1
      healthy "$1" && break
      tail -n 5 "$state/$1.log" >&2
      for each in "${started[@]}"; do stop "$each"; done
      lack "$1 did not start." \
        "read $state/$1.log; another program may have its port."
    fi
    sleep 0.2
  done
}

stop() {  # NAME
  alive "$1" || { rm -f "$state/$1.pid"; return 0; }
  local pid end=$((SECONDS + 15))
  pid=$(<"$state/$1.pid")
  kill "$pid" 2>/dev/null || true
  while alive "$1" && ((SECONDS < end)); do sleep 0.1; done
  if alive "$1"; then kill -KILL "$pid" 2>/dev/null || true; fi
  rm -f "$state/$1.pid"
}

random_key() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

write_variables() {
  # Keys of a store that has data stay what they are.
  [[ -s $variables && -z ${MINIO_SECRET_KEY:-} ]] || (
    umask 077
    cat >"$variables" <<END
export MINIO_ACCESS_KEY=${MINIO_ACCESS_KEY:-$(random_key)}
export MINIO_SECRET_KEY=${MINIO_SECRET_KEY:-$(random_key)}
END
  )
  # shellcheck disable=SC1090
  source "$variables"
  export SPARK_AUTHENTICATE_SECRET=${SPARK_AUTHENTICATE_SECRET:-$(random_key)}
  export MINIO_ENDPOINT=http://$host:$store_port
  export MINIO_BUCKET_INTERIM=$bucket
  export SPARK_MASTER=spark://$host:$master_port
  (
    umask 077
    for name in MINIO_ACCESS_KEY MINIO_SECRET_KEY MINIO_ENDPOINT \
      MINIO_BUCKET_INTERIM SPARK_MASTER SPARK_AUTHENTICATE_SECRET; do
      printf 'export %s=%q\n' "$name" "${!name}"
    done >"$variables"
  )
}

up() {
  [[ -x $python ]] || lack "There is no Python in $PWD/.venv." "make env"
  [[ -x $tools/minio ]] || lack "There is no MinIO in $tools." "make tools"
  mkdir -p "$state"
  write_variables
  JAVA_HOME=$($python -c \
    'from taxi_fare.core.spark.java import find_java; print(find_java().home)')
  SPARK_HOME=$($python -c 'import pyspark; print(*pyspark.__path__)')
  # Executors have it from their worker: they start a third faster.
  JAVA_TOOL_OPTIONS="${JAVA_TOOL_OPTIONS:-} $($python -c "$archive")"
  # Its web pages are for this machine only, as its ports are.
  export SPARK_LOCAL_IP=$host SPARK_PUBLIC_DNS=$host JAVA_TOOL_OPTIONS
  export JAVA_HOME SPARK_HOME SPARK_DAEMON_MEMORY=${SPARK_DAEMON_MEMORY:-256m}
  MINIO_ROOT_USER=$MINIO_ACCESS_KEY MINIO_ROOT_PASSWORD=$MINIO_SECRET_KEY \
    MINIO_BROWSER=off launch store \
    "$tools/minio" server "$state/store" --address "$host:$store_port" \
    --certs-dir "$state/certificates"
  await store
  # The cluster gets the keys from each run, not from its environment; the
  # secret by a variable, since a command line is everybody's to read.
  export _SPARK_AUTH_SECRET=$SPARK_AUTHENTICATE_SECRET
  unset_keys=(env -u MINIO_ACCESS_KEY -u MINIO_SECRET_KEY)
  launch master "${unset_keys[@]}" "$SPARK_HOME/bin/spark-class" \
    org.apache.spark.deploy.master.Master --properties-file "$options" \
    --host "$host" --port "$master_port" --webui-port "$master_web"
  await master
  for number in $(seq "$workers"); do
    # All that a worker writes is below its own folder.
    launch "worker-$number" "${unset_keys[@]}" \
      SPARK_LOCAL_DIRS="$state/worker-$number" "$SPARK_HOME/bin/spark-class" \
      org.apache.spark.deploy.worker.Worker --properties-file "$options" \
      --work-dir "$state/worker-$number" \
      --host "$host" --cores "$worker_cores" --memory "$worker_memory" \
      --webui-port "$((worker_web + number - 1))" "$SPARK_MASTER"
  done
  for name in $(names); do await "$name"; done
  $python deploy/containers/make_bucket.py
  status
  echo "To use it: source $variables"
}

status() {
  local code=0
  for name in $(names); do
    if healthy "$name"; then
      echo "$name: up (process $(<"$state/$name.pid"))"
    else
      echo "$name: down"
      code=7
    fi
  done
  return $code
}

down() {
  # Workers first: they end their executors.
  for file in "$state"/worker-*.pid; do
    [[ -e $file ]] && stop "$(basename "$file" .pid)"
  done
  stop master
  stop store
  echo "Stopped. The store's data stays in $state/store."
}

case ${1:-} in
  up) up ;;
  down) down ;;
  status) status ;;
  *)
    echo "Usage: $0 up|down|status" >&2
    exit 2
    ;;
esac
