#!/usr/bin/env bash
#
# A conversion that is stopped at once runs to its end.
#
# Packages: fluent-ffmpeg 2.1.3 (npm) with ffmpeg 5.1.9 (Debian 12).
# Expected: `kill("SIGKILL")` right after `run()` stops the conversion, as it does a moment later.
# Instead: before it starts ffmpeg, the library starts it twice to ask what it can do. A kill that
#   comes meanwhile finds no process, is forgotten without a word, and the conversion then begins
#   and ends as if nobody had said anything.
# Why it matters: a program that is interrupted while it begins many conversions ends with
#   processes that go on, though each was killed.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact fluent-ffmpeg@2.1.3

ffmpeg -v error -f lavfi -i sine=440:d=30 in.wav
cat > convert.mjs << 'SCRIPT'
import ffmpeg from "fluent-ffmpeg"
import { statSync } from "node:fs"

// Read at four times its own speed: the conversion takes some seven seconds.
const convert = (name, stopAt) =>
  new Promise((resolve) => {
    const command = ffmpeg("in.wav").inputOptions("-readrate", "4").output(name)
    command.on("end", () => resolve("ran to its end"))
    command.on("error", (error) => resolve(/SIGKILL/.test(error.message) ? "killed" : error.message))
    if (stopAt === "start") command.on("start", () => setTimeout(() => command.kill("SIGKILL"), 500))
    command.run()
    if (stopAt === "at once") command.kill("SIGKILL")
  })

console.log("killed after its start:", await convert("late.mp3", "start"))
console.log("killed at once:", await convert("early.mp3", "at once"))
console.log("its output is whole:", statSync("early.mp3").size > 200_000)
SCRIPT
seen=$(node convert.mjs)
stated='killed after its start: killed
killed at once: ran to its end
its output is whole: true'

echo "fluent-ffmpeg 2.1.3, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
