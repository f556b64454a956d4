#!/usr/bin/env bash
#
# Who is interrupted while it fills `Effect.cached` interrupts everybody who asks after it, for ever.
#
# Packages: effect 3.22.4 (npm).
# Expected: the first to ask gives up, by a timeout or because its file was cancelled; nothing is in the
#   cache yet, and the next to ask does the work.
# Instead: the interruption is what is cached. Each later caller is interrupted at once, without a failure
#   that `Effect.retry` or `catchAll` could see, as if somebody had stopped it; the work never runs again.
#   `Effect.cachedFunction` does the same for each argument, and `Effect.uninterruptible` around the work
#   doesn't help. `Effect.cachedWithTTL`, described as the same but for its end, lets the next one do it.
# Why it matters: a model that is loaded, a client or a token that is made with the first request: one slow
#   first request with a timeout around it, and the service is dead and looks as if it were being stopped.
#   Use `Effect.cachedWithTTL` with `Duration.infinity`.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4

cat > cached.mjs << 'JS'
import { Cause, Duration, Effect, Exit } from "effect"

const told = (exit) =>
  Exit.isSuccess(exit) ? exit.value : Cause.isInterruptedOnly(exit.cause) ? "interrupted" : `failed with ${Cause.squash(exit.cause)._tag}`

/** Asks three times: the first gives up after 50 ms, the others wait. */
const three = (name, make) =>
  Effect.gen(function* () {
    let runs = 0
    const ask = yield* make(Effect.delay(Effect.sync(() => `made by run ${++runs}`), "200 millis"))
    const first = told(yield* Effect.exit(Effect.timeout(ask, "50 millis")))
    const second = told(yield* Effect.exit(Effect.retry(ask, { times: 2 })))
    const third = told(yield* Effect.exit(Effect.catchAll(ask, () => Effect.succeed("caught"))))
    console.log(`${name}: first ${first}; second ${second}; third ${third}`)
  })

await Effect.runPromise(
  Effect.all([
    three("cached", Effect.cached),
    three("cachedFunction", (work) => Effect.map(Effect.cachedFunction(() => work), (ask) => ask("a"))),
    three("cached, uninterruptible within", (work) => Effect.cached(Effect.uninterruptible(work))),
    three("cachedWithTTL, for ever", Effect.cachedWithTTL(Duration.infinity))
  ])
)
JS
seen=$(timeout 60 node cached.mjs)
stated='cached: first failed with TimeoutException; second interrupted; third interrupted
cachedFunction: first failed with TimeoutException; second interrupted; third interrupted
cached, uninterruptible within: first failed with TimeoutException; second interrupted; third interrupted
cachedWithTTL, for ever: first failed with TimeoutException; second made by run 1; third made by run 1'

echo "effect 3.22.4, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
