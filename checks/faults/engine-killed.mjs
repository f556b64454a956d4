// Somebody ends the programs that read media while they work.
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import { compared } from "../durability/Resume.mjs"
import * as Sound from "../durability/Sound.mjs"

export const missing = () => (process.platform === "linux" ? undefined : "children are found in /proc")

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

export const run = async ({ hold, long, root, service }) => {
  const home = Home.make(`${root}/home`, {
    config: Home.paid(service.url)
      .replace("      caption", "      acoustic: {}\n      caption")
      .replace("window: 2", "window: 30")
  })
  Sound.fill(home.inbox)
  for (let n = 0; n < 2; n++) writeFileSync(join(home.inbox, `minutes ${n}.wav`), Sound.recording(20 + n, long ? 600 : 60))
  const wanted = long ? 12 : 2
  const run = home.start(["run", "--json"])
  const over = run.ended.then(() => true)
  const killed = new Set()
  while (killed.size < wanted && !(await Promise.race([wait(150).then(() => false), over]))) {
    const child = home
      .survivors()
      .find((line) => /^\d+ \S*(ffmpeg|node) .*(-nostdin|decoder\.child)/.test(line) && !killed.has(line))
    if (child === undefined) continue
    await wait(100)
    try {
      process.kill(Number.parseInt(child, 10), "SIGKILL")
      killed.add(child)
    } catch {
      // It had ended.
    }
  }
  const ended = await run.ended
  const told = Home.summary(ended)
  hold([
    ...(killed.size > 0 ? [] : ["no engine was there to be killed"]),
    ...(ended.hung ? ["it hangs"] : []),
    ...(told !== undefined && told.items.done + told.items.failed + told.items.waiting === told.items.total
      ? []
      : [`I1: ${JSON.stringify(told?.items)} ${ended.stderr}`]),
    ...Invariants.broken(home, Invariants.sources(home.inbox))
  ])
  await home.spool("requeue", "--failed", "--json")
  const paid = await compared(home, service, { hold, long, root })
  return `${killed.size} engines killed at work: ${told?.items.done} of ${told?.items.total} files done in the same run, the rest when asked again; ${paid}`
}
