// What an undisturbed run makes of a folder.
import { join } from "node:path"
import * as Home from "./Home.mjs"
import * as Invariants from "./Invariants.mjs"

/** Milliseconds: all files of a long check at once take their time. */
const LONG = 3_600_000

/** Runs a home, and gives what comes of it. */
export const asked = async (home) => {
  const ended = await home.start(["run", "--json"], {}, { patience: LONG }).ended
  if (![0, 1].includes(ended.code)) throw new Error(`the undisturbed run ended with ${ended.code}: ${ended.stderr}`)
  return Invariants.outcome(home)
}

/** Paid for, and taken from the bill again. */
export const undisturbed = async (root, service, { config, inbox }) => {
  const outcome = await asked(Home.make(join(root, "undisturbed"), { config, source: inbox }))
  await service.clear()
  return outcome
}
