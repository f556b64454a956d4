import { Plugin } from "@mediaspool/core"
import { mediaPlugin } from "@mediaspool/plugins"
import { speech } from "./speech.js"
import { SpeechDetector } from "./SpeechDetector.js"

export { speech } from "./speech.js"
export { FRAME_SECONDS, SpeechDetector, type SpeechFrames } from "./SpeechDetector.js"
export { SpeechError } from "./SpeechError.js"

/** Finds speech: one stage, with the model that it needs. */
export default Plugin.make({ name: "speech", stages: [speech], layer: SpeechDetector.layer, needs: [mediaPlugin] })
