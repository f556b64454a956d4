// The paid service is away: work waits, nothing is lost, and it goes on by itself when the service is back.
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import * as Rest from "../durability/Rest.mjs"
import { compared } from "../durability/Resume.mjs"
import * as Sound from "../durability/Sound.mjs"

export const missing = () => undefined

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

export const run = async ({ hold, long, root, service }) => {
  const home = Home.make(`${root}/home`, { config: Home.paid(service.url) })
  Sound.fill(home.inbox)

  const lost = service.lost()
  // For a run: what needs the service waits, the rest is done.
  service.cut()
  const away = await home.spool("run", "--json")
  const told = Home.summary(away)
  hold([
    ...(told?.items.waiting === 2 && told.items.failed === 1 && told.items.done === 0
      ? []
      : [`I8: ${JSON.stringify(told?.items)}`]),
    ...(told?.stages.copy.ran === 1 ? [] : [`the copies didn't wait for nobody: ${JSON.stringify(told?.stages)}`]),
    ...Invariants.broken(home, Invariants.sources(home.inbox))
  ])

  // For a watcher: it takes them up by itself.
  const minutes = long ? 3 : 0.1
  const watch = home.start(["watch", "--json"])
  await wait(minutes * 60_000)
  await service.mend()
  const left = await Promise.race([Rest.come(home, 120_000), watch.ended.then(({ stderr }) => [`the watcher ended: ${stderr}`])])
  watch.child.kill("SIGTERM")
  const ended = await watch.ended
  hold([
    ...left.map((what) => `I8: ${what}, and the service is back`),
    ...(ended.code === 143 ? [] : [`the watcher ended with ${ended.code ?? ended.signal}`])
  ])
  const paid = await compared(home, service, { hold, long, root, uncertain: service.lost() - lost })
  return `${minutes} minutes without the service: what needs it waits, and goes on by itself; ${paid}`
}
