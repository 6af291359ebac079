#!/usr/bin/env bash
# Build the images of deploy/compose.yaml and run them for real, from this
# checkout to a promoted model in the store and a page served by the app.
# It needs root, Go, and Debian's podman, runc, netavark, aardvark-dns,
# iptables and mmdebstrap; no registry of images: the base images are made here.
# Images stay below TAXI_FARE_CONTAINERS, so that the next call is quick;
# containers, networks, volumes and keys are removed in any case.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.."
state=${TAXI_FARE_CONTAINERS:-${XDG_CACHE_HOME:-$HOME/.cache}/taxi-fare/containers}
podman_compose=$PWD/.venv/bin/podman-compose
suite=bookworm
trips=${TEST_TRIPS:-3000}
month=2023-04
project=taxi-fare-test-$$
root=localhost/taxi-fare-root
python_base=localhost/taxi-fare-base-python
go_base=localhost/taxi-fare-base-go
work=$(mktemp -d)
began=$SECONDS

step() { printf '\n== %3d s: %s\n' "$((SECONDS - began))" "$*"; }

fail() {
  printf 'FAILED: %s\n' "$*" >&2
  exit 1
}

lack() {  # WHAT REMEDY
  printf '%s\n  What to do: %s\n' "$1" "$2" >&2
  exit 7
}

# Storage and settings of our own: other containers of this machine are not
# seen, and nothing of it has to be configured.
engine() {
  mkdir -p "$state"
  cat >"$work/containers.conf" <<CONF
[containers]
default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
[network]
network_backend = "netavark"
CONF
  cat >"$work/storage.conf" <<CONF
[storage]
driver = "overlay"
graphroot = "$state/storage"
runroot = "$state/run"
CONF
  export CONTAINERS_CONF=$work/containers.conf
  export CONTAINERS_STORAGE_CONF=$work/storage.conf
  export BUILDAH_FORMAT=docker  # the other format has no health checks
}

compose() {
  "$podman_compose" --project-name "$project" \
    --env-file "$work/env" --file deploy/compose.yaml "$@"
}

need() {
  [[ $(id -u) -eq 0 ]] || lack "These tests need root." "sudo make test-containers"
  for program in podman runc mmdebstrap; do
    command -v "$program" >/dev/null || lack "There is no $program." \
      "apt-get install podman runc netavark aardvark-dns iptables mmdebstrap"
  done
  [[ -x $podman_compose ]] || lack "There is no $podman_compose." "make env"
  command -v go >/dev/null || lack "There is no Go." "https://go.dev/dl"
}

# Like python:3.11-slim-bookworm: no manuals, no Java. This machine's own
# certificate authorities are put into it, as a company's base image would.
make_root() {
  local authorities=/usr/local/share/ca-certificates
  mkdir -p "$authorities"
  mmdebstrap --quiet --variant=minbase \
    --include=ca-certificates,python3,python3-venv \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt=force-unsafe-io \
    --customize-hook="copy-in $authorities /usr/local/share" \
    --customize-hook='chroot "$1" update-ca-certificates' \
    "$suite" "$work/root.tar" \
    "deb http://deb.debian.org/debian $suite main" \
    "deb http://deb.debian.org/debian-security $suite-security main"
  podman import --quiet "$work/root.tar" "$root"
  rm "$work/root.tar"
}

make_bases() {
  podman image exists "$root" || make_root
  mkdir -p "$work/empty"
  podman build --quiet --tag "$python_base" --file - "$work/empty" <<BASE
FROM $root
ENV PIP_CERT=/etc/ssl/certs/ca-certificates.crt PIP_CACHE_DIR=/srv/pip-cache
BASE
  podman image exists "$go_base" || podman build --quiet --tag "$go_base" \
    --file - "$(go env GOROOT)" <<BASE
FROM $root
COPY . /usr/local/go
ENV PATH=/usr/local/go/bin:/usr/sbin:/usr/bin:/sbin:/bin
ENV GOMODCACHE=$(go env GOMODCACHE) GOCACHE=$(go env GOCACHE)
BASE
}

# With the network and the caches of this machine: minutes less.
build() {
  local folder options=--network=host
  for folder in "$(go env GOMODCACHE)" "$(go env GOCACHE)"; do
    mkdir -p "$folder"
    options+=" --volume=$folder:$folder"
  done
  mkdir -p "$state/pip-cache"
  options+=" --volume=$state/pip-cache:/srv/pip-cache"
  compose --podman-build-args="$options" build \
    --build-arg "GO_IMAGE=$go_base" --build-arg "PYTHON_IMAGE=$python_base"
}

# Nobody may have to guess which ports are free.
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

random_key() { od -An -N16 -tx1 /dev/urandom | tr -d ' \n'; }

