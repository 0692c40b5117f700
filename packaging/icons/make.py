#!/usr/bin/env python3
"""Makes the icons of all sizes from blindspot.svg.

Needs rsvg-convert (Debian: librsvg2-bin). The .ico and the .icns are nothing
but PNGs behind a table of contents, which is written here.
"""

import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).parent
SIZES = [16, 24, 32, 48, 64, 128, 256, 512]
# Four letters that Apple gave to each size.
APPLE = {16: b"icp4", 32: b"icp5", 64: b"icp6", 128: b"ic07", 256: b"ic08", 512: b"ic09"}


def main() -> None:
    pictures = {}
    for size in SIZES:
        out = HERE / f"{size}x{size}.png"
        subprocess.run(
            ["rsvg-convert", "-w", str(size), "-h", str(size), "-o", out, HERE / "blindspot.svg"],
            check=True,
        )
        pictures[size] = out.read_bytes()
    (HERE / "blindspot.ico").write_bytes(ico({s: p for s, p in pictures.items() if s <= 256}))
    (HERE / "blindspot.icns").write_bytes(icns({s: p for s, p in pictures.items() if s in APPLE}))


def ico(pictures: dict[int, bytes]) -> bytes:
    table, place = b"", 6 + 16 * len(pictures)
    for size, picture in pictures.items():
        side = size % 256  # 0 stands for 256
        table += struct.pack("<BBBBHHII", side, side, 0, 0, 1, 32, len(picture), place)
        place += len(picture)
    return struct.pack("<HHH", 0, 1, len(pictures)) + table + b"".join(pictures.values())


def icns(pictures: dict[int, bytes]) -> bytes:
    parts = [APPLE[s] + struct.pack(">I", len(p) + 8) + p for s, p in pictures.items()]
    body = b"".join(parts)
    return b"icns" + struct.pack(">I", len(body) + 8) + body


main()
