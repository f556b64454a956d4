export { builtins } from "./builtins.js"
export { libraryPlugin } from "./LibraryPlugin.js"
export { mediaPlugin } from "./MediaPlugin.js"
export * from "./kinds.js"

// media
export { MediaEngine } from "./media/MediaEngine.js"
export { MediaError } from "./media/MediaError.js"

// stages
export { acoustic } from "./stages/Acoustic.js"
export { describe } from "./stages/Describe.js"
export { ingest } from "./stages/Ingest.js"
export { ForgottenError, persist } from "./stages/Persist.js"
export { probe } from "./stages/Probe.js"
export { transcode } from "./stages/Transcode.js"
export { transcodeVideo } from "./stages/TranscodeVideo.js"
export { waveform } from "./stages/Waveform.js"

// library
export * as Entry from "./library/Entry.js"
export * as Forgetting from "./library/Forgetting.js"
export * as Search from "./library/Search.js"
export { SearchError } from "./library/SearchError.js"