write_env() {
  access_key=$(random_key) secret_key=$(random_key)
  cluster_secret=$(random_key)
  app_port=$(free_port) service_port=$(free_port) api_key=$(random_key)
  sed -e "s/^MINIO_ACCESS_KEY=.*/MINIO_ACCESS_KEY=$access_key/" \
    -e "s/^MINIO_SECRET_KEY=.*/MINIO_SECRET_KEY=$secret_key/" \
    -e "s/^SPARK_AUTHENTICATE_SECRET=.*/&$cluster_secret/" \
    -e "s/^APP_PORT=.*/APP_PORT=$app_port/" \
    -e "s/^SERVICE_PORT=.*/SERVICE_PORT=$service_port/" \
    -e "s/^TAXI_FARE_API_KEYS=.*/&$api_key/" \
    -e "s/^STORE_PORT=.*/STORE_PORT=$(free_port)/" \
    -e "s/^SPARK_PAGE_PORT=.*/SPARK_PAGE_PORT=$(free_port)/" \
    -e "s/^SPARK_WORKER_MEMORY=.*/SPARK_WORKER_MEMORY=1500m/" \
    -e "s/^SPARK_DAEMON_MEMORY=.*/SPARK_DAEMON_MEMORY=256m/" \
    -e "s/^DRIVER_MEMORY=.*/DRIVER_MEMORY=1g/" \
    .env.example >"$work/env"
}

containers() {
  podman ps --all --filter "label=io.podman.compose.project=$project" \
    --format '{{.Names}}'
}

container() {  # SERVICE
  podman ps --filter "label=io.podman.compose.project=$project" \
    --filter "label=com.docker.compose.service=$1" --format '{{.Names}}'
}

servers=(minio spark-master spark-worker-1 spark-worker-2 app service)

# podman runs no health check by itself here: each is run by hand.
await_health() {
  local service end=$((SECONDS + 240))
  for service in "${servers[@]}"; do
    until podman healthcheck run "$(container "$service")" >/dev/null 2>&1; do
      if ((SECONDS > end)); then
        podman logs --tail 20 "$(container "$service")" >&2 || true
        fail "$service is not healthy"
      fi
      sleep 1
    done
    echo "$service is healthy"
  done
}

run() { compose --profile run run -T --rm "$@" 2>&1 | tee --append "$work/runs"; }

monthly_run() {
  run -e TAXI_FARE_GBT__MAX_ITER=4 -e TAXI_FARE_GBT__MAX_DEPTH=4 \
    pipeline "$month" --simulate "$trips"
}

current_model() {
  compose --profile run run -T --rm --entrypoint taxi-fare pipeline \
    registry show --json --model-registry-path s3a://nyc-interim/registry \
    2>"$work/show" | python3 -c 'import json, sys; print(json.load(sys.stdin)["slots"]["current"])'
}

check_images() {
  local image
  for image in localhost/taxi-fare:0.1.0 localhost/taxi-fare-minio:0.1.0; do
    [[ $(podman image inspect --format '{{.User}}' "$image") == 10001 ]] \
      || fail "$image is not of the user 10001"
    [[ $(podman run --rm --entrypoint id "$image" -u) == 10001 ]] \
      || fail "$image runs as another user"
    podman image inspect "$image" >"$work/image.json"
    podman history --no-trunc "$image" >>"$work/image.json"
    if grep -qiE '(access|secret)_?key|root_(user|password)' "$work/image.json"
    then
      fail "$image has something like a key"
    fi
  done
  podman run --rm --network none localhost/taxi-fare:0.1.0 \
    sh -c 'ls /opt/s3a-jars/*.jar | wc -l; test ! -e /app/.env' \
    || fail "the jars for s3a:// are not in the image"
}

check_app() {  # MODEL
  local page
  for page in / /_stcore/health; do
    curl --silent --show-error --fail --max-time 30 --noproxy '*' \
      --output "$work/page" --write-out "GET $page: %{http_code}\n" \
      "http://127.0.0.1:$app_port$page" || fail "the app does not serve $page"
  done
  podman exec --interactive "$(container app)" python - "$1" <<'PYTHON' || fail "the app does not show the model"
import sys
from streamlit.testing.v1 import AppTest

model, sys.argv = sys.argv[1], sys.argv[:1]
page = AppTest.from_file("/app/streamlit_app/app.py").run(timeout=120)
texts = [each.value for each in (*page.caption, *page.markdown)]
assert not page.exception, page.exception
assert any(model in text for text in texts), texts
print(f"the app shows {model}")
PYTHON
}

# A price by the model in production, from a service that cannot write.
check_service() {  # MODEL
  local ride='{"rides": [{"pickup": "JFK", "dropoff": "Times Sq",
    "at": "2023-06-15T17:30:00", "miles": 17, "minutes": 45}]}'
  local end=$((SECONDS + 60))
  until curl --silent --show-error --fail --max-time 30 --noproxy '*' \
    --header "Authorization: Bearer $api_key" --data "$ride" \
    "http://127.0.0.1:$service_port/v1/quotes" >"$work/quote" \
    && grep -qF "$1" "$work/quote"
  do
    ((SECONDS < end)) || fail "the service does not price by $1"
    sleep 1
  done
  cat "$work/quote"
  echo
  if curl --silent --fail --noproxy '*' --data "$ride" \
    "http://127.0.0.1:$service_port/v1/quotes" >/dev/null
  then
    fail "the service prices for who has no key"
  fi
  if podman exec "$(container service)" sh -c 'touch /app/x' 2>/dev/null; then
    fail "the service can write into its image"
  fi
}

