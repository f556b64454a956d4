// The system refuses to write: strace answers in its place, for one file of the state folder, from the N-th time on.
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import { compared } from "../durability/Resume.mjs"
import * as Sound from "../durability/Sound.mjs"

export const missing = () => {
  const tried = spawnSync("strace", ["-f", "-o", "/dev/null", "-e", "inject=pwrite64:error=EIO:when=1000", "true"])
  return tried.status === 0 ? undefined : "there is no strace that may be used here"
}

/** What fails, of which file, when. */
const quick = [["pwrite64", "ENOSPC", "spool.db-wal", "12+"]]
const more = [
  ["pwrite64", "EIO", "spool.db-wal", "25..27"],
  ["fdatasync", "EIO", "spool.db-wal", "4"],
  ["pwrite64", "EIO", "spool.db-wal", "3+"],
  ["pwrite64", "EIO", "spool.db-wal", "40+"],
  ["pwrite64", "ENOSPC", "spool.db-wal", "60..61"],
  ["pwrite64", "EIO", "spool.db", "2+"],
  ["fdatasync", "EIO", "spool.db-wal", "9+"],
  ["rename,renameat2", "EIO", "", "1+"],
  ["rename,renameat2", "EXDEV", "", "2"],
  ["fsync", "EIO", "", "1+"],
  ["fsync", "ENOSPC", "", "3"]
]

export const run = async ({ hold, long, root, service }) => {
  const home = Home.make(join(root, "home"), { config: Home.paid(service.url) })
  Sound.fill(home.inbox)
  await home.spool("run", "--json")
  const uncertain = new Set()
  let met = 0
  const all = [...quick, ...(long ? more : [])]
  for (const [n, [calls, error, file, when]] of all.entries()) {
    for (let i = 0; i < 3; i++) writeFileSync(join(home.inbox, `${n} ${i}.wav`), Sound.recording(200 + 10 * n + i))
    const of = file === "" ? [] : ["-P", join(home.state, file)]
    const wrap = [
      "strace",
      "-f",
      "-qq",
      "-o",
      "/dev/null",
      ...of,
      "-e",
      `trace=${calls}`,
      "-e",
      `inject=${calls}:error=${error}:when=${when}`
    ]
    const ended = await home.start(["run", "--json"], {}, { wrap }).ended
    for (const intent of Invariants.intents(home.state)) uncertain.add(intent)
    const told = Home.summary(ended)
    if (![0, 1].includes(ended.code) || (told?.items.failed ?? 1) > 1) met++
    hold(
      [
        ...(ended.hung ? ["I8: it hangs"] : []),
        ...([0, 1, 75, 78].includes(ended.code) ? [] : [`I8: it ended with ${ended.code ?? ended.signal}: ${ended.stderr}`]),
        ...Invariants.sound(home)
      ].map((what) => `${error} of ${calls} ${file} ${when}: ${what}`)
    )
  }
  hold(met > 0 ? [] : ["no run met an error"])
  const paid = await compared(home, service, { hold, long, root, uncertain: uncertain.size })
  return `${met} of ${all.length} runs met an error that the system gave; what they could not write was done by the next; ${paid}`
}
