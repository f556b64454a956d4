// What goes wrong in the life of a watcher.
import { existsSync, readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { intents } from "./Invariants.mjs"

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** What a service may do wrong with one answer, and whether it may bill it all the same. */
export const faults = [
  { kind: "drip", millis: 20_000, billed: true },
  { kind: "reset_midway", billed: true },
  { kind: "stays_open", millis: 5_000, billed: false },
  { kind: "reset_after", billed: false },
  { kind: "limit_requests", retryAfter: 1, billed: false }
]

const names = [
  ...["kill", "kill", "kill", "kill", "drain", "hangUp", "freeze", "freeze", "leave", "replace", "replace", "replace"],
  ...["breakAnswer", "breakAnswer", "breakAnswer", "run", "run", "look", "outage", "engine"]
]

export class Troubles {
  /** Calls that were in flight when their process ended, however it did. */
  uncertain = new Set()
  /** Ends that nobody asked for. */
  unexpected = []
  counts = {
    watchers: 0,
    killed: 0,
    drained: 0,
    hungUp: 0,
    frozen: 0,
    leftAlone: 0,
    replaced: 0,
    broken: 0,
    runs: 0,
    runsKilled: 0,
    looks: 0,
    outages: 0,
    outageSeconds: 0,
    enginesKilled: 0
  }
  /** The largest write-ahead log, and the watcher's largest memory; MB. */
  most = { wal: 0, memory: 0 }

  /** Answers that the service broke and may bill. */
  billable = 0

  /** @param replace a file, under whoever reads it */
  constructor({ chance, home, replace, service }) {
    Object.assign(this, { chance, home, replace, service })
  }

  note() {
    for (const intent of intents(this.home.state)) this.uncertain.add(intent)
  }
  measure() {
    const wal = join(this.home.state, "spool.db-wal")
    if (existsSync(wal)) this.most.wal = Math.max(this.most.wal, statSync(wal).size / 1_048_576)
    try {
      const status = readFileSync(`/proc/${this.watcher?.child.pid}/status`, "utf8")
      this.most.memory = Math.max(this.most.memory, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1_024)
    } catch {
      // It has ended, or the system doesn't say.
    }
  }

  watch() {
    this.counts.watchers++
    const watcher = this.home.start(["watch", "--json"], {}, { patience: 3_600_000 })
    this.watcher = watcher
    watcher.asked = undefined
    void watcher.ended.then(({ code, signal, stderr }) => {
      const codes = { SIGTERM: 143, SIGHUP: 129 }
      const right = watcher.asked !== undefined && (signal === watcher.asked || code === codes[watcher.asked])
      if (!right)
        this.unexpected.push(`the watcher ended with ${code ?? signal}, asked by ${watcher.asked}: ${stderr.slice(-2_000)}`)
    })
  }
  async end(signal) {
    const { watcher } = this
    if (watcher === undefined) return
    this.watcher = undefined
    watcher.asked = signal
    watcher.child.kill(signal)
    await watcher.ended
    this.note()
    this.counts[{ SIGKILL: "killed", SIGTERM: "drained", SIGHUP: "hungUp" }[signal]]++
  }

  /** One thing that goes wrong. */
  troubles = {
    kill: async () => {
      await this.end("SIGKILL")
      await wait(this.chance.next() * 1_500)
      this.watch()
    },
    drain: async () => {
      await this.end("SIGTERM")
      this.watch()
    },
    hangUp: async () => {
      await this.end("SIGHUP")
      this.watch()
    },
    /** As a suspended laptop: answers come, and nobody reads them for seconds. */
    freeze: async () => {
      this.counts.frozen++
      const { child } = this.watcher
      child.kill("SIGSTOP")
      await wait(500 + this.chance.next() * 8_000)
      child.kill("SIGCONT")
    },
    /** Whoever read what the watcher says goes away: it goes on. */
    leave: async () => {
      this.counts.leftAlone++
      this.watcher.child.stdout.destroy()
    },
    replace: async () => {
      this.counts.replaced++
      await this.replace()
    },
    /** The service drips, or breaks one of its answers. */
    breakAnswer: async () => {
      this.counts.broken++
      const { billed, ...fault } = this.chance.of(faults)
      if (billed) this.billable++
      await this.service.script(fault)
    },
    /** A person runs the pipeline beside the watcher, and may lose patience. */
    run: async () => {
      this.counts.runs++
      const run = this.home.start(["run", "--json"])
      const killed = await Promise.race([wait(this.chance.next() * 6_000).then(() => true), run.ended.then(() => false)])
      if (killed) run.child.kill("SIGKILL")
      const { code, hung, stderr } = await run.ended
      if (killed) this.counts.runsKilled++
      else if (hung || ![0, 1, 75].includes(code)) this.unexpected.push(`a run ended with ${code}: ${stderr}`)
      this.note()
    },
    look: async () => {
      this.counts.looks++
      const { code, stderr } = await this.home.spool(this.chance.of(["ls", "errors", "doctor"]), "--json")
      if (code !== 0) this.unexpected.push(`a look ended with ${code}: ${stderr}`)
    },
    outage: async () => {
      this.counts.outages++
      const seconds = 5 + this.chance.next() * 30
      this.service.cut()
      await wait(seconds * 1_000)
      await this.service.mend()
      this.counts.outageSeconds += Math.round(seconds)
    },
    engine: async () => {
      for (let tries = 0; tries < 40; tries++) {
        const child = this.home.survivors().find((line) => /^\d+ (\S*ffmpeg |\S*node .*libav)/.test(line))
        if (child !== undefined) {
          try {
            process.kill(Number.parseInt(child, 10), "SIGKILL")
            this.counts.enginesKilled++
          } catch {
            // It had ended.
          }
          return
        }
        await wait(100)
      }
    }
  }

  /** Lets things go wrong until then. */
  async stir(until) {
    if (this.watcher === undefined) this.watch()
    while (performance.now() < until) {
      await wait(500 + this.chance.next() * 9_000)
      this.measure()
      await this.troubles[this.chance.of(names)]()
    }
    await this.service.mend()
  }
  /** Ends the watcher. */
  async calm() {
    await this.service.mend()
    await this.service.reset()
    this.measure()
    await this.end("SIGTERM")
  }
  told() {
    return [
      ...Object.entries(this.counts).map(([name, count]) => `${name} ${count}`),
      `log at most ${this.most.wal.toFixed(1)} MB`,
      `watcher at most ${this.most.memory.toFixed(0)} MB`
    ].join(", ")
  }
}
