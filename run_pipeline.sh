#!/usr/bin/env bash
# The whole pipeline: `taxi-fare pipeline` with the options that are given
# (--help lists them), in the project's root: relative paths are those of the
# project.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"

if [[ ! -x .venv/bin/python ]]; then
  echo "There is no Python in $PWD/.venv: run 'make env' in $PWD." >&2
  exit 7
fi
exec .venv/bin/python main.py pipeline "$@"
