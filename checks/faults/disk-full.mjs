// The state folder's disk is full: before a run, and in the middle of one. The disk is a small one in memory, which only root may mount.
import { spawnSync } from "node:child_process"
import { closeSync, existsSync, mkdirSync, openSync, rmSync, statfsSync, writeFileSync, writeSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import { compared } from "../durability/Resume.mjs"
import * as Sound from "../durability/Sound.mjs"

const MB = 1024 * 1024
const mount = (...args) => spawnSync("mount", args).status === 0

export const missing = () => {
  if (process.platform !== "linux" || process.getuid() !== 0) return "only root on Linux may mount a small disk"
  const folder = Home.temporary("mount")
  const can = mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
  if (can) spawnSync("umount", [folder])
  rmSync(folder, { recursive: true, force: true })
  return can ? undefined : "this machine doesn't let root mount a small disk"
}

const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** Fills a folder's disk until so many bytes are left. */
const fill = (folder, left) => {
  const file = openSync(join(folder, "filler"), "a")
  try {
    const { bavail, bsize } = statfsSync(folder)
    const size = bavail * bsize - left
    if (size > 0) writeSync(file, Buffer.alloc(size))
  } catch (cause) {
    // The run took the rest meanwhile: full it is.
    if (cause.code !== "ENOSPC") throw cause
  } finally {
    closeSync(file)
  }
}

/** The run says that it is the disk, and claims nothing that isn't so. */
const stopped = (home, { code, hung, stderr }) => [
  ...(hung ? ["I8: it hangs"] : []),
  ...([1, 75].includes(code) ? [] : [`I8: it ended with ${code}: ${stderr}`]),
  ...(/disk|space/i.test(stderr) ? [] : [`it doesn't speak of the disk: ${stderr}`]),
  ...Invariants.sound(home)
]

export const run = async ({ hold, long, root, service }) => {
  const home = Home.make(join(root, "home"), { config: Home.paid(service.url) })
  mkdirSync(home.state)
  if (!mount("-t", "tmpfs", "-o", "size=112m", "tmpfs", home.state)) throw new Error("mount failed")
  try {
    Sound.fill(home.inbox)
    const first = await home.spool("run", "--json")
    hold(first.code === 1 ? [] : [`the first run ended with ${first.code}: ${first.stderr}`])

    // Nearly full: nothing new is begun.
    writeFileSync(join(home.inbox, "new.wav"), Sound.recording(40))
    fill(home.state, 8 * MB)
    const { requests } = await service.bill()
    hold([
      ...stopped(home, await home.spool("run", "--json")),
      ...((await service.bill()).requests === requests ? [] : ["I8: something was begun, and paid, on a full disk"])
    ])
    rmSync(join(home.state, "filler"))

    // Full in the middle of the work: as soon as a run has paid for something, or a little later.
    const times = long ? 6 : 1
    let met = 0
    for (let n = 0; n < times; n++) {
      for (let more = 0; more < 8; more++)
        writeFileSync(join(home.inbox, `${n} ${more}.wav`), Sound.recording(50 + 10 * n + more))
      const before = (await service.bill()).requests
      const run = home.start(["run", "--json"])
      const over = run.ended.then(() => true)
      const isOver = (millis) => Promise.race([wait(millis).then(() => false), over])
      while ((await service.bill()).requests === before && !(await isOver(20)));
      await isOver(n * 60)
      while (!(await isOver(50))) fill(home.state, 0)
      const ended = await run.ended
      // Whoever reads the database needs room for its shared memory.
      rmSync(join(home.state, "filler"), { force: true })
      if (ended.code !== 1 || /disk/i.test(ended.stderr)) {
        met++
        hold(stopped(home, ended))
      }
    }
    hold(met > 0 ? [] : ["no run met a full disk"])
    // No process died, and every reply found a place: nothing may be paid again.
    const paid = await compared(home, service, { hold, long, root })
    hold(existsSync(join(home.state, "reserve")) ? [] : ["no reserve was laid aside"])
    return `nothing is begun on a disk that is nearly full; ${met} of ${times} times filled in the middle, work waited and went on; ${paid}`
  } finally {
    spawnSync("umount", ["-l", home.state])
  }
}
