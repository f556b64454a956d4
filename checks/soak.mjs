// An afternoon of a watched folder, in half an hour: files arrive, are renamed, edited, copied and deleted at random; the watcher and
// runs beside it are killed at random moments, frozen, hung up on and left without a reader, the engine's programs are killed, files
// are replaced under them, the paid service goes away, drips and breaks its answers. Every few minutes everything comes to rest and is
// held to the invariants (docs/durability.md).
//   node checks/soak.mjs [--minutes 30] [--seed N]
import { parseArgs } from "node:util"
import { join } from "node:path"
import * as Chance from "./durability/Chance.mjs"
import * as Derivation from "./durability/Derivation.mjs"
import * as Home from "./durability/Home.mjs"
import * as Invariants from "./durability/Invariants.mjs"
import * as Life from "./durability/Life.mjs"
import { Report } from "./durability/Report.mjs"
import * as Rest from "./durability/Rest.mjs"
import { resume } from "./durability/Resume.mjs"
import * as Service from "./durability/Service.mjs"
import * as Sound from "./durability/Sound.mjs"
import { Troubles } from "./durability/Troubles.mjs"
import { undisturbed } from "./durability/Undisturbed.mjs"

const { values } = parseArgs({
  options: { minutes: { type: "string", default: "30" }, seed: { type: "string", default: String(Date.now() % 100_000) } }
})

/** Seconds between two looks at everything. */
const STRETCH = 180
/** Milliseconds that a watcher may take until nothing is left to do. */
const REST = 240_000

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

const report = new Report()
const root = Home.temporary("soak")
const service = await Service.start({ answerMillis: 60 })
const chance = Chance.make(Number(values.seed))
const home = Home.make(join(root, "home"), { config: Home.limited(service.url) })
Sound.fill(home.inbox)
const life = Life.make(home.inbox, chance)
const troubles = new Troubles({ home, service, chance, replace: life.replace })
const marksOf = Life.recordings()
const derived = new Set()
const until = performance.now() + Number(values.minutes) * 60_000
report.say(`${values.minutes} minutes with the seed ${values.seed}`)

let stretch = 0
try {
  while (performance.now() < until) {
    stretch++
    const end = Math.min(until, performance.now() + STRETCH * 1_000)
    const living = (async () => {
      while (performance.now() < end) {
        await life.go()
        await wait(200 + chance.next() * 2_500)
      }
    })()
    await troubles.stir(end)
    await living

    const left = await Rest.come(home, REST)
    await troubles.calm()
    const before = Invariants.sources(home.inbox)
    const place = `stretch ${stretch}`
    report.hold(place, [
      ...left.map((what) => `I1: ${what} after ${REST / 1_000} s of rest`),
      ...troubles.unexpected.splice(0),
      ...(await resume(home, service, before)),
      ...Invariants.payments(await service.bill(), home.state, troubles.uncertain.size + troubles.billable + service.lost()),
      ...Derivation.wrong(home.state, (hash) => marksOf(hash, life.count()), derived),
      ...Invariants.rates(service.requests(), Home.PER_MINUTE)
    ])
    report.say(`${place}: ${before.size} files; ${troubles.told()}`)
  }
  const { paid } = await service.bill()
  const outcome = Invariants.outcome(home)
  const should = await undisturbed(root, service, home)
  report.hold("the end", Invariants.differences(outcome, should))
  const happened = Object.entries(life.counts).map(([name, count]) => `${name} ${count}`)
  report.say(`what happened: ${happened.join(", ")}`)
  report.say(
    `${paid} calls paid for ${Invariants.keys(home.state)} keys, ${troubles.uncertain.size} in flight when a process ended, ` +
      `${service.lost()} when the line was cut, ${troubles.billable} answers broken by the service; ` +
      `${derived.size} results made of the bytes of their hash`
  )
} finally {
  await troubles.calm()
  await service.close()
}
report.end(root)
