#!/usr/bin/env bash
# Build the S3 servers that the tests start, once, outside the tree:
# build_tools.sh [minio] [versitygw], both when none is named.
set -euo pipefail
minio=v0.0.0-20260212201848-7aac2a2c5b7c
versitygw=v1.8.0
# Where tests/store looks for them too.
folder=${TAXI_FARE_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/taxi-fare/bin}

build() {  # NAME VERSION PACKAGE
  local stamp="$folder/.$1-$2"
  if [[ -x $folder/$1 && -e $stamp ]]; then
    echo "$folder/$1 is there ($2)."
    return
  fi
  echo "Building $1 $2: about two minutes ..."
  # A build that is broken off leaves no half binary with the final name.
  local fresh
  fresh=$(mktemp -d "$folder/.$1.XXXXXX")
  if ! GOBIN=$fresh GOFLAGS=-mod=mod CGO_ENABLED=0 go install "$3@$2"; then
    rm -rf "$fresh"
    echo "$1 could not be built; Go's own words are above." >&2
    return 7
  fi
  mv -f "$fresh/$1" "$folder/$1"
  rmdir "$fresh"
  rm -f "$folder/.$1-"*
  touch "$stamp"
}

if ! command -v go >/dev/null; then
  echo "Go is needed to build the S3 servers (https://go.dev/dl)." >&2
  exit 7
fi
mkdir -p "$folder"
[[ $# -gt 0 ]] || set -- minio versitygw
for server; do
  case $server in
    minio) build minio "$minio" github.com/minio/minio ;;
    versitygw)
      build versitygw "$versitygw" \
        github.com/versity/versitygw/cmd/versitygw ;;
    *)
      echo "There is no server $server: minio, versitygw." >&2
      exit 2 ;;
  esac
done
