#!/usr/bin/env bash
#
# A test that asked for no layer runs in the layer of the tests above it, and without a test clock.
#
# Packages: @effect/vitest 0.30.0, vitest 3.2.7, effect 3.22.4 (npm).
# Expected: `layer(L, { excludeTestServices: true })("a", (it) => …)` concerns the tests of its
#   callback; `it.effect` in the next `describe`, or in the next file, gets the usual test
#   services.
# Instead: `layer` assigns its testers to vitest's one `it` and never takes them back. The next
#   describe's `it.effect` provides L, and has no TestClock: "testClock.adjust is not a
#   function". Turned round, it is worse: a test that forgot its layer passes, as long as
#   another one stands above it. Without isolation (`--no-isolate`) the next file gets it too.
# Why it matters: a test that is moved, or run alone, fails or passes for a reason that is in
#   another one. Putting `effect`, `scoped`, `live`, … back on `it` in a set-up file mends
#   it from file to file.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact @effect/vitest@0.30.0 vitest@3.2.7 effect@3.22.4

cat > layer.test.mjs << 'JS'
import { describe, it, layer } from "@effect/vitest"
import { Context, Effect, Layer, TestClock } from "effect"

const Colour = Context.GenericTag("Colour")
const clocked = TestClock.adjust("1 second")

describe("above", () => {
  it.effect("has a test clock", () => clocked)
  layer(Layer.succeed(Colour, "red"), { excludeTestServices: true })("with a layer", (it) => {
    it.effect("gets its service", () => Colour)
  })
})
describe("below", () => {
  it.effect("has a test clock", () => clocked)
  it.effect("gets a service that nobody provides here", () => Colour)
})
JS
npx vitest run --reporter=json --outputFile=report.json > /dev/null 2>&1 || true
seen=$(node -e '
  for (const { fullName, status, failureMessages } of require("./report.json").testResults[0].assertionResults)
    console.log(`${fullName}: ${status}${failureMessages.map((text) => `, ${text.split("\n")[0]}`).join("")}`)')
stated='above has a test clock: passed
above with a layer gets its service: passed
below has a test clock: failed, TypeError: testClock.adjust is not a function
below gets a service that nobody provides here: passed'

echo "@effect/vitest 0.30.0, vitest 3.2.7, effect 3.22.4, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
