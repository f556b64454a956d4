// Pages of the database are overwritten: doctor finds it and says what to do, and with a backup in its place everything goes on.
import { copyFileSync, openSync, closeSync, rmSync, statSync, writeSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Invariants from "../durability/Invariants.mjs"
import { resume } from "../durability/Resume.mjs"
import * as Sound from "../durability/Sound.mjs"
import { open } from "../durability/Sqlite.mjs"

export const missing = () => undefined

export const run = async ({ hold, root, service }) => {
  const home = Home.make(root, { config: Home.paid(service.url) })
  Sound.fill(home.inbox)
  await home.spool("run", "--json")
  const sound = await home.spool("doctor")
  hold(/is intact/.test(sound.stdout) ? [] : [`doctor said of a sound database: ${sound.stdout}`])
  const copy = await home.spool("backup", "copy.db")
  hold(copy.code === 0 ? [] : [`backup ended with ${copy.code}: ${copy.stderr}`])

  const file = join(home.state, "spool.db")
  const database = open(file)
  database.pragma("wal_checkpoint(TRUNCATE)")
  database.close()
  const opened = openSync(file, "r+")
  for (let at = 3 * 4_096; at < statSync(file).size; at += 2 * 4_096) writeSync(opened, Buffer.alloc(2_048, 0x55), 0, 2_048, at)
  closeSync(opened)
  for (const command of ["doctor", "run"]) {
    const { code, hung, stderr, stdout } = await home.spool(command)
    const said = stderr + stdout
    hold([
      ...(!hung && code === 78 ? [] : [`${command} ended with ${code} over a damaged database: ${said}`]),
      ...(/backup/.test(said) ? [] : [`${command} doesn't say what to do about a damaged database: ${said}`])
    ])
  }
  for (const more of ["", "-wal", "-shm"]) rmSync(file + more, { force: true })
  copyFileSync(join(home.folder, "copy.db"), file)
  hold(await resume(home, service, Invariants.sources(home.inbox)))
  hold(Invariants.payments(await service.bill(), home.state, 0))
  return "found by doctor and by run, both say what to do; the backup goes on where it was"
}
