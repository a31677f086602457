#!/bin/sh
# Lays the engine's crates that we patch, as published and with the patches of patches/<crate> applied,
# into .patched/<crate>, where the root manifest's [patch.crates-io] looks for them. Does nothing for a
# crate where that is done already; does it anew when one of its patches or this script has changed.
set -eu

# Crate, version, SHA-256 of the published archive.
crates='
candle-core     0.10.2 6bd9895436c1ba5dc1037a19935d084b838db066ff4e15ef7dded020b7c12a4a
mistralrs-quant 0.8.1  980715493d252e9aaf0779c4c101576d67ef4dd9812bfd77a54987f6f17526f4
mistralrs-core  0.8.1  a2b8b9e5c94491d9ceeded3a30291cb6af6ae74810a5776dd55e3bbb8b3429d4
'

cd "$(dirname "$0")/.."
root=$(pwd)

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

archive() {
    find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" -name "$1-$2.crate" 2>/dev/null | head -n 1
}

lay() {
    crate=$1 version=$2 sha256=$3
    target=.patched/$crate
    stamp=$(digest patches/lay.sh patches/"$crate"/*.patch)
    if [ "$(cat "$target/.stamp" 2>/dev/null)" = "$stamp" ]; then
        return
    fi
    command -v git >/dev/null 2>&1 || fail "git is needed to apply the patches"

    if [ -z "$(archive "$crate" "$version")" ]; then
        host=$(rustc -vV | sed -n 's/^host: //p')
        cargo fetch --locked --manifest-path patches/fetch/Cargo.toml --target "$host" ||
            fail "$crate $version could not be fetched; is there a network?"
    fi
    archive=$(archive "$crate" "$version")
    [ -n "$archive" ] || fail "cargo fetched $crate $version, but its archive is not there"
    [ "$(digest "$archive")" = "$sha256" ] ||
        fail "$archive is not the published $crate $version; delete it and try again"

    work=.patched/work.$$
    trap 'rm -rf "$root/$work"' EXIT
    mkdir -p "$work"
    # -m: the archive's own dates are older than any build, and cargo goes by dates.
    tar -xzmf "$archive" -C "$work"
    rm -f "$work/$crate-$version/Cargo.lock"

    for patch in patches/"$crate"/*.patch; do
        # Outside of any repository, or git would look for the files in ours.
        (cd "$work/$crate-$version" &&
            GIT_CEILING_DIRECTORIES=$root/.patched git apply --whitespace=nowarn "$root/$patch") ||
            fail "$patch does not apply to $crate $version"
    done

    echo "$stamp" >"$work/$crate-$version/.stamp"
    rm -rf "$target"
    mv "$work/$crate-$version" "$target"
    rm -rf "$work"
    echo "patches/lay.sh: $crate $version laid in $target with" \
        "$(ls patches/"$crate" | wc -l | tr -d ' ') patches"
}

echo "$crates" | while read -r crate version sha256; do
    [ -z "$crate" ] || lay "$crate" "$version" "$sha256"
done
