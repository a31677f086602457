#!/bin/sh
# Type-checks the gateway with the engine's code for Metal on a system that is not Apple's: nothing is linked, and
# no kernel is compiled. Lays the crates that refuse other systems, with the patches of this folder, in
# .patched/metal, and has cargo take them from there for this once, so that manifests and Cargo.lock stay as they
# are.
set -eu
cd "$(dirname "$0")/../.."
root=$(pwd)

fail() {
    echo "patches/metal/check.sh: $*" >&2
    exit 1
}

[ "$(uname -s)" != Darwin ] || fail "on a Mac the build itself checks that code"

# A crate in cargo's registry, of the version in Cargo.lock.
published() {
    version=$(sed -n "/^name = \"$1\"\$/{n;s/^version = \"\(.*\)\"\$/\1/p;}" Cargo.lock)
    find "${CARGO_HOME:-$HOME/.cargo}/registry/src" -maxdepth 2 -name "$1-$version" 2>/dev/null | head -n 1
}

# Lays a crate, of which this is the source. What is laid already stays, since cargo goes by dates.
lay() {
    crate=$1 source=$2 laid=.patched/metal/$1
    [ -n "$source" ] || fail "cargo fetched $crate, but it is not in its registry"
    stamp=$(cat patches/metal/check.sh patches/metal/"$crate".patch "$source"/Cargo.toml \
        "$source"/.stamp 2>/dev/null | cksum)
    [ "$(cat "$laid/.stamp" 2>/dev/null)" != "$stamp" ] || return 0
    rm -rf "$laid"
    mkdir -p .patched/metal
    cp -R "$source" "$laid"
    # Outside of any repository, or git would look for the files in ours.
    (cd "$laid" && GIT_CEILING_DIRECTORIES=$root/.patched/metal git apply "$root/patches/metal/$crate.patch") ||
        fail "$crate.patch does not apply to $source"
    echo "$stamp" >"$laid/.stamp"
}

cargo fetch --locked --target aarch64-apple-darwin
paths=
for crate in objc2 block2 objc2-metal mistralrs-paged-attn; do
    lay "$crate" "$(published "$crate")"
    paths="$paths${paths:+, }\"$root/.patched/metal/$crate\""
done
set -- --config "paths = [$paths]"
# These have entries in the manifest's [patch.crates-io], before which only others of that kind go.
for crate in mistralrs-quant mistralrs-core; do
    lay "$crate" ".patched/$crate"
    set -- "$@" --config "patch.crates-io.$crate.path = \"$root/.patched/metal/$crate\""
done

# Without the processor's own instructions, so that the code for AVX is left out, as on a Mac.
RUSTFLAGS='' MISTRALRS_METAL_PRECOMPILE=0 cargo check --locked --lib --bins --features mistralrs/metal "$@"