has_key() { grep -aF -e "$access_key" -e "$secret_key" >/dev/null; }
has_secret() { grep -aF -e "$cluster_secret" >/dev/null; }

# What a service has in its processes' environments and in its files.
inside() {  # SERVICE
  podman exec "$(container "$1")" sh -c \
    'cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline; grep -ahr . /srv /tmp' \
    2>/dev/null || true
}

check_secrets() {
  local name
  # Where they must be found: otherwise the search would prove nothing.
  inside minio | has_key || fail "the search does not find keys"
  inside spark-master | has_secret || fail "the search finds no secret"
  for name in app service spark-master spark-worker-1 spark-worker-2; do
    if inside "$name" | has_key; then fail "$name has a key"; fi
  done
  for name in app service minio; do
    if inside "$name" | has_secret; then fail "$name has the secret"; fi
  done
  for name in spark-master spark-worker-1 spark-worker-2; do
    if podman exec "$(container "$name")" sh -c 'cat /proc/[0-9]*/cmdline' \
      | has_secret
    then
      fail "the secret is on a command line of $name"
    fi
  done
  for name in $(containers); do
    if podman logs "$name" 2>&1 | tee "$work/log" | has_key \
      || has_secret <"$work/log"
    then
      fail "a key is in the log of $name"
    fi
  done
  if has_key <"$work/runs" || has_secret <"$work/runs"; then
    fail "the monthly run printed a key"
  fi
  echo "no key in app, service, master and workers, nor in any log"
}

# From a container: 0 when something takes a connection there.
reaches() {  # SERVICE HOST PORT
  podman exec "$(container "$1")" python -c 'import socket, sys
socket.create_connection((sys.argv[1], int(sys.argv[2])), timeout=5)' \
    "$2" "$3" 2>/dev/null
}

address() {  # SERVICE
  podman inspect "$(container "$1")" --format \
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}'
}

check_networks() {
  local service port
  for service in spark-master:7077 spark-master:8080 spark-worker-1:8081 \
    minio:9000
  do
    port=${service#*:} service=${service%:*}
    reaches spark-worker-2 "$service" "$port" \
      || fail "a worker does not reach $service:$port"
    if reaches app "$service" "$port" \
      || reaches app "$(address "$service")" "$port"
    then
      fail "the app reaches $service:$port"
    fi
  done
  if reaches spark-worker-2 spark-master 6066; then fail "6066 is open"; fi
  echo "the app reaches neither Spark nor the store; port 6066 is closed"
}

clean() {
  local code=$?
  trap - EXIT INT TERM
  set +e
  step "Removing containers, networks and volumes"
  [[ -s $work/env ]] && compose --profile run down --volumes >"$work/down" 2>&1
  # What `down` does not know: a run that was stopped in the middle.
  containers | xargs -r podman rm --force --volumes
  podman pod ls --format '{{.Name}}' | grep "$project" \
    | xargs -r podman pod rm --force
  podman volume ls --quiet | grep "^$project" | xargs -r podman volume rm --force
  podman network ls --format '{{.Name}}' | grep "^$project" \
    | xargs -r podman network rm --force
  rm -rf "$work"
  exit "$code"
}

trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
step "What it needs"
need
engine
step "Base images (once)"
make_bases
step "Without keys nothing starts"
touch "$work/env"
if (
  unset MINIO_ACCESS_KEY MINIO_SECRET_KEY SPARK_AUTHENTICATE_SECRET
  compose config >"$work/config" 2>&1
); then
  fail "compose.yaml does without keys"
fi
# It names one of them, whichever it comes to first.
grep -m1 -E 'MINIO_ACCESS_KEY|SPARK_AUTHENTICATE_SECRET' "$work/config"
write_env
step "Images (MinIO from its Go module, Spark, the app)"
build
check_images
step "Up: ${servers[*]}"
compose up --detach
await_health
step "A month of $trips simulated trips, trained on the cluster"
monthly_run
model=$(current_model)
[[ $model == "$month"_* ]] || fail "the current model is $model"
echo "current in the store: $model"
step "The app"
check_app "$model"
step "The HTTP service"
check_service "$model"
step "Keys"
check_secrets
step "Networks"
check_networks
step "Down and up again: the volumes keep everything"
compose down
compose up --detach
await_health
[[ $(current_model) == "$model" ]] || fail "the model is gone"
check_app "$model"
check_service "$model"
step "Passed"
