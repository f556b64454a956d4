// Kills at random moments, over one folder and one state folder in which everything gathers: now a run, now a watcher.
import { join } from "node:path"
import * as Chance from "./Chance.mjs"
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"
import { jumps, restless } from "./Jumps.mjs"
import * as Life from "./Life.mjs"
import * as Oracle from "./Oracle.mjs"
import * as Rest from "./Rest.mjs"
import { again, resume } from "./Resume.mjs"
import * as Service from "./Service.mjs"
import * as Sound from "./Sound.mjs"
import { asked } from "./Undisturbed.mjs"

/** A watcher has so long to take up what was left. */
const REST = 120_000
/** What happens to the files before a run. */
const EVENTS = 3
/** The clock jumps in one of so many lives. */
const JUMPS = 4

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** Kills a run at some moment of its life. */
const killRun = async (home, life, chance, { env, length }) => {
  for (let n = 0; n < EVENTS; n++) await life.go(["arrivesSlowly"])
  const run = home.start(["run", "--json"], env)
  const over = await Promise.race([wait(chance.next() * length).then(() => false), run.ended.then(() => true)])
  run.child.kill("SIGKILL")
  const { hung, millis } = await run.ended
  return { over, millis, found: hung ? ["it hangs"] : [] }
}

/** Kills a watcher while things happen to its folder, and lets another one come to rest. */
const killWatch = async (home, life, chance, { env }) => {
  const first = home.start(["watch", "--json"], env)
  const until = performance.now() + 1_000 + chance.next() * 5_000
  while (performance.now() < until) {
    await life.go()
    await wait(chance.next() * 700)
  }
  first.child.kill("SIGKILL")
  const killed = await first.ended
  const uncertain = Invariants.inFlight(home.state)
  await life.go()
  const second = home.start(["watch", "--json"])
  const left = await Promise.race([Rest.come(home, REST), second.ended.then(() => [])])
  second.child.kill("SIGTERM")
  const ended = await second.ended
  return {
    uncertain,
    over: killed.signal !== "SIGKILL",
    found: [
      ...left.map((what) => `I1: ${what} after ${REST / 1_000} s of watching`),
      ...(ended.code === 143 ? [] : [`the watcher ended with ${ended.code ?? ended.signal}: ${ended.stderr}`])
    ]
  }
}

export const tryAll = async ({ moments, report, root, seed, service }) => {
  const chance = Chance.make(seed)
  const home = Home.make(join(root, "home"), { config: Home.paid(service.url) })
  const life = Life.make(home.inbox, chance)
  Sound.fill(home.inbox)
  await service.clear()
  const oracle = await Oracle.make(join(root, "undisturbed"), (number) =>
    number === 0 ? Sound.contents : Life.contents(number - 1)
  )
  const first = await home.spool("run", "--json")
  // How long a run lives that has something to do.
  let length = first.millis
  let [killed, uncertain, jumped] = [0, 0, 0]
  report.say(`random moments with the seed ${seed}`)
  let at = 0
  // A kill that came after the end is none, though it is looked at as all others.
  while (killed < moments) {
    at++
    const env = chance.below(JUMPS) === 0 ? jumps(...restless) : {}
    if (env.CHECK_CLOCK !== undefined) jumped++
    const kill = at % 4 === 0 ? killWatch : killRun
    const { found, millis = length, over, uncertain: more = 0 } = await kill(home, life, chance, { env, length })
    uncertain += more + Invariants.inFlight(home.state)
    const before = Invariants.sources(home.inbox)
    const began = performance.now()
    found.push(...(await resume(home, service, before, false)))
    if (!over) killed++
    length = 0.7 * length + 0.3 * (over ? millis : Math.max(millis, performance.now() - began))
    const nothing = await again(home, service)
    report.hold(`moment ${at}`, [
      ...found,
      ...nothing,
      ...Invariants.payments(await service.bill(), home.state, uncertain),
      ...Invariants.differences(Invariants.outcome(home), await oracle.outcome(before))
    ])
    if (!over && killed % 10 === 0) report.say(`killed at ${killed} of ${moments} random moments`)
  }
  await oracle.close()
  const anew = await Service.start()
  const fresh = Home.make(join(root, "anew"), { config: Home.paid(anew.url), source: home.inbox })
  report.hold("the end", Invariants.differences(Invariants.outcome(home), await asked(fresh)))
  await anew.close()
  const { paid } = await service.bill()
  const happened = Object.entries(life.counts).map(([name, count]) => `${name} ${count}`)
  report.say(
    `killed at ${killed} random moments, ${at - killed} more came after the end; ${jumped} with a clock that jumped; ` +
      `${paid} calls paid for ${Invariants.keys(home.state)} keys, ${uncertain} in flight at a crash; ` +
      `${Invariants.sources(home.inbox).size} files at the end (${happened.join(", ")})`
  )
}
