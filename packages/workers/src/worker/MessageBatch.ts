/** Sends what is said in one turn of the event loop as one message: each costs a system call, and wakes the other process up. */
export class MessageBatch<Message> {
  private waiting: Array<Message> = []

  constructor(private readonly post: (batch: ReadonlyArray<Message>) => void) {}

  add(message: Message): void {
    if (this.waiting.push(message) === 1) setImmediate(() => this.flush())
  }

  private flush(): void {
    const batch = this.waiting
    this.waiting = []
    this.post(batch)
  }
}
