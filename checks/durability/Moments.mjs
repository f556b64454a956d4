// Kills at random moments, over one folder and one state folder in which everything gathers: now a run, now a watcher.
import { join } from "node:path"
import * as Chance from "./Chance.mjs"
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"
import * as Life from "./Life.mjs"
import * as Rest from "./Rest.mjs"
import { resume } from "./Resume.mjs"
import * as Service from "./Service.mjs"
import * as Sound from "./Sound.mjs"
import { undisturbed } from "./Undisturbed.mjs"

/** A watcher has so long to take up what was left. */
const REST = 120_000
/** An undisturbed run over a copy, with a service of its own, is compared after so many moments. */
const COMPARED = 25

/** A second run, which must have nothing to do, follows after so many: it costs as much as the first. */
const REPEATED = 5

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** Kills a run at some moment of its life. */
const killRun = async (home, life, chance, length) => {
  await life.go(["arrivesSlowly"])
  const run = home.start(["run", "--json"])
  const over = await Promise.race([wait(chance.next() * length).then(() => false), run.ended.then(() => true)])
  run.child.kill("SIGKILL")
  const { hung } = await run.ended
  return { over, found: hung ? ["it hangs"] : [] }
}

/** Kills a watcher while things happen to its folder, and lets another one come to rest. */
const killWatch = async (home, life, chance) => {
  const first = home.start(["watch", "--json"])
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

/** What an undisturbed run makes of the same files, with a service of its own. */
const apart = async (home, root) => {
  const service = await Service.start()
  try {
    return await undisturbed(root, service, { config: Home.paid(service.url), inbox: home.inbox })
  } finally {
    await service.close()
  }
}

export const tryAll = async ({ moments, report, root, seed, service }) => {
  const chance = Chance.make(seed)
  const home = Home.make(join(root, "home"), { config: Home.paid(service.url) })
  const life = Life.make(home.inbox, chance)
  Sound.fill(home.inbox)
  await service.clear()
  const first = await home.spool("run", "--json")
  let [length, uncertain, missed] = [first.millis, 0, 0]
  report.say(`random moments with the seed ${seed}`)
  for (let at = 1; at <= moments; at++) {
    const watched = at % 4 === 0
    const {
      found,
      over,
      uncertain: more = 0
    } = watched ? await killWatch(home, life, chance) : await killRun(home, life, chance, length)
    if (over) missed++
    uncertain += more + Invariants.inFlight(home.state)
    const before = Invariants.sources(home.inbox)
    const began = performance.now()
    report.hold(`moment ${at}`, [
      ...found,
      ...(await resume(home, service, before, at % REPEATED === 0)),
      ...Invariants.payments(await service.bill(), home.state, uncertain)
    ])
    length = 0.8 * length + 0.2 * (performance.now() - began)
    if (at % COMPARED === 0 || at === moments)
      report.hold(
        `moment ${at}`,
        Invariants.differences(Invariants.outcome(home), await apart(home, join(root, `compared ${at}`)))
      )
    if (at % 10 === 0) report.say(`killed at ${at} of ${moments} random moments`)
  }
  const { paid } = await service.bill()
  const happened = Object.entries(life.counts).map(([name, count]) => `${name} ${count}`)
  report.say(
    `killed at ${moments - missed} of ${moments} random moments (${missed} came after the end); ${paid} calls paid for ` +
      `${Invariants.keys(home.state)} keys, ${uncertain} in flight at a crash; ${Invariants.sources(home.inbox).size} files at the end (${happened.join(", ")})`
  )
}
