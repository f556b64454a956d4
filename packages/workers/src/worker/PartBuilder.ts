import type { AnswerPart } from "../protocol/AnswerPart.js"
import type { JobProgress } from "../protocol/JobProgress.js"
import type { StageReply } from "../protocol/StageReply.js"
import { quartile } from "../protocol/quartile.js"
import type { BatchPart, EndedAttempt } from "./ExecutorMessage.js"
import type { JobOutcome } from "./WorkerEvent.js"

const outcomeOf = (reply: StageReply): JobOutcome => {
  switch (reply._tag) {
    case "Done":
      return "done"
    case "Failed":
      return reply.failure.retry === "skip" ? "skipped" : "failed"
    case "Broke":
      return "failed"
    case "Undone":
      return reply.why === "late" ? "returned" : "lost"
  }
}

const detailOf = (reply: StageReply): string | undefined => {
  switch (reply._tag) {
    case "Done":
      return undefined
    case "Failed":
      return reply.failure.message
    case "Broke":
      return reply.message
    case "Undone":
      return reply.why === "process" ? `the process that ran it ended, on ${reply.on}` : undefined
  }
}

/** What is to be said of a batch next. */
export class PartBuilder {
  private began: Array<string> = []
  private progress = new Map<string, JobProgress>()
  private answers: Array<readonly [string, StageReply]> = []
  private ended: Array<EndedAttempt> = []
  private times: Array<number> = []

  /** @param batch its job in the queue */
  constructor(private readonly batch: string) {}

  get isEmpty(): boolean {
    return this.began.length === 0 && this.progress.size === 0 && this.answers.length === 0
  }

  begin(id: string): void {
    this.began.push(id)
  }

  report(id: string, progress: JobProgress): void {
    this.progress.set(id, progress)
  }

  answer(id: string, key: string, reply: StageReply, milliseconds: number): void {
    this.answers.push([id, reply])
    this.progress.delete(id)
    if (reply._tag !== "Undone") this.times.push(milliseconds)
    this.ended.push({ id, key, outcome: outcomeOf(reply), detail: detailOf(reply), milliseconds: Math.round(milliseconds) })
  }

  /** All that was gathered, once. */
  take(isLast: boolean): BatchPart {
    const { answers, began, ended, progress, times } = this
    this.began = []
    this.progress = new Map()
    this.answers = []
    this.ended = []
    this.times = []
    const part: AnswerPart = { batch: this.batch, began, progress: [...progress], answers, took: quartile(times) }
    return { text: JSON.stringify(part), ended, isLast }
  }
}
