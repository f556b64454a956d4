import type { StageReply } from "../protocol/StageReply.js"

/** Answers that nobody waits for yet are remembered up to so many: of the coordinator's life before, whose files come again. */
const UNCLAIMED = 5_000

/** An answer, and the message that it came in. */
export interface Answer {
  readonly reply: StageReply
  readonly message: string
}

/** What became of messages: each is forgotten by the server when all its answers were taken. */
export class AnswerBook {
  private readonly left = new Map<string, number>()
  private readonly early = new Map<string, Answer>()
  private taken: Array<string> = []

  /** Whether it was opened before: whoever comes back to the server hears everything again. */
  isOpen(message: string): boolean {
    return this.left.has(message) || this.taken.includes(message)
  }

  /** A message with so many answers. */
  open(message: string, answers: number): void {
    if (answers === 0) this.taken.push(message)
    else this.left.set(message, answers)
  }

  /** An answer of this message was taken. */
  take(message: string): void {
    const left = (this.left.get(message) ?? 1) - 1
    if (left > 0) return void this.left.set(message, left)
    this.left.delete(message)
    this.taken.push(message)
  }

  /** Keeps an answer that nobody waits for. */
  keep(job: string, answer: Answer): void {
    this.early.set(job, answer)
    if (this.early.size <= UNCLAIMED) return
    const [[first, { message }] = ["", answer] as const] = this.early
    this.early.delete(first)
    this.left.delete(message)
  }

  /** An answer that came before it was asked for. */
  claim(job: string): Answer | undefined {
    const found = this.early.get(job)
    this.early.delete(job)
    return found
  }

  /** Messages that nobody needs any more, once. */
  removable(): ReadonlyArray<string> {
    return this.taken.splice(0)
  }
}
