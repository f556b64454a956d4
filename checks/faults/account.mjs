// Three runs at once on one library, each with a folder of its own: together they stay within what the account allows.
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import * as Sound from "../durability/Sound.mjs"

export const missing = () => undefined

const NAMES = ["one", "two", "three"]
/** What the account allows: so little that each run alone would use all of it. */
const PER_MINUTE = 120
/** Seconds in which it shows whether they share it. */
const STRETCH = 5

const config = (url) => {
  const [providers, pipeline] = Home.paid(url, `rpm: ${PER_MINUTE}`).split("pipelines:\n")
  const pipelines = NAMES.map((name) => pipeline.replace("sounds:", `${name}:`).replace("./inbox", `./inbox/${name}`))
  return `${providers}pipelines:\n${pipelines.join("")}`
}

export const run = async ({ hold, long, root, service }) => {
  const home = Home.make(`${root}/home`, { config: config(service.url) })
  for (const [i, name] of NAMES.entries()) {
    mkdirSync(join(home.inbox, name))
    for (let n = 0; n < (long ? 40 : 4); n++) writeFileSync(join(home.inbox, name, `${n}.wav`), Sound.recording(1_000 * i + n))
  }
  const before = service.requests().length
  const ended = await Promise.all(NAMES.map((name) => home.spool("run", name, "--json")))
  const requests = service.requests().slice(before)
  const bill = await service.bill()
  hold([
    ...ended.filter(({ code }) => code !== 0).map(({ code, stderr }) => `a run ended with ${code}: ${stderr}`),
    ...Invariants.rates(requests, PER_MINUTE, STRETCH),
    ...Invariants.payments(bill, home.state, 0)
  ])
  return `three runs at once, ${requests.length} requests: the account's limit was theirs together`
}
