import { setImmediate } from "node:timers/promises"
import { passes } from "../DecodePass.js"
import type { InputJob } from "../InputJob.js"
import type { JobOutcome, RequestOutcome } from "../JobOutcome.js"
import { isJoined } from "../Joined.js"
import { copyVideo } from "./copyVideo.js"
import type { DecodeContext } from "./DecodeContext.js"
import { decodeFrame } from "./decodeFrame.js"
import { decodePictures } from "./decodePictures.js"
import { decodeSound } from "./decodeSound.js"
import { hashPackets } from "./hashPackets.js"
import { type Complaints, failureOf } from "./InputFile.js"

/**
 * Answers everything that is asked of one input.
 *
 * @param maxBytes ceiling of every output
 * @param progress hears the seconds that are decoded
 */
export const decodeJob = async (job: InputJob, maxBytes: number, progress: (seconds: number) => void): Promise<JobOutcome> => {
  const complaints: Complaints = { count: 0, first: undefined }
  const outcomes = new Map<number, RequestOutcome>()
  const sounds: Array<JobOutcome["sounds"][number]> = []
  const context: DecodeContext = {
    url: job.url,
    container: job.inspection.container,
    lead: job.inspection.leadSeconds,
    parts: job.inspection.parts,
    isJoined: isJoined(job.inspection),
    raw: job.inspection.raw,
    duration: job.inspection.durationSeconds,
    maxBytes,
    progress: async (done) => {
      progress(done)
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
