// The paid service: an emulator in a process of its own, which goes on counting whatever happens to those who ask, behind a line that
// can be cut.
import { ModelEmulator } from "@mediaspool/emulator"
import { Effect, Exit, Scope } from "effect"
import { connect, createServer } from "node:net"

const nothing = { requests: 0, paid: 0, byKey: {}, entries: [] }

/** Two bills of one account. */
const sum = (a, b) => ({
  ...b,
  requests: a.requests + b.requests,
  paid: a.paid + b.paid,
  byKey: Object.fromEntries(
    [...new Set([...Object.keys(a.byKey), ...Object.keys(b.byKey)])].map((key) => [
      key,
      (a.byKey[key] ?? 0) + (b.byKey[key] ?? 0)
    ])
  ),
  entries: [...a.entries, ...b.entries]
})

/**
 * @param settings the emulator's
 * @param earlier the port and the bill of a service that this one goes on for
 */
export const start = async (settings = {}, { port: wanted = 0, bill: before = nothing } = {}) => {
  const scope = await Effect.runPromise(Scope.make())
  const emulator = await Effect.runPromise(Effect.provideService(ModelEmulator.startProcess({ settings }), Scope.Scope, scope))
  const lines = new Set()
  /** Requests that had no answer yet when the line was cut: nobody knows whether they are billed. */
  let lost = 0
  /** When each request came, in milliseconds of `performance.now`. */
  const requests = []
  const proxy = createServer({ allowHalfOpen: false }, (near) => {
    const far = connect(emulator.port, "127.0.0.1")
    const line = { near, far, asked: 0, answered: 0 }
    lines.add(line)
    near.on("data", (bytes) => {
      if (bytes.length > 0) line.asked = performance.now()
      if (bytes.subarray(0, 5).toString("latin1") === "POST ") requests.push(line.asked)
    })
    far.on("data", () => (line.answered = performance.now()))
    near.pipe(far)
    far.pipe(near)
    const over = () => {
      lines.delete(line)
      near.destroy()
      far.destroy()
    }
    for (const end of [near, far]) end.on("error", over).on("close", over)
  })
  const listen = (port) => new Promise((resolve) => proxy.listen(port, "127.0.0.1", () => resolve(proxy.address().port)))
  const port = await listen(wanted)
  let billed = before
  return {
    url: `http://127.0.0.1:${port}/compatible-mode/v1`,
    port,
    requests: () => requests,
    bill: async () => sum(billed, await Effect.runPromise(emulator.statement)),
    clear: async () => {
      billed = nothing
      await Effect.runPromise(emulator.clear)
    },
    /** Nothing goes wrong any more. */
    reset: () => Effect.runPromise(emulator.reset),
    script: (...faults) => Effect.runPromise(emulator.script(...faults)),
    change: (settings) => Effect.runPromise(emulator.change(settings)),
    /** Breaks every connection; new ones are refused. */
    cut: () => {
      proxy.close()
      for (const { answered, asked, far, near } of lines) {
        if (asked > answered || performance.now() - answered < 50) lost++
        near.resetAndDestroy()
        far.destroy()
      }
      lines.clear()
    },
    mend: async () => {
      if (!proxy.listening) await listen(port)
    },
    lost: () => lost,
    close: async () => {
      for (const { far, near } of lines) {
        near.destroy()
        far.destroy()
      }
      proxy.close()
      await Effect.runPromise(Scope.close(scope, Exit.void))
    }
  }
}
