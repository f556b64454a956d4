/**
 * The program of a child process: reads media through node-av's synchronous calls, where a crash of a decoder costs a child and no more.
 * The asynchronous calls of node-av need a newer Node. It ends when its parent is gone, even in the middle of a file.
 *
 * Nothing that it loads loads Effect, which takes five times as long as the rest of its start.
 */
import { AV_LOG_QUIET } from "node-av/constants"
import { getFFmpegInfo, Log } from "node-av/lib"
import { setImmediate } from "node:timers/promises"
import { failed } from "../Failed.js"
import type { Outcome, Reading } from "../Outcome.js"
import { passes, type Spec } from "../Pass.js"
import { inspect } from "./Inspect.js"
import type { Reply, Request, Subject } from "./Message.js"
import { decodeFrame } from "./PictureDecode.js"
import { decodeSound, failureOf } from "./SoundDecode.js"
import type { Complaints } from "./Source.js"
import type { Terms } from "./Terms.js"
import { copyVideo } from "./VideoCopy.js"

Log.setLevel(AV_LOG_QUIET)
const say = (reply: Reply): void => void process.send?.(reply)
/** libav's own tidying at an orderly exit crashes; there is nothing left to tidy. */
const end = (): void => void process.kill(process.pid, "SIGKILL")
process.on("disconnect", end)

const runOne = async (spec: Spec, place: number, maxBytes: number): Promise<Outcome> => {
  const complaints: Complaints = { count: 0, first: undefined }
  const readings = new Map<number, Reading>()
  let seconds: number | undefined
  const terms: Terms = {
    url: spec.url,
    duration: spec.inspection.durationSeconds,
    maxBytes,
    headway: async (done) => {
      say({ type: "headway", spec: place, seconds: done })
      await setImmediate()
    }
  }
  for (const pass of passes(spec))
    try {
      switch (pass._tag) {
        case "SoundPass":
          seconds = await decodeSound(pass, terms, complaints, readings)
          break
        case "VideoPass":
          await copyVideo(pass, terms, complaints)
          readings.set(pass.want.place, { _tag: "File" })
          break
        case "FramePass":
          decodeFrame(pass, terms, complaints)
          readings.set(pass.want.place, { _tag: "File" })
      }
    } catch (error) {
      const failure = failureOf(error)
      for (const { place } of pass._tag === "SoundPass" ? pass.wants : [pass.want])
        if (!readings.has(place)) readings.set(place, failure)
    }
  return {
    readings: spec.wants.map((_, place) => readings.get(place) ?? failed("EngineFailed", "nothing came of it")),
    seconds,
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
      const outcomes: Array<Outcome> = []
      for (const [place, spec] of request.specs.entries()) {
        outcomes.push(await runOne(spec, place, request.maxBytes))
        await setImmediate()
      }
      return say({ type: "ran", outcomes })
    }
  }
}

// The parent is the same version of this program: its requests are what they say.
process.on("message", (request) => void answer(request as Request).catch(end))
say({ type: "ready", version: getFFmpegInfo().version })
