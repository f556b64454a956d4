export * as SampleMedia from "./SampleMedia.js"
