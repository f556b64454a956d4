/** Each call goes on with a file, and often begins the next one: some milliseconds. */
const CALLS_A_TURN = 4

/** Calls back in order, a few in each turn of the event loop: hundreds that come at once would hold it up. */
export class TurnQueue {
  private readonly waiting: Array<() => void> = []

  add(call: () => void): void {
    if (this.waiting.push(call) === 1) setImmediate(this.turn)
  }

  private readonly turn = (): void => {
    const calls = this.waiting.splice(0, CALLS_A_TURN)
    if (this.waiting.length > 0) setImmediate(this.turn)
    for (const call of calls) call()
  }
}
