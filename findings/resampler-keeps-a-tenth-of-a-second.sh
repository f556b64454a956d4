#!/usr/bin/env bash
#
# A resampler that has done one short sound makes a tenth of a second of the next long one.
#
# Packages: @alexanderolsen/libsamplerate-js 2.1.2 (npm).
# Expected: one instance, `simple()` once for each sound, as its documentation says: 2 s are 2 s and 30 s
#   are 30 s, whatever came before.
# Instead: 30 s at 48 kHz are more than 4 MB of floats. Such a sound is cut up within and goes through
#   the state that `full()` uses; after a short sound this state is at its end, and of 300 pieces only
#   the first comes back. The next long sound gives nothing at all. By a fresh instance the same 30 s
#   are 30 s. Nothing is thrown.
# Why it matters: tests take short sounds and production has both, so that what a model hears of each
#   longer recording is its first tenth of a second, or silence. Make an instance for each sound, and
#   compare the length that comes out with the one that should.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @alexanderolsen/libsamplerate-js@2.1.2

cat > resample.mjs << 'JS'
import resampler from "@alexanderolsen/libsamplerate-js"

const { ConverterType, create } = resampler
const make = () => create(1, 48_000, 16_000, { converterType: ConverterType.SRC_SINC_FASTEST })
const tone = (seconds) => Float32Array.from({ length: 48_000 * seconds }, (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * n) / 48_000))
const seconds = (samples) => (samples.length / 16_000).toFixed(1)

const kept = await make()
for (const length of [2, 20, 30, 30]) console.log(`one instance: ${length} s become ${seconds(kept.simple(tone(length)))} s`)
console.log(`a fresh one: 30 s become ${seconds((await make()).simple(tone(30)))} s`)
JS
seen=$(node resample.mjs)
stated='one instance: 2 s become 2.0 s
one instance: 20 s become 20.0 s
one instance: 30 s become 0.1 s
one instance: 30 s become 0.0 s
a fresh one: 30 s become 30.0 s'

echo "@alexanderolsen/libsamplerate-js 2.1.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
