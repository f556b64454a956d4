export * as SampleMedia from "./SampleMedia.js"
export * as TemporaryFolder from "./TemporaryFolder.js"
