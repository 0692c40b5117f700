#!/usr/bin/env bash
# Makes a Python wheel that holds the program alone: target/packages/*.whl.
# Needs maturin (`pip install maturin`).
set -euo pipefail
cd "$(dirname "$0")/wheel"
maturin build --release --locked --out "${CARGO_TARGET_DIR:-../../target}/packages" "$@"
