import { describe, expect, it } from "@effect/vitest"
import { Money } from "@mediaspool/core"
import { BigDecimal, Effect } from "effect"
import { spawnSync } from "node:child_process"
import { request } from "node:http"
import * as MetricsServer from "./MetricsServer.js"
import * as PrometheusText from "./PrometheusText.js"
import { RunMetrics } from "./RunMetrics.js"

const place = { pipeline: 'a "quoted" one', item: 1, path: "/in/a.wav" }
const metrics = new RunMetrics()
metrics.apply({ _tag: "ItemStarted", ...place })
for (const milliseconds of [3, 40, 400])
  metrics.apply({
    _tag: "NodeFinished",
    ...place,
    node: "caption",
    outcome: "ran",
    failure: undefined,
    milliseconds,
    price: new Money({ currency: "USD", amount: BigDecimal.unsafeFromString("0.25") })
  })
metrics.apply({ _tag: "ItemFinished", ...place, state: "done", obstacles: [] })

const worker = (name: string, running: number) => ({
  name,
  version: "1.0.0",
  engine: "",
  slots: 4,
  running,
  perMinute: 60,
  isDraining: false
})
metrics.apply({ _tag: "WorkersSeen", workers: [worker("studio-2/11", 1), worker("studio-2/12", 2), worker("attic/7", 4)] })
metrics.apply({ _tag: "WorkersSeen", workers: [worker("studio-2/11", 1), worker("studio-2/12", 2)] })

const promtool = spawnSync("promtool", ["--version"]).status === 0
if (!promtool) console.warn("Skipped: promtool checks no metrics here; it is in Debian's package prometheus.")

describe("The metrics for Prometheus", () => {
  it("count what runs did, and have no file's name", () => {
    const text = PrometheusText.text()
    const labels = 'pipeline="a \\"quoted\\" one"'
    expect(text).toContain(`mediaspool_files_total{${labels},state="done"} 1\n`)
    expect(text).toContain(`mediaspool_files_in_flight{${labels}} 0\n`)
    expect(text).toContain(`mediaspool_cost_total{${labels},node="caption",currency="USD"} 0.75\n`)
    const buckets = [...text.matchAll(/step_duration_seconds_bucket\{[^}]*le="([^"]+)"\} (\d+)/g)].map(([, le, count]) => [
      le,
      count
    ])
    expect(buckets.slice(0, 4)).toEqual([
      ["0.005", "1"],
      ["0.01", "1"],
      ["0.025", "1"],
      ["0.05", "2"]
    ])
    expect(buckets.at(-1)).toEqual(["+Inf", "3"])
    expect(text).not.toContain("a.wav")
    expect(text.match(/^# TYPE mediaspool_files_total /gm)?.length).toBe(1)
  })

  it("tell of workers by machine, also of one that has none any more", () => {
    const text = PrometheusText.text()
    expect(text).toContain('mediaspool_workers{machine="studio-2"} 2\n')
    expect(text).toContain('mediaspool_worker_slots{machine="studio-2"} 8\n')
    expect(text).toContain('mediaspool_worker_jobs_running{machine="studio-2"} 3\n')
    expect(text).toContain('mediaspool_worker_jobs_per_minute{machine="studio-2"} 120\n')
    expect(text).toContain('mediaspool_workers{machine="attic"} 0\n')
  })

  it.runIf(promtool)("are what promtool wants", () => {
    const { status, stderr, stdout } = spawnSync("promtool", ["check", "metrics"], {
      input: PrometheusText.text(),
      encoding: "utf8"
    })
    expect(status, `${stdout}${stderr}`).toBe(0)
  })

  it.scopedLive("are served on the loopback, to nobody who comes by another name", () =>
    Effect.gen(function* () {
      const url = yield* MetricsServer.listen(0)
      const ask = (headers: Record<string, string>) =>
        Effect.async<number>((resume) => {
          request(url, { headers }, (response) => {
            response.resume()
            resume(Effect.succeed(response.statusCode ?? 0))
          }).end()
        })
      expect(yield* ask({})).toBe(200)
      expect(yield* ask({ host: "rebound.example" })).toBe(403)
      expect(yield* Effect.flip(MetricsServer.listen(Number(new URL(url).port)))).toMatchObject({ code: 78 })
    })
  )
})
