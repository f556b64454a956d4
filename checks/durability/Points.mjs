// A kill before the N-th durable operation, for every N until a run comes to its end.
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"
import { resume } from "./Resume.mjs"
import * as Sound from "./Sound.mjs"

/** The numbers of so many points, spread over all. */
const spread = (count, most) =>
  most >= count ? undefined : new Set(Array.from({ length: most }, (_, i) => 1 + Math.floor(((i + 0.5) * count) / most)))

export const tryAll = async ({ most, report, root, service }) => {
  const whole = Home.make(join(root, "whole"), { config: Home.paid(service.url) })
  Sound.fill(whole.inbox)
  const before = Invariants.sources(whole.inbox)
  const countFile = join(root, "count")
  const first = await whole.start(["run", "--json"], { MEDIASPOOL_CRASH_COUNT: countFile }).ended
  if (first.code !== 1) throw new Error(`the undisturbed run ended with ${first.code}: ${first.stderr}`)
  report.hold("undisturbed", await resume(whole, service, before))
  const should = Invariants.outcome(whole)
  const undisturbed = await service.bill()
  report.hold("undisturbed", Invariants.payments(undisturbed, whole.state, 0))
  const count = Number(readFileSync(countFile, "utf8"))
  report.say(`undisturbed: about ${count} durable operations, ${undisturbed.paid} paid calls`)

  const chosen = spread(count, most)
  let [killed, paid, keys, uncertain] = [0, 0, 0, 0]
  for (let at = 1; ; at++) {
    if (chosen !== undefined && at > count) break
    if (chosen !== undefined && !chosen.has(at)) continue
    await service.clear()
    const home = Home.make(join(root, String(at)), { config: Home.paid(service.url), source: whole.inbox })
    const { hung, signal } = await home.start(["run", "--json"], { MEDIASPOOL_CRASH_AT: String(at) }).ended
    const lost = Invariants.inFlight(home.state)
    const found = await resume(home, service, before)
    const bill = await service.bill()
    report.hold(`point ${at}`, [
      ...(hung ? ["it hangs"] : []),
      ...found,
      ...Invariants.payments(bill, home.state, lost),
      ...Invariants.differences(Invariants.outcome(home), should)
    ])
    paid += bill.paid
    uncertain += lost
    keys += undisturbed.paid
    home.remove()
    // A clean pass: there is no N-th operation.
    if (signal !== "SIGKILL") {
      if (chosen === undefined) break
      continue
    }
    killed++
    if (killed % 10 === 0) report.say(`killed before ${at} of about ${count} durable operations`)
  }
  report.say(
    `killed before ${killed} durable operations${chosen === undefined ? ", each in turn until a clean pass" : ` of ${count}`}; ` +
      `${paid} calls paid for ${keys} keys, ${uncertain} in flight at a crash`
  )
}
