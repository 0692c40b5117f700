#!/usr/bin/env bash
# Makes the pictures of the README anew, each below 150 KB.
# Needs a Vulkan adapter (on Debian, in software: mesa-vulkan-drivers) and
# ImageMagick.
set -euo pipefail
cd "$(dirname "$0")/../.."

raw=$(mktemp -d)
trap 'rm -rf "$raw"' EXIT
PICTURES="$raw" cargo test --locked --features pictures --test gui pictures_for_the_readme -- --ignored --nocapture
for picture in "$raw"/*.png; do
    out="assets/pictures/$(basename "$picture")"
    convert "$picture" -strip +dither -colors 96 -define png:compression-level=9 "PNG8:$out"
    echo "$out $(stat -c %s "$out") bytes"
done
