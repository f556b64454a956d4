export * as ModelEmulator from "./ModelEmulator.js"
export * as SampleMedia from "./SampleMedia.js"
