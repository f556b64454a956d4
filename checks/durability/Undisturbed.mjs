// What an undisturbed run makes of a folder.
import { join } from "node:path"
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"

/** Milliseconds: all files of a long check at once take their time. */
const LONG = 3_600_000

/** Paid for, and taken from the bill again. */
export const undisturbed = async (root, service, { config, inbox }) => {
  const home = Home.make(join(root, "undisturbed"), { config, source: inbox })
  const ended = await home.start(["run", "--json"], {}, { patience: LONG }).ended
  if (![0, 1].includes(ended.code)) throw new Error(`the undisturbed run ended with ${ended.code}: ${ended.stderr}`)
  await service.clear()
  return Invariants.outcome(home)
}
