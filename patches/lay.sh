#!/bin/sh
# Lays mistralrs-core, as published and with the patches of patches/mistralrs-core applied,
# into .patched/, where the root manifest's [patch.crates-io] looks for it. Does nothing where that
# is done already; does it anew when a patch or this script has changed.
set -eu

version=0.8.1
sha256=a2b8b9e5c94491d9ceeded3a30291cb6af6ae74810a5776dd55e3bbb8b3429d4

cd "$(dirname "$0")/.."
root=$(pwd)
target=.patched/mistralrs-core

fail() {
    echo "patches/lay.sh: $*" >&2
    exit 1
}

digest() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum "$@"
    else
        shasum -a 256 "$@"
    fi | cut -d ' ' -f 1
}

stamp=$(digest patches/lay.sh patches/mistralrs-core/*.patch)
if [ "$(cat "$target/.stamp" 2>/dev/null)" = "$stamp" ]; then
    exit 0
fi
command -v git >/dev/null 2>&1 || fail "git is needed to apply the patches"

archive() {
    find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" -name "mistralrs-core-$version.crate" \
        2>/dev/null | head -n 1
}

if [ -z "$(archive)" ]; then
    host=$(rustc -vV | sed -n 's/^host: //p')
    cargo fetch --locked --manifest-path patches/fetch/Cargo.toml --target "$host" ||
        fail "mistralrs-core $version could not be fetched; is there a network?"
fi
archive=$(archive)
[ -n "$archive" ] || fail "cargo fetched mistralrs-core $version, but its archive is not there"
[ "$(digest "$archive")" = "$sha256" ] ||
    fail "$archive is not the published mistralrs-core $version; delete it and try again"

work=.patched/work.$$
trap 'rm -rf "$root/$work"' EXIT
mkdir -p "$work"
# -m: the archive's own dates are older than any build, and cargo goes by dates.
tar -xzmf "$archive" -C "$work"
rm -f "$work/mistralrs-core-$version/Cargo.lock"

for patch in patches/mistralrs-core/*.patch; do
    # Outside of any repository, or git would look for the files in ours.
    (cd "$work/mistralrs-core-$version" &&
        GIT_CEILING_DIRECTORIES=$root/.patched git apply --whitespace=nowarn "$root/$patch") ||
        fail "$patch does not apply to mistralrs-core $version"
done

echo "$stamp" >"$work/mistralrs-core-$version/.stamp"
rm -rf "$target"
mv "$work/mistralrs-core-$version" "$target"
echo "patches/lay.sh: mistralrs-core $version laid in $target with" \
    "$(ls patches/mistralrs-core | wc -l | tr -d ' ') patches"
