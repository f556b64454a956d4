/** Steps that one key takes back; older ones are taken back where they were done. */
const MOST = 100

/** What was done last, newest last: a window that is open for weeks keeps no more than a hundred steps. */
export class UndoSteps<Step> {
  readonly #steps: Array<Step> = []

  push(step: Step): void {
    this.#steps.push(step)
    if (this.#steps.length > MOST) this.#steps.shift()
  }

  pop(): Step | undefined {
    return this.#steps.pop()
  }
}
