// A watcher, two runs and people who look, all at once on one state folder.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import * as Rest from "../durability/Rest.mjs"
import { compared } from "../durability/Resume.mjs"
import * as Sound from "../durability/Sound.mjs"

export const missing = () => undefined

const LOCKED = /locked|SQLITE_BUSY|SQLITE_PROTOCOL/i

export const run = async ({ hold, long, root, service }) => {
  const home = Home.make(`${root}/home`, { config: Home.paid(service.url) })
  Sound.fill(home.inbox)
  for (let n = 0; n < (long ? 200 : 5); n++) writeFileSync(join(home.inbox, `more ${n}.wav`), Sound.recording(30 + n))
  const watch = home.start(["watch", "--json"])
  const runs = [home.spool("run", "--json"), home.spool("run", "--json")]
  const looks = []
  let busy = true
  const looking = (async () => {
    while (busy)
      for (const command of [["ls"], ["search", "tone"], ["errors"], ["backup", "copy.db"], ["gc"]])
        looks.push(await home.spool(...command))
  })()
  const ended = await Promise.all(runs)
  const left = await Rest.come(home, 180_000)
  busy = false
  await looking
  watch.child.kill("SIGTERM")
  const watched = await watch.ended
  hold([
    ...[...ended, ...looks, watched].flatMap(({ stderr, stdout }) =>
      LOCKED.test(stderr + stdout) ? [`somebody was told of a lock: ${stderr}${stdout}`] : []
    ),
    ...looks.filter(({ code }) => ![0, 2].includes(code)).map(({ code, stderr }) => `a look ended with ${code}: ${stderr}`),
    ...ended.filter(({ code }) => ![0, 1].includes(code)).map(({ code, stderr }) => `a run ended with ${code}: ${stderr}`),
    ...(watched.code === 143 ? [] : [`the watcher ended with ${watched.code}: ${watched.stderr}`]),
    ...left.map((what) => `I1: ${what}`)
  ])
  const paid = await compared(home, service, { hold, long, root })
  return `a watcher, two runs and ${looks.length} looks: no lock met, ${paid}`
}
