import { keyIn } from "../protocol/StageJob.js"
import type { StageReply } from "../protocol/StageReply.js"
import type { WorkerError } from "../protocol/WorkerError.js"
import type { BatchPart } from "./ExecutorMessage.js"
import { PartBuilder } from "./PartBuilder.js"

/** A failure of this machine as an answer. */
export const refusal = ({ _tag, code, help, message, retry }: WorkerError): StageReply => ({
  _tag: "Failed",
  failure: { _tag, code, retry, message, help }
})

/** The same answer for all of these attempts of a batch, as its last part. */
export const answerAll = (batch: string, attempts: Iterable<string>, reply: StageReply): BatchPart => {
  const part = new PartBuilder(batch)
  for (const id of attempts) part.answer(id, keyIn(id), reply, 0)
  return part.take(true)
}
