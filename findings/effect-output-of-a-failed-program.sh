#!/usr/bin/env bash
#
# Half a sound, from a decoder that failed, is a success to Effect's `Command.string`, `lines` and `stream`.
#
# Packages: effect 3.22.4, @effect/platform 0.97.2, @effect/platform-node 0.108.2 (npm), ffmpeg 5.1.9
#   (Debian 12).
# Expected: a program that writes a part of its output and then ends with 1, or is killed, makes the effect
#   fail: its type has a PlatformError, which is what a program that can't be found gives.
# Instead: all three succeed with what there was, for they don't look at how the program ended. Only
#   `Command.exitCode` and the process of `Command.start` tell; the first gives no output, and a program
#   that writes more of it than a pipe holds never ends under it.
# Why it matters: a decoder is asked for samples, an external tagger for JSON lines: an error in the middle
#   of a file, or a kill for want of memory, gives a shorter sound or list, which is stored as the result.
#   Use `Command.start`, and wait for its `exitCode` behind the output.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
[[ $(ffmpeg -version) == "ffmpeg version 5.1.9"* ]] || { echo "needs ffmpeg 5.1.9"; exit 2; }
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/platform@0.97.2 @effect/platform-node@0.108.2

# Three seconds, in a list of two parts of which only the first is there.
ffmpeg -v error -f lavfi -i sine=440:r=48000:d=3 first.wav
printf "file first.wav\nfile second.wav\n" > parts.txt

cat > run.mjs << 'JS'
import { Command } from "@effect/platform"
import { NodeContext, NodeRuntime } from "@effect/platform-node"
import { Effect, Either, Stream } from "effect"

const decoder = (format) => Command.make(..."ffmpeg -nostdin -v quiet -xerror -f concat -i parts.txt".split(" "), "-f", format, "-")
const killed = Command.make("sh", "-c", "echo half; kill -9 $$")
const absent = Command.make("no-such-program")
const bytes = (command) => Stream.runFold(Command.stream(command), 0, (sum, chunk) => sum + chunk.length)
const tell = (name, effect) =>
  Effect.map(Effect.either(effect), (one) =>
    console.log(`${name}: ${Either.isRight(one) ? `success, ${JSON.stringify(one.right)}` : `failure, ${one.left._tag}`}`)
  )

Effect.all([
  tell("decoder, exitCode", Command.exitCode(decoder("null"))),
  tell("decoder, bytes of the stream", bytes(decoder("s16le"))),
  tell("killed, string", Command.string(killed)),
  tell("killed, lines", Command.lines(killed)),
  tell("absent, string", Command.string(absent))
]).pipe(Effect.provide(NodeContext.layer), NodeRuntime.runMain)
JS
seen=$(timeout 60 node run.mjs)
stated='decoder, exitCode: success, 1
decoder, bytes of the stream: success, 288000
killed, string: success, "half\n"
killed, lines: success, ["half"]
absent, string: failure, SystemError'

echo "@effect/platform 0.97.2, @effect/platform-node 0.108.2, ffmpeg 5.1.9, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
