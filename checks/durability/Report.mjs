// What a check says while it goes on, and at its end.
import { rmSync } from "node:fs"

export class Report {
  broken = []
  began = performance.now()

  say(text) {
    console.log(text)
  }
  /** @param found what doesn't hold, at this place */
  hold(place, found) {
    for (const what of found) {
      this.broken.push(`${place}: ${what}`)
      this.say(`✗ ${place}: ${what}`)
    }
    return found.length === 0
  }
  /** Says the result and ends the process: with 1 when something is broken. Then the folder, if there is one, stays to be looked at. */
  end(folder, code = 0) {
    const minutes = (performance.now() - this.began) / 60_000
    this.say(`${this.broken.length} violations, in ${minutes.toFixed(1)} minutes.`)
    if (folder !== undefined)
      if (this.broken.length === 0) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
      else this.say(`Left as it is: ${folder}`)
    process.exit(this.broken.length === 0 ? code : 1)
  }
}
