#!/bin/sh
# Trains the page reader from scratch and writes models/page-reader. A net goes on from its own state after a halt, and
# is skipped if it is done.
#
#   SROIE=folder WORK=folder PYTHON=python3 sh training/train-reader.sh
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
work=${WORK:-out}/page-reader
mkdir -p "$work"

$python -m page_reader.data receipts "$work/lines" --count 14
$python -m page_reader.data texts "$work/lines" --count 10
$python -m page_reader.pages receipts "$work/pages" --count 7
$python -m page_reader.pages texts "$work/pages" --count 2
if [ -n "${SROIE:-}" ]; then
    [ -e "$work/lines/scans-train.pickle" ] || $python -m page_reader.data scans "$work/lines" --sroie "$SROIE"
    [ -e "$work/pages/scans-train.pickle" ] || $python -m page_reader.pages scans "$work/pages" --sroie "$SROIE"
fi

net() { # name, folder of its shards, minutes
    state=$work/$1.pt
    [ -e "$work/$1.done" ] && return
    # shellcheck disable=SC2046 # two words, or none
    $python -m page_reader.train "$1" "$work/$2" --minutes "$3" --out "$state" \
        $([ -e "$state" ] && echo --resume "$state")
    touch "$work/$1.done"
}

net detector pages 30
net recogniser lines 120
$python -m page_reader.export "$work/recogniser.pt" "$work/detector.pt" ../models/page-reader
