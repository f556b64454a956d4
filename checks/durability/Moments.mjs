// Random moments, over one folder and one state folder in which everything gathers: runs, two at a time, and watchers are killed,
// frozen, asked to end and left without a reader, files are replaced under them, and the service drips.
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Chance from "./Chance.mjs"
import * as Derivation from "./Derivation.mjs"
import * as Home from "./Home.mjs"
import { disturb } from "./Interruptions.mjs"
import * as Invariants from "./Invariants.mjs"
import { jumps, restless } from "./Jumps.mjs"
import * as Life from "./Life.mjs"
import * as Oracle from "./Oracle.mjs"
import * as Rest from "./Rest.mjs"
import { again, resume } from "./Resume.mjs"
import * as Service from "./Service.mjs"
import * as Sound from "./Sound.mjs"
import { faults } from "./Troubles.mjs"
import { asked } from "./Undisturbed.mjs"

/** Milliseconds that a watcher has to take up what was left. */
const REST = 120_000
/** Runs at work at the same time: one waits, for the service or for its end, while another one is busy. */
const LANES = 2
/** A run's time of life is known by how many had come to their end before they were disturbed: one of five, by these two. */
const LONGER = 1.03
const SHORTER = 0.9
/** The clock jumps in one of so many moments, and one of so many is a watcher's. */
const JUMPS = 4
const WATCHERS = 6

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** Everything that a later part goes on with. */
const fresh = (seed) => ({
  seed,
  at: 0,
  killed: 0,
  uncertain: [],
  billable: 0,
  lifeCount: 0,
  jumped: 0,
  replaced: 0,
  ways: {},
  length: undefined,
  derived: [],
  port: 0,
  oraclePort: 0,
  bill: undefined
})

/**
 * @param chain at most so many are disturbed one after the other, each while it takes up what the last one left
 * @param moments processes to kill in the middle of their lives, in all parts together
 * @param minutes after which this part ends, wherever it is
 */
