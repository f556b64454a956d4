import { Plugin } from "@mediaspool/core"
import { MediaEngine } from "./media/MediaEngine.js"
import { acoustic } from "./stages/Acoustic.js"
import { describe } from "./stages/Describe.js"
import { evidence } from "./stages/Evidence.js"
import { fingerprint } from "./stages/Fingerprint.js"
import { ingest } from "./stages/Ingest.js"
import { probe } from "./stages/Probe.js"
import { quality } from "./stages/Quality.js"
import { scenes } from "./stages/Scenes.js"
import { timbre } from "./stages/Timbre.js"
import { transcode } from "./stages/Transcode.js"
import { transcodeVideo } from "./stages/TranscodeVideo.js"
import { waveform } from "./stages/Waveform.js"

/** The stages that read media themselves, with the engine that does it. */
export const mediaPlugin = Plugin.make({
  name: "media",
  stages: [
    ingest,
    probe,
    transcode,
    transcodeVideo,
    acoustic,
    quality,
    timbre,
    fingerprint,
    describe,
    waveform,
    scenes,
    evidence
  ],
  layer: MediaEngine.layer,
  permissions: { programs: ["ffmpeg", "ffprobe"] }
})
