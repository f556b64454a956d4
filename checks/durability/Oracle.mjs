// What a folder should come to, whatever has happened to it: an undisturbed run says what becomes of each content, with a service and
// a state folder of its own. Contents are run by the score, so that to ask costs little.
import { readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "./Home.mjs"
import * as Service from "./Service.mjs"
import { asked } from "./Undisturbed.mjs"

/** Contents of one run. */
const AHEAD = 60
/** Events of the longest check. */
const MOST = 10_000

/**
 * @param contents gives the bytes that stand under a number, for every number in turn; fewer or more than one of them
 * @param port of the service of an oracle that this one goes on for, in the same folder
 */
export const make = async (folder, contents, port) => {
  const service = await Service.start({}, { port })
  const home = Home.make(folder, { config: Home.paid(service.url) })
  let made = new Set(readdirSync(home.inbox).map((name) => Number.parseInt(name, 10))).size
  /** By content hash: how such a file ends, and the lines that it has in every other part of the outcome. */
  const known = new Map()

  const learn = async () => {
    for (const until = made + AHEAD; made < until; made++)
      for (const [n, bytes] of contents(made).entries()) writeFileSync(join(home.inbox, `${made} ${n}.wav`), bytes)
    await know()
  }
  const know = async () => {
    const { items, ...parts } = await asked(home)
    for (const line of items) {
      const [, hash, state] = JSON.parse(line)
      known.set(hash, { state, lines: Object.fromEntries(Object.keys(parts).map((part) => [part, []])) })
    }
    for (const [part, lines] of Object.entries(parts))
      for (const line of lines) known.get(JSON.parse(line)[0])?.lines[part].push(line)
  }

  if (made > 0) await know()
  return {
    port: service.port,
    /** The outcome of such a folder, as an undisturbed run would leave it. */
    outcome: async (sources) => {
      while ([...sources.values()].some(({ hash }) => !known.has(hash))) {
        if (made > MOST) throw new Error("there is a file of which nobody knows where it came from")
        await learn()
      }
      const files = [...sources].sort(([a], [b]) => (a < b ? -1 : 1))
      const distinct = [...new Set(files.map(([, { hash }]) => hash))]
      const lines = (part, hashes) => hashes.flatMap((hash) => known.get(hash).lines[part]).sort()
      const [first] = known.values()
      return {
        items: files.map(([name, { hash }]) => JSON.stringify([name, hash, known.get(hash).state])),
        ...Object.fromEntries(
          Object.keys(first.lines).map((part) => [
            part,
            // A failure is a file's, everything else its content's.
            lines(part, part === "failures" ? files.map(([, { hash }]) => hash) : distinct)
          ])
        )
      }
    },
    close: () => service.close()
  }
}