export const tryAll = async ({ chain = 24, minutes = Infinity, moments, report, root, seed }) => {
  const file = join(root, "progress.json")
  const goesOn = existsSync(file)
  const is = goesOn ? JSON.parse(readFileSync(file, "utf8")) : fresh(seed)
  const service = await Service.start({ answerMillis: 40 }, { port: is.port, bill: is.bill })
  const home = Home.make(join(root, "home"), { config: Home.limited(service.url) })
  if (!goesOn) Sound.fill(home.inbox)
  const oracle = await Oracle.make(
    join(root, "undisturbed"),
    (number) => (number === 0 ? Sound.contents : Life.contents(number - 1)),
    is.oraclePort
  )
  Object.assign(is, { port: service.port, oraclePort: oracle.port })
  const uncertain = new Set(is.uncertain)
  /** Gives whether it could look: a process that is stopped may hold the database alone. */
  const look = () => {
    try {
      for (const intent of Invariants.intents(home.state, 200)) uncertain.add(intent)
      return true
    } catch (error) {
      if (error.code !== "SQLITE_BUSY") throw error
      return false
    }
  }
  const note = async () => {
    while (!look()) await wait(100)
  }
  const marksOf = Life.recordings()
  const derived = new Set(is.derived)
  let until = performance.now() + minutes * 60_000
  const end = () => {
    until = 0
    report.say("Ends after this moment.")
  }
  process.once("SIGINT", end).once("SIGTERM", end)
  report.say(`${goesOn ? `goes on after ${is.killed} kills` : "random moments"}, with the seed ${is.seed}`)
  if (!goesOn) is.length = (await home.start(["run", "--json"]).ended).millis

  const disturbRun = async (life, chance, env) => {
    await life.go(["arrivesSlowly"])
    const run = home.start(["run", "--json"], env)
    const before = chance.next() * is.length
    // Under the run: a file that it may be reading is another one of a sudden.
    if (chance.below(3) === 0) {
      await wait(chance.next() * before)
      await life.replace()
      is.replaced++
    }
    await Promise.race([wait(before), run.ended])
    const one = await disturb(run, chance, true, look)
    is.length *= one.over ? SHORTER : LONGER
    return one
  }
  const disturbWatcher = async (life, chance, env) => {
    const watcher = home.start(["watch", "--json"], env, { patience: 600_000 })
    for (const end = performance.now() + 1_000 + chance.next() * 5_000; performance.now() < end; await wait(chance.next() * 700))
      await (chance.below(4) === 0 ? life.replace() : life.go())
    return disturb(watcher, chance, false, look)
  }
  /** Another watcher comes to rest by itself. */
  const rest = async () => {
    const watcher = home.start(["watch", "--json"])
    const left = await Promise.race([Rest.come(home, REST), watcher.ended.then(() => [])])
    watcher.child.kill("SIGTERM")
    const ended = await watcher.ended
    return [
      ...left.map((what) => `I1: ${what} after ${REST / 1_000} s of watching`),
      ...(ended.code === 143 ? [] : [`the watcher ended with ${ended.code ?? ended.signal}: ${ended.stderr}`])
    ]
  }

  try {
    while (is.killed < moments && performance.now() < until) {
      is.at++
      // Of the seed and the number alone: a part that goes on takes the same course.
      const chance = Chance.make(is.seed + 7_919 * is.at)
      const life = Life.make(home.inbox, chance, is.lifeCount)
      const jumping = chance.below(JUMPS) === 0
      if (jumping) is.jumped++
      const env = jumping ? jumps(...restless) : {}
      const found = []
      const next = async (disturbed, chance) => {
        if (chance.below(4) === 0) {
          const { billed, ...fault } = chance.of(faults)
          await service.script(fault)
          if (billed) is.billable++
        }
        const one = await disturbed(life, chance, env)
        await note()
        found.push(...one.found.map((what) => `${one.name}: ${what}`))
        const name = one.over ? "after the end" : one.name
        is.ways[name] = (is.ways[name] ?? 0) + 1
        if (one.killed) is.killed++
      }
      let left = 1 + chance.below(chain)
      const lane = async (chance) => {
        while (left-- > 0) await next(disturbRun, chance)
      }
      await Promise.all(Array.from({ length: LANES }, (_, n) => lane(Chance.make(is.seed + 7_919 * is.at + 104_729 * (n + 1)))))
      if (is.at % WATCHERS === 0) {
        await next(disturbWatcher, chance)
        await service.reset()
        await life.go()
        found.push(...(await rest()))
        await note()
      }
      await service.reset()
      is.lifeCount = life.count()
      const before = Invariants.sources(home.inbox)
      found.push(...(await resume(home, service, before, false)))
      found.push(...(await again(home, service)))
      const bill = await service.bill()
      // What was in flight in a run beside the one that ended, and was answered there.
      for (const call of Invariants.answered(home.state)) uncertain.delete(call)
      report.hold(`moment ${is.at}`, [
        ...found,
        ...Invariants.payments(bill, home.state, uncertain.size + is.billable),
        ...Invariants.differences(Invariants.outcome(home), await oracle.outcome(before)),
        ...Derivation.wrong(home.state, (hash) => marksOf(hash, is.lifeCount), derived),
        ...Invariants.rates(service.requests(), Home.PER_MINUTE)
      ])
      Object.assign(is, { bill, uncertain: [...uncertain], derived: [...derived] })
      writeFileSync(`${file}.new`, JSON.stringify(is))
      renameSync(`${file}.new`, file)
      report.say(`${is.killed} of ${moments} kills in ${is.at} moments, ${before.size} files, ${bill.paid} calls paid`)
    }
  } finally {
    await oracle.close()
  }
  const whole = is.killed >= moments
  if (whole) {
    const anew = await Service.start()
    const fresh = Home.make(join(root, "anew"), { config: Home.paid(anew.url), source: home.inbox })
    report.hold("the end", Invariants.differences(Invariants.outcome(home), await asked(fresh)))
    await anew.close()
  }
  const { paid } = await service.bill()
  await service.close()
  const told = Object.entries(is.ways).map(([name, count]) => `${name} ${count}`)
  report.say(
    `${is.killed} kills in ${is.at} moments (${told.join(", ")}), ${is.jumped} with a clock that jumped, ${is.replaced} files replaced ` +
      `under a run; ${paid} calls paid for ${Invariants.keys(home.state)} keys, ${uncertain.size} in flight when a process ended, ` +
      `${is.billable} answers broken by the service; ${derived.size} results made of the bytes of their hash; ` +
      `${Invariants.sources(home.inbox).size} files${whole ? " at the end" : " so far: the same command goes on"}`
  )
  return whole
}
