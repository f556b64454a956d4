// coordinator
export * as RemotePlacement from "./coordinator/RemotePlacement.js"

// worker
export * as Executor from "./worker/Executor.js"
export type { ExecutorMessage, Offer, OfferedStage } from "./worker/ExecutorMessage.js"
export * as StageWorker from "./worker/StageWorker.js"

// both
export * as FreeSpace from "./files/FreeSpace.js"
export * as Roots from "./files/Roots.js"
export { WorkerError } from "./protocol/WorkerError.js"
export * as Eviction from "./queue/Eviction.js"
export * as QueueAddress from "./queue/QueueAddress.js"
export * as QueueClient from "./queue/QueueClient.js"
export * as Roster from "./queue/Roster.js"
export { version } from "./protocol/Version.js"
