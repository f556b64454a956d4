#!/usr/bin/env bash
#
# To @effect/cli a mistyped option is one more file.
#
# Packages: @effect/cli 0.77.2 with effect 3.22.4 and @effect/platform-node 0.108.2 (npm).
# Expected: a command that knows `--dry-run` and takes files refuses `--dryrun`, as it does when it
#   takes no files, and says what was meant.
# Instead: as soon as the command takes any number of arguments, an option that it doesn't know is
#   one of them. It runs, with the option's default, over the files named and "--dryrun".
# Why it matters: `--dryrun` then works on the files, and a mistyped limit for money is none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/cli@0.77.2 \
  @effect/platform@0.97.2 @effect/platform-node@0.108.2 @effect/printer@0.51.0 @effect/printer-ansi@0.51.0

cat > convert.mjs << 'SCRIPT'
import { Args, Command, Options } from "@effect/cli"
import { NodeContext } from "@effect/platform-node"
import { Console, Effect } from "effect"

const dryRun = Options.boolean("dry-run")
const some = Command.make("convert", { dryRun, files: Args.repeated(Args.text({ name: "file" })) }, (given) =>
  Console.log(JSON.stringify(given))
)
const none = Command.make("convert", { dryRun }, (given) => Console.log(JSON.stringify(given)))
const say = (command, ...words) =>
  Command.run(command, { name: "convert", version: "1" })(["node", "convert", ...words]).pipe(
    Effect.catchAll((error) => Console.log(`refused: ${error._tag}`)),
    Effect.provide(NodeContext.layer)
  )

await Effect.runPromise(say(some, "--dry-run", "a.wav"))
await Effect.runPromise(say(some, "--dryrun", "a.wav"))
await Effect.runPromise(say(none, "--dryrun"))
SCRIPT
seen=$(node convert.mjs 2> /dev/null | grep -E '^(\{|refused)')
stated='{"dryRun":true,"files":["a.wav"]}
{"dryRun":false,"files":["--dryrun","a.wav"]}
refused: InvalidValue'

echo "@effect/cli 0.77.2, effect 3.22.4, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
