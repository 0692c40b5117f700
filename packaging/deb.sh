#!/usr/bin/env bash
# Makes a Debian package: target/packages/*.deb.
# Needs cargo-deb (`cargo install cargo-deb --locked`).
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked
packages="${CARGO_TARGET_DIR:-target}/packages"
mkdir -p "$packages"
cargo deb --no-build --output "$packages/" "$@"
