#!/bin/sh
# Trains the page reader and writes models/page-reader: from scratch, or from the weights of the reader in FROM, at half
# the rate. A net goes on from its own state after a halt, and is skipped if it is done. Relative folders are taken from
# this one.
#
#   FROM=../models/page-reader SROIE=folder WORK=folder PYTHON=python3 sh training/train-reader.sh
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
work=${WORK:-out}/page-reader
mkdir -p "$work"

$python -m page_reader.data receipts "$work/lines" --count 28
$python -m page_reader.data texts "$work/lines" --count 10
$python -m page_reader.pages receipts "$work/pages" --count 7
$python -m page_reader.pages texts "$work/pages" --count 2
if [ -n "${SROIE:-}" ]; then
    [ -e "$work/lines/scans-train.pickle" ] || $python -m page_reader.data scans "$work/lines" --sroie "$SROIE"
    [ -e "$work/pages/scans-train.pickle" ] || $python -m page_reader.pages scans "$work/pages" --sroie "$SROIE"
fi

net() { # name, file of its weights, folder of its shards, minutes
    state=$work/$1.pt
    [ -e "$work/$1.done" ] && return
    set -- "$@" --rate 2e-3
    if [ -n "${FROM:-}" ]; then
        start=$work/$1.from.pt
        [ -e "$start" ] || $python -m page_reader.restore "$1" "$FROM/$2.onnx" "$start"
        set -- "$1" "$2" "$3" "$4" --rate 1e-3 --weights "$start"
    fi
    [ -e "$state" ] && set -- "$@" --resume "$state"
    name=$1 shards=$work/$3 minutes=$4
    shift 4
    $python -m page_reader.train "$name" "$shards" --minutes "$minutes" --out "$state" "$@"
    touch "$work/$name.done"
}

net detector detection pages 30
net recogniser recognition lines 120
$python -m page_reader.export "$work/recogniser.pt" "$work/detector.pt" ../models/page-reader
