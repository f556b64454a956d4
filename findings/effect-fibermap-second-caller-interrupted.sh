#!/usr/bin/env bash
#
# `FiberMap.run` with `onlyIfMissing` hands the second caller an interrupted fiber.
#
# Packages: effect 3.22.4 (npm).
# Expected: who runs a key with `onlyIfMissing: true` while its work is under way gets the
#   fiber of that work, and can wait for its result with `Fiber.join`.
# Instead: it gets another fiber, one that has ended by interruption before anybody touched
#   it; joining it interrupts the second caller, too. The work itself goes on, and the first
#   caller gets its result. `FiberMap.get` after the run is the fiber that one wants.
# Why it matters: "make the waveform of this file, once, whoever asks" is what the option
#   reads like. The second of two listeners then gets nothing, and only when they are quick.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4

cat > once.mjs << 'JS'
import { Effect, Exit, Fiber, FiberMap } from "effect"

const work = Effect.delay(Effect.succeed("peaks"), "200 millis")
const told = (exit) => (Exit.isSuccess(exit) ? exit.value : Exit.isInterrupted(exit) ? "interrupted" : "failed")
await Effect.gen(function* () {
  const map = yield* FiberMap.make()
  const run = FiberMap.run(map, "drums.wav", work, { onlyIfMissing: true })
  const first = yield* run
  const second = yield* run
  const found = yield* FiberMap.get(map, "drums.wav")
  console.log(`the same fiber: run ${second === first}, get ${found === first}`)
  console.log("second caller:", told(yield* Fiber.await(second)))
  console.log("first caller:", told(yield* Fiber.await(first)))
}).pipe(Effect.scoped, Effect.runPromise)
JS
seen=$(timeout 60 node once.mjs)
stated='the same fiber: run false, get true
second caller: interrupted
first caller: peaks'

echo "effect 3.22.4, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
