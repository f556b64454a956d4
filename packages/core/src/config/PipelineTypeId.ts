/** Marks what the typed builder makes, so that a config may hold it; `Symbol.for`, as a config may load another copy of core. */
export const PipelineTypeId = Symbol.for("@mediaspool/core/Pipeline")

export const isPipeline = (value: unknown): boolean => typeof value === "object" && value !== null && PipelineTypeId in value
