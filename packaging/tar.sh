#!/usr/bin/env bash
# Makes an archive for one folder in a home directory: target/packages/*.tar.gz.
# Its layout is that of ~/.local, so that it can be unpacked into that too.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
name="blindspot-$version-$(uname -m)-$(uname -s | tr '[:upper:]' '[:lower:]')"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root="$work/$name"
share="$root/share"
install -Dm755 "${CARGO_TARGET_DIR:-target}/release/blindspot" "$root/bin/blindspot"
strip "$root/bin/blindspot"
install -Dm644 packaging/linux/blindspot.desktop -t "$share/applications"
install -Dm644 packaging/linux/blindspot.metainfo.xml -t "$share/metainfo"
install -Dm644 packaging/linux/blindspot.xml -t "$share/mime/packages"
install -Dm644 packaging/linux/blindspot.1 -t "$share/man/man1"
install -Dm644 packaging/icons/blindspot.svg -t "$share/icons/hicolor/scalable/apps"
for icon in packaging/icons/*x*.png; do
    install -Dm644 "$icon" "$share/icons/hicolor/$(basename "$icon" .png)/apps/blindspot.png"
done
install -Dm644 README.md LICENSE-MIT LICENSE-APACHE -t "$share/doc/blindspot"

packages="${CARGO_TARGET_DIR:-target}/packages"
mkdir -p "$packages"
tar -C "$work" --owner=0 --group=0 --numeric-owner --sort=name -czf "$packages/$name.tar.gz" "$name"
echo "$packages/$name.tar.gz"
