/** The public module `Stage`: making a stage, and running one without a pipeline. */
export * from "./stage/Stage.js"
export { batch, type BatchDefinition } from "./stage/StageBatch.js"
export { run } from "./pipeline/StandaloneRun.js"
