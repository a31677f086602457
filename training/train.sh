#!/bin/sh
# Trains receipt-nano from scratch. Each phase writes a checkpoint every five minutes, and is skipped if it is done.
# To continue an interrupted phase, pass its own checkpoint with --resume.
#
#   SROIE=folder WORK=folder PYTHON=python3 GATEWAY=receipt-gateway sh training/train.sh
#
# With SROIE and GATEWAY, the built program, the scans are trained on as its page reader reads them too.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-python3}
work=${WORK:-out}
mkdir -p "$work"

phase() { # name, then arguments of train.py
    name=$1
    shift
    [ -e "$work/$name.done" ] && return
    $python -m receipt_nano.train "$@" --out "$work/$name.pt"
    touch "$work/$name.done"
}

$python -m receipt_nano.pool lines "$work/lines" --count 30
$python -m receipt_nano.pool receipts "$work/receipts" --count 120
scans=
if [ -n "${SROIE:-}" ]; then
    [ -e "$work/scans.pickle" ] ||
        $python -m receipt_nano.pool scans "$work/scans.pickle" --sroie "$SROIE"
    scans="--scans $work/scans.pickle"
fi

phase windows-lines windows --shards "$work/lines" --minutes 20 --rate 3e-3 --groups 1 --tokens 5000
# shellcheck disable=SC2086 # two words, or none
phase windows-receipts windows --shards "$work/receipts" $scans --resume "$work/windows-lines.pt" \
    --minutes 60 --rate 3e-3 --warm-up 0.03 --floor 0.04 --pool 8 --groups 1 --tokens 5000
phase small whole --shards "$work/receipts" --resume "$work/windows-receipts.pt" --minutes 25 \
    --rate 2e-3 --vision-share 0.3 --warm-up 0.04 --floor 0.5 --largest 330 --pool 16 --groups 1 \
    --tokens 4000 --glyphs 0.7 --roles 0.4 --guide 0.7 --transcribe 0.15
# shellcheck disable=SC2086
phase whole whole --shards "$work/receipts" $scans --resume "$work/small.pt" --keep-optimiser \
    --minutes 46 --rate 1.6e-3 --vision-share 0.4 --warm-up 0.02 --floor 0.03 --largest 700 \
    --pool 10 --groups 2 --tokens 2800 --glyphs 0.8 --roles 0.4 --guide 0.7 --transcribe 0.1
# A second, longer round: the vision tower alone, then the whole model.
# shellcheck disable=SC2086
phase windows-again windows --shards "$work/receipts" $scans --resume "$work/whole.pt" \
    --minutes 25 --rate 2.5e-3 --warm-up 0.04 --floor 0.1 --pool 10 --groups 1 --tokens 5000
# shellcheck disable=SC2086
phase whole-again whole --shards "$work/receipts" $scans --resume "$work/windows-again.pt" \
    --minutes 70 --rate 2e-3 --vision-share 0.5 --warm-up 0.02 --floor 0.02 --largest 700 \
    --pool 12 --groups 2 --tokens 2800 --glyphs 0.8 --roles 0.3 --guide 0.7 --transcribe 0.1 \
    --scan-share 0.15 --refresh 80
# The name, the phase to continue from, minutes and peak rate.
whole_on() {
    # shellcheck disable=SC2086
    phase "$1" whole --shards "$work/receipts" $scans --resume "$work/$2.pt" --minutes "$3" \
        --rate "$4" --vision-share 0.4 --warm-up 0.02 --floor 0.02 --largest 700 --pool 12 \
        --groups 2 --tokens 2800 --glyphs 0.8 --roles 0.3 --guide 0.7 --transcribe 0.1 \
        --scan-share 0.15 --refresh 80
}

# Further rounds: one with a lower rate, then two with half of that. The first of the two made 847 steps beside
# other builds, the second 902 on a quiet machine.
whole_on whole-longer whole-again 105 1.5e-3
whole_on whole-gently whole-longer 84 8e-4
whole_on whole-last whole-gently 36 8e-4

# The text model, on the text of pages, with a tenth of the batches whole pages. A page's text is made as it is needed.
readings=
if [ -n "${SROIE:-}" ] && [ -n "${GATEWAY:-}" ]; then
    if [ ! -e "$work/found.jsonl" ]; then
        "$GATEWAY" text --config ../config/gateway.toml --json "$SROIE"/img/*.jpg > "$work/found.part"
        mv "$work/found.part" "$work/found.jsonl"
    fi
    [ -e "$work/readings.pickle" ] ||
        $python -m receipt_nano.pool readings "$work/readings.pickle" --sroie "$SROIE" --found "$work/found.jsonl"
    readings="--readings $work/readings.pickle"
fi
# The name, the phase or the folder to continue from, minutes, peak rate, last share of it, seed; then other options.
texts() {
    name=$1 from="--resume $work/$2.pt" minutes=$3 rate=$4 floor=$5 seed=$6
    [ -d "$2" ] && from="--model $2"
    shift 6
    # shellcheck disable=SC2086
    phase "$name" texts --shards "$work/receipts" $scans $readings $from --minutes "$minutes" \
        --rate "$rate" --floor "$floor" --vision-share 0.2 --groups 1 --tokens 3000 --largest 700 --pool 6 \
        --picture-share 0.1 --glyphs 0.6 --roles 0.3 --guide 0.5 --transcribe 0.05 --scan-share 0.2 --seed "$seed" "$@"
}
texts texts whole-last 20 2e-3 0.7 1
texts texts-again texts 40 1.8e-3 0.02 50000
texts texts-last texts-again 28 1.3e-3 0.01 90000
texts texts-items texts-last 98 1.6e-3 0.01 200000 --picture-share 0.05 --scan-share 0.22
# Of both weights, since the last alone took what is not the total for it more often.
$python -m receipt_nano.export "$work/texts-last.pt" "$work/before"
$python -m receipt_nano.export "$work/texts-items.pt" ../models/receipt-nano
$python -m receipt_nano.blend "$work/before" ../models/receipt-nano --share 0.6
# Once more, with the goods of lexicon/goods/wider, and a third of that.
cp -r ../models/receipt-nano "$work/blended"
texts texts-goods "$work/blended" 92 1.5e-3 0.01 300000 --picture-share 0.04
$python -m receipt_nano.export "$work/texts-goods.pt" ../models/receipt-nano
$python -m receipt_nano.blend "$work/blended" ../models/receipt-nano --share 0.35
