/**
 * The program of a child process: reads media through node-av's synchronous calls, where a crash of a decoder costs a child and no more.
 * The asynchronous calls of node-av need a newer Node. It ends when its parent is gone, even in the middle of a file.
 *
 * Nothing that it loads loads Effect, which takes five times as long as the rest of its start.
 */
import { AV_LOG_QUIET } from "node-av/constants"
import { getFFmpegInfo, Log } from "node-av/lib"
import { setImmediate } from "node:timers/promises"
import { passes } from "../DecodePass.js"
import { isJoined } from "../Joined.js"
import type { InputJob } from "../InputJob.js"
import type { JobOutcome, RequestOutcome } from "../JobOutcome.js"
import { copyVideo } from "./copyVideo.js"
import type { DecodeContext } from "./DecodeContext.js"
import { decodeFrame } from "./decodeFrame.js"
import { decodePictures } from "./decodePictures.js"
import type { Reply, Request, Subject } from "./DecoderMessage.js"
import { decodeSound } from "./decodeSound.js"
import { type Complaints, failureOf } from "./InputFile.js"
import { hashPackets } from "./hashPackets.js"
import { inspect } from "./inspect.js"

Log.setLevel(AV_LOG_QUIET)
const say = (reply: Reply): void => void process.send?.(reply)
/** libav's own tidying at an orderly exit crashes; there is nothing left to tidy. */
const end = (): void => void process.kill(process.pid, "SIGKILL")
process.on("disconnect", end)

const run = async (job: InputJob, number: number, maxBytes: number): Promise<JobOutcome> => {
  const complaints: Complaints = { count: 0, first: undefined }
  const outcomes = new Map<number, RequestOutcome>()
  const sounds: Array<JobOutcome["sounds"][number]> = []
  const context: DecodeContext = {
    url: job.url,
    container: job.inspection.container,
    parts: job.inspection.parts,
    isJoined: isJoined(job.inspection),
    raw: job.inspection.raw,
    duration: job.inspection.durationSeconds,
    maxBytes,
    progress: async (done) => {
      say({ type: "progress", job: number, seconds: done })
      await setImmediate()
    }
  }
  for (const pass of passes(job))
    try {
      switch (pass._tag) {
        case "SoundPass":
          sounds.push({ stream: pass.stream.index, seconds: await decodeSound(pass, context, complaints, outcomes) })
          break
        case "VideoPass":
          await copyVideo(pass, context, complaints)
          outcomes.set(pass.place, { _tag: "File" })
          break
        case "FramePass":
          await decodeFrame(pass, context, complaints)
          outcomes.set(pass.place, { _tag: "File" })
          break
        case "PicturesPass":
          await decodePictures(pass, context, complaints)
          outcomes.set(pass.place, { _tag: "File" })
          break
        case "PacketsPass":
          hashPackets(pass, context)
          outcomes.set(pass.place, { _tag: "File" })
      }
    } catch (error) {
      const failure = failureOf(error)
      for (const { place } of pass._tag === "SoundPass" ? pass.handlers : [pass])
        if (!outcomes.has(place)) outcomes.set(place, failure)
    }
  return {
    outcomes: job.requests.map(
      (_, place) =>
        outcomes.get(place) ?? {
          _tag: "Failed",
          code: "EngineFailed",
          detail: "the media engine returned no result for this request"
        }
    ),
    sounds,
    complaints: complaints.count,
    complaint: complaints.first
  }
}

const look = ({ path, url }: Subject) => inspect(Buffer.from(path, "base64"), url)

const answer = async (request: Request): Promise<void> => {
  switch (request.type) {
    case "inspect":
      return say({ type: "inspected", results: request.files.map(look) })
    case "run": {
      const outcomes: Array<JobOutcome> = []
      for (const [number, job] of request.jobs.entries()) {
        outcomes.push(await run(job, number, request.maxBytes))
        await setImmediate()
      }
      return say({ type: "ran", outcomes })
    }
  }
}

// The parent is the same version of this program: its requests are what they say.
process.on("message", (request) => void answer(request as Request).catch(end))
say({ type: "ready", version: getFFmpegInfo().version })
