#!/usr/bin/env bash
#
# A timeout of half a second takes as long as the program likes.
#
# Packages: effect 3.22.4, @effect/platform 0.97.2, @effect/platform-node 0.108.2 (npm).
# Expected: `Effect.timeout("500 millis")` around a program started with `Command` is over
#   after about half a second, the program ended one way or another.
# Instead: at the time-out the program gets SIGTERM, and then its exit is waited for, with
#   no limit and no SIGKILL. A program that ignores SIGTERM and works for six seconds
#   makes it six seconds.
# Why it matters: encoders and wrapper scripts that finish "the current file" first are
#   common. The time limit of a stage is none, and neither is that of a shutdown.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/platform@0.97.2 @effect/platform-node@0.108.2

cat > stubborn.sh << 'SH'
trap '' TERM
for _ in 1 2 3 4 5 6; do sleep 1; done
SH
cat > limit.mjs << 'JS'
import { Command } from "@effect/platform"
import { NodeContext } from "@effect/platform-node"
import { Duration, Effect } from "effect"

const limited = (label, ...words) =>
  Command.start(Command.make(...words)).pipe(
    Effect.flatMap((program) => program.exitCode),
    Effect.scoped,
    Effect.timeout("500 millis"),
    Effect.either,
    Effect.timed,
    Effect.map(([took, result]) => `${label}: ${result._tag}, ${Duration.toSeconds(took) < 3 ? "within 3 s" : "after 5 s and more"}`),
    Effect.provide(NodeContext.layer),
    Effect.runPromise
  )
console.log(await limited("ends at SIGTERM", "sleep", "6"))
console.log(await limited("ignores SIGTERM", "bash", "stubborn.sh"))
JS
seen=$(timeout 60 node limit.mjs)
stated='ends at SIGTERM: Left, within 3 s
ignores SIGTERM: Left, after 5 s and more'

echo "effect 3.22.4, @effect/platform 0.97.2, @effect/platform-node 0.108.2, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
