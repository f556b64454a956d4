/**
 * The program of a child process: reads media through node-av's synchronous calls, where a crash of a decoder costs a child and no more.
 * The asynchronous calls of node-av need a newer Node. It ends when its parent is gone, even in the middle of a file.
 *
 * Nothing that it loads loads Effect, which takes five times as long as the rest of its start; what decodes is loaded when something is
 * to be decoded, for most children only look at files.
 */
import { AV_LOG_QUIET } from "node-av/constants"
import { getFFmpegInfo, Log } from "node-av/lib"
import { setImmediate } from "node:timers/promises"
import type { JobOutcome } from "../JobOutcome.js"
import type { Reply, Request, Subject } from "./DecoderMessage.js"
import { inspect } from "./inspect.js"

Log.setLevel(AV_LOG_QUIET)
const say = (reply: Reply): void => void process.send?.(reply)
/** libav's own tidying at an orderly exit crashes; there is nothing left to tidy. */
const end = (): void => void process.kill(process.pid, "SIGKILL")
process.on("disconnect", end)

const look = ({ path, url }: Subject) => inspect(Buffer.from(path, "base64"), url)

const answer = async (request: Request): Promise<void> => {
  switch (request.type) {
    case "inspect":
      return say({ type: "inspected", results: request.files.map(look) })
    case "run": {
      const { decodeJob } = await import("./decodeJob.js")
      const outcomes: Array<JobOutcome> = []
      for (const [number, job] of request.jobs.entries()) {
        outcomes.push(await decodeJob(job, request.maxBytes, (seconds) => say({ type: "progress", job: number, seconds })))
        await setImmediate()
      }
      return say({ type: "ran", outcomes })
    }
  }
}

// The parent is the same version of this program: its requests are what they say.
process.on("message", (request) => void answer(request as Request).catch(end))
say({ type: "ready", version: getFFmpegInfo().version })
