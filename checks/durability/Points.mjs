// A kill before the N-th durable operation, for every N until a run comes to its end.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"
import { again, resume } from "./Resume.mjs"
import * as Service from "./Service.mjs"
import * as Sound from "./Sound.mjs"

/** The numbers of so many points, spread over all. */
const spread = (count, most) =>
  most >= count ? undefined : new Set(Array.from({ length: most }, (_, i) => 1 + Math.floor(((i + 0.5) * count) / most)))

/** Points that are tried side by side, where there are many: a process that is killed and started again waits as much as it works. */
const LANES = 2
const MANY = 8

/** One point: a state folder of its own, killed there, taken up again, and held to everything. */
const tryOne = async ({ at, before, report, root, service, should, source }) => {
  await service.clear()
  const home = Home.make(join(root, String(at)), { config: Home.paid(service.url), source })
  const { hung, signal } = await home.start(["run", "--json"], { MEDIASPOOL_CRASH_AT: String(at) }).ended
  const uncertain = Invariants.inFlight(home.state)
  const found = await resume(home, service, before)
  const bill = await service.bill()
  const held = report.hold(`point ${at}`, [
    ...(hung ? ["it hangs"] : []),
    ...found,
    ...Invariants.payments(bill, home.state, uncertain),
    ...Invariants.differences(Invariants.outcome(home), should)
  ])
  if (held) home.remove()
  return { killed: signal === "SIGKILL", paid: bill.paid, uncertain }
}

export const tryAll = async ({ most, report, root, service }) => {
  const whole = Home.make(join(root, "whole"), { config: Home.paid(service.url) })
  Sound.fill(whole.inbox)
  const before = Invariants.sources(whole.inbox)
  const countFile = join(root, "count")
  const first = await whole.start(["run", "--json"], { MEDIASPOOL_CRASH_COUNT: countFile }).ended
  if (first.code !== 1) throw new Error(`the undisturbed run ended with ${first.code}: ${first.stderr}`)
  report.hold("undisturbed", [...Invariants.broken(whole, before), ...(await again(whole, service))])
  const should = Invariants.outcome(whole)
  const undisturbed = await service.bill()
  report.hold("undisturbed", Invariants.payments(undisturbed, whole.state, 0))
  const count = Number(readFileSync(countFile, "utf8"))
  report.say(`undisturbed: about ${count} durable operations, ${undisturbed.paid} paid calls`)

  const chosen = spread(count, most)
  const total = { tried: 0, killed: 0, paid: 0, uncertain: 0 }
  let [next, over] = [1, false]
  /** The number of the next point; none when there are no more, or a run came to its end. */
  const take = () => {
    while (chosen !== undefined && next <= count && !chosen.has(next)) next++
    return over || (chosen !== undefined && next > count) ? undefined : next++
  }
  const lane = async (service) => {
    for (let at = take(); at !== undefined; at = take()) {
      const { killed, paid, uncertain } = await tryOne({ at, before, report, root, service, should, source: whole.inbox })
      total.tried++
      total.paid += paid
      total.uncertain += uncertain
      // A clean pass: there is no such operation.
      if (!killed) over = chosen === undefined
      else if (++total.killed % 10 === 0) report.say(`killed before ${total.killed} of about ${count} durable operations`)
    }
  }
  const lanes = most < MANY ? 1 : LANES
  const others = await Promise.all(Array.from({ length: lanes - 1 }, () => Service.start({ answerMillis: 40 })))
  await Promise.all([service, ...others].map(lane))
  await Promise.all(others.map((other) => other.close()))
  report.say(
    `killed before ${total.killed} durable operations${chosen === undefined ? ", each in turn until a clean pass" : ` of ${count}`}; ` +
      `${total.paid} calls paid for ${total.tried * undisturbed.paid} keys, ${total.uncertain} in flight at a crash`
  )
}
