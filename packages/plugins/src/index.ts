export { builtins } from "./builtins.js"
export { libraryPlugin } from "./LibraryPlugin.js"
export { mediaPlugin } from "./MediaPlugin.js"
export { modelPlugin } from "./ModelPlugin.js"
export * from "./kinds.js"

// media
export * as MediaDoctor from "./media/MediaDoctor.js"
export { MediaEngine } from "./media/MediaEngine.js"
export { MediaError } from "./media/MediaError.js"

// models
export * as Language from "./models/answers/Language.js"
export * as ModelCatalog from "./models/catalog/ModelCatalog.js"
export { ModelError } from "./models/ModelError.js"
export { make as makeModels, Models, layer as modelsLayer, type Route } from "./models/Models.js"
export * as Price from "./models/catalog/Price.js"
export { Providers, type ProviderSettings } from "./models/catalog/Provider.js"
export * as ModelCall from "./models/ModelCall.js"
export { Vocabularies, type Vocabulary } from "./models/vocabularies/Vocabulary.js"

// stages
export * as Fourier from "./stages/acoustic/Fourier.js"
export { acoustic } from "./stages/Acoustic.js"
export { caption } from "./stages/Caption.js"
export { describe } from "./stages/Describe.js"
export { ingest } from "./stages/Ingest.js"
export { omniAsk } from "./stages/OmniAsk.js"
export { omniTags } from "./stages/OmniTags.js"
export { ForgottenError, persist } from "./stages/Persist.js"
export { postProcess } from "./stages/PostProcess.js"
export { probe } from "./stages/Probe.js"
export { textTags } from "./stages/TextTags.js"
export { transcode } from "./stages/Transcode.js"
export { transcodeVideo } from "./stages/TranscodeVideo.js"
export { waveform } from "./stages/Waveform.js"

// library
export * as Entry from "./library/MediaEntry.js"
export * as Forgetting from "./library/Blocklist.js"
export * as Search from "./library/Search.js"
export { SearchError } from "./library/SearchError.js"
