#!/usr/bin/env bash
# Makes the packages and tries them where there is no Rust and no checkout: in a
# fresh Debian (`debootstrap`, as root), as a user of its own.
#   packaging/try.sh FOLDER            FOLDER is made; about 1 GB
#   packaging/try.sh FOLDER --made     takes the packages that are there
# Needs debootstrap, lintian and what packaging/README.md names for the packages.
# The container is tried too if `buildah` is there: its second stage, on this
# Debian, with the program of the archive.
set -euo pipefail
mkdir -p "$1"
work=$(cd "$1" && pwd)
here=$(cd "$(dirname "$0")/.." && pwd)
cd "$here"
packages="${CARGO_TARGET_DIR:-target}/packages"
if [ "${2:-}" != --made ]; then
    packaging/wheel.sh
    packaging/deb.sh
    packaging/tar.sh
fi
newest() { find "$packages" -name "$1" -printf '%T@ %p\n' | sort -n | tail -1 | cut -d' ' -f2-; }
deb=$(newest '*.deb') wheel=$(newest '*.whl') archive=$(newest '*.tar.gz')
say() { printf '\n== %s\n' "$*"; }

say "sizes"
ls -lh "$deb" "$wheel" "$archive" | awk '{print $5, $9}'
say "lintian"
lintian "$deb" && echo "no remarks"

root="$work/debian"
if [ ! -x "$root/bin/bash" ]; then
    say "a fresh Debian"
    debootstrap --variant=minbase --include=python3,python3-venv bookworm "$root" >"$work/debootstrap.log"
fi
mkdir -p "$root/packages"
cp "$deb" "$wheel" "$archive" "$root/packages/"
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
trap 'umount "$root/proc"' EXIT
in_it() { chroot "$root" env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin HOME="$1" LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive bash -euo pipefail -c "$2"; }
as_user() { in_it "/home/$1" "su $1 -s /bin/bash -c 'set -euo pipefail; cd; $2'"; }
for user in deb wheel tar; do
    in_it /root "id $user >/dev/null 2>&1 || useradd --create-home $user; rm -rf /home/$user/*; rm -rf /home/$user/.local"
done
in_it /root "command -v cargo rustc" && { echo "there is Rust in it"; exit 1; }

say "the .deb, without what it recommends: from the package to the first blind spot"
began=$(date +%s.%N)
in_it /root "apt-get install -qq --no-install-recommends /packages/$(basename "$deb") >/dev/null"
as_user deb "blindspot --version; blindspot demo --out mine >/dev/null; blindspot discover mine --quiet | head -5"
echo "seconds: $(echo "$(date +%s.%N) - $began" | bc)"
say "the window without a display"
as_user deb "blindspot mine 2>&1 || true"
say "the demo's run (minutes)"
as_user deb "time blindspot run mine --quiet > run.txt; grep -A4 Verdict run.txt; tail -1 run.txt; ls -l mine/.blindspot/report.html"

say "the wheel"
as_user wheel "python3 -m venv v; v/bin/pip install -q --no-index /packages/$(basename "$wheel"); v/bin/blindspot --version; v/bin/blindspot demo --out mine >/dev/null; v/bin/blindspot discover mine --quiet | head -3"
say "the archive"
as_user tar "mkdir -p .local; tar -xzf /packages/$(basename "$archive") -C .local --strip-components=1; .local/bin/blindspot --version; .local/bin/blindspot demo --out mine >/dev/null; .local/bin/blindspot discover mine --quiet | head -3"

say "the window, and a double click on a hand-over"
# Without a desktop xdg-open asks mimetype what a file is.
in_it /root "apt-get install -qq --no-install-recommends xvfb xauth x11-utils xdg-utils libfile-mimeinfo-perl libgl1 libegl1 libgl1-mesa-dri libx11-6 libx11-xcb1 libxcursor1 libxi6 libxkbcommon0 libxkbcommon-x11-0 libwayland-client0 desktop-file-utils shared-mime-info >/dev/null"
as_user deb "blindspot hand-over mine --out expert.blindspot --quiet >/dev/null; cat > look.sh <<\"LOOK\"
xdg-open expert.blindspot >opened.log 2>&1 &
for _ in \$(seq 60); do
    sleep 1
    xwininfo -root -tree | grep -i blindspot && exit
done
cat opened.log
exit 1
LOOK
xvfb-run -a bash look.sh"

if command -v buildah >/dev/null; then
    say "the container's second stage"
    stage="$work/container"
    rm -rf "$stage" && mkdir -p "$stage"
    cp -r assets projects "$stage/"
    tar -xzf "$archive" -C "$stage" --strip-components=1
    awk '/^FROM .*debian/ { print "FROM localhost/debian"; on = 1; next } on' packaging/Containerfile |
        sed 's|^COPY --from=build /source/target/release/blindspot|COPY bin/blindspot|' >"$stage/Containerfile"
    export STORAGE_DRIVER=vfs BUILDAH_ISOLATION=chroot
    base=$(buildah from scratch)
    buildah add -q "$base" "$root" / >/dev/null
    buildah commit -q "$base" localhost/debian >/dev/null
    buildah build -q -f "$stage/Containerfile" -t blindspot "$stage" >/dev/null
    container=$(buildah from localhost/blindspot)
    buildah run "$container" -- blindspot --version
    buildah run "$container" -- sh -c 'blindspot demo --out /tmp/mine >/dev/null && blindspot discover /tmp/mine --quiet | head -3'
    buildah rm -a >/dev/null && buildah rmi -af >/dev/null
fi
