#!/usr/bin/env bash
#
# A telemetry collector that isn't there costs every command three seconds.
#
# Packages: effect 3.22.4, @effect/platform 0.97.2, @effect/opentelemetry 0.64.1 (npm).
# Expected: with nobody listening the connection is refused within a millisecond, the
#   export is given up, and a program that does nothing is over at once.
# Instead: at the end of the scope the exporter tries again, a second apart, as it would in
#   the middle of a long life. A refused connection costs three seconds, the same as a
#   collector that accepts and never answers. Without the exporter there is no wait.
# Why it matters: for a server it is nothing; for a command that is run once a file it is
#   most of its time, on all days when the collector is being restarted.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts --save-exact effect@3.22.4 @effect/platform@0.97.2 @effect/opentelemetry@0.64.1

cat > work.mjs << 'JS'
import { createServer } from "node:net"
import * as Otlp from "@effect/opentelemetry/Otlp"
import { FetchHttpClient } from "@effect/platform"
import { Duration, Effect, Layer } from "effect"

const listen = () =>
  new Promise((resolve) => {
    const server = createServer(() => {}).listen(0, "127.0.0.1", () => resolve(server))
  })
const silent = await listen()
const gone = await listen()
const port = gone.address().port
await new Promise((resolve) => gone.close(resolve))

const exporter = (port) =>
  Otlp.layerJson({ baseUrl: `http://127.0.0.1:${port}`, resource: { serviceName: "work" } }).pipe(Layer.provide(FetchHttpClient.layer))
const time = async (label, layer) => {
  const work = Effect.void.pipe(Effect.withSpan("work"), Effect.provide(layer), Effect.timed)
  const [took] = await Effect.runPromise(work)
  console.log(`${label}: ${Duration.toMillis(took) < 1500 ? "at once" : Duration.toMillis(took) < 2500 ? "2 s" : "3 s"}`)
}
await time("no exporter", Layer.empty)
await time("connection refused", exporter(port))
await time("accepted, no answer", exporter(silent.address().port))
process.exit()
JS
seen=$(timeout 60 node work.mjs)
stated='no exporter: at once
connection refused: 3 s
accepted, no answer: 3 s'

echo "effect 3.22.4, @effect/platform 0.97.2, @effect/opentelemetry 0.64.1, Node $(node --version)"
echo "$seen"
[[ $seen == "$stated" ]] || { printf 'Changed. Stated was:\n%s\n' "$stated"; exit 1; }
