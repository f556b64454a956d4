// The clock jumps by a year, forth and back, between runs and in the middle of them.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import { jumps, restless, YEAR } from "../durability/Jumps.mjs"
import { compared } from "../durability/Resume.mjs"
import * as Sound from "../durability/Sound.mjs"
import { reading } from "../durability/Sqlite.mjs"

export const missing = () => undefined

export const run = async ({ hold, long, root, service }) => {
  const home = Home.make(join(root, "home"), { config: Home.paid(service.url) })
  Sound.fill(home.inbox)
  const all = [[[0, -YEAR]], [[0, YEAR]], restless]
  const courses = long ? all : all.slice(-1)
  for (const [n, course] of courses.entries()) {
    writeFileSync(join(home.inbox, `${n}.wav`), Sound.recording(10 + n))
    const ended = await home.start(["run", "--json"], jumps(...course)).ended
    const told = Home.summary(ended)
    hold([
      ...(ended.hung ? ["I10: it stalls"] : []),
      ...(told?.items.done === 3 + n ? [] : [`I10: ${JSON.stringify(told?.items)} ${ended.stderr}`]),
      ...(n === 0 || told?.stages.ingest.ran === 1 ? [] : [`I10: known work was done again: ${JSON.stringify(told?.stages)}`]),
      ...Invariants.broken(home, Invariants.sources(home.inbox))
    ])
  }
  // Everything that has a time: a run may begin and end under the same clock.
  const [{ span }] = reading(join(home.state, "spool.db"), (rows) =>
    rows(`SELECT max(time) - min(time) AS span FROM (
      SELECT started_at AS time FROM run UNION ALL SELECT ended_at FROM run UNION ALL SELECT made_at FROM ledger
      UNION ALL SELECT sent_at FROM call UNION ALL SELECT settled_at FROM item_state)`)
  )
  hold(span > 0.9 * YEAR ? [] : ["the clock did not jump"])
  const paid = await compared(home, service, { hold, long, root })
  const what = long ? "a year back, a year on, and to and fro within a run" : "a year to and fro within a run"
  return `${what}: nothing twice, nothing stalls; ${paid}`
}
