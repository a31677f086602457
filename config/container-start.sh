#!/bin/sh
# Runs its arguments in the container, after checking that the processor has the instructions that the program was
# compiled for. Without the check the program would end with "Illegal instruction".
set -eu

case $(uname -m) in
x86_64)
    level="x86-64-v3 (Intel Haswell of 2013, AMD Excavator of 2015, or later)"
    needed="avx2 bmi1 bmi2 f16c fma movbe"
    ;;
aarch64)
    level="Armv8.2 with dot products (Arm Cortex-A76 of 2018, AWS Graviton2, or later)"
    needed="asimddp asimdhp"
    ;;
*)
    needed=""
    ;;
esac

# The line of one processor; those of the others are the same.
has=" $(sed -n -e 's/^flags[[:space:]]*: //p' -e 's/^Features[[:space:]]*: //p' "${CPUINFO:-/proc/cpuinfo}" | head -n 1) "
for feature in $needed; do
    case $has in
    *" $feature "*) ;;
    *)
        echo "receipt-gateway: this image needs a processor of $level; this one lacks $feature." \
            "Build the image on this machine: podman build --build-arg RUSTFLAGS='-C target-cpu=native'" >&2
        exit 1
        ;;
    esac
done

exec "$@"
