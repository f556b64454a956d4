// A database that a newer Mediaspool wrote is left as it is, by every command, and the message says what to do.
import { createHash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import * as Home from "../durability/Home.mjs"
import * as Sound from "../durability/Sound.mjs"
import { open } from "../durability/Sqlite.mjs"

export const missing = () => undefined

export const run = async ({ hold, root, service }) => {
  const home = Home.make(root, { config: Home.paid(service.url) })
  Sound.fill(home.inbox)
  await home.spool("run", "--json")
  const file = join(home.state, "spool.db")
  const database = open(file)
  database.pragma("user_version = 99")
  database.pragma("wal_checkpoint(TRUNCATE)")
  database.close()
  const hash = () => createHash("sha256").update(readFileSync(file)).digest("hex")
  const before = hash()
  for (const command of [["run"], ["ls"], ["doctor"], ["backup", "copy.db"]]) {
    const { code, stderr, stdout } = await home.spool(...command)
    hold([
      ...(code === 78 ? [] : [`${command[0]} ended with ${code}`]),
      ...(/version 99/.test(stderr + stdout) && /newer/i.test(stderr + stdout) ? [] : [`${command[0]} said: ${stderr}${stdout}`])
    ])
  }
  hold(hash() === before ? [] : ["the file was touched"])
  return "refused by run, ls, doctor and backup, and not touched"
}
