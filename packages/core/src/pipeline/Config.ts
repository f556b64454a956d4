import type { Budget } from "../stage/Budget.js"
import type { AnyPlugin } from "../stage/Plugin.js"
import type { AnyPipeline } from "./Pipeline.js"
import type { NodeSettings } from "../config/NodeSettings.js"
import type { PipelineTests } from "../config/PipelineTest.js"
import type { SourceConfig } from "../config/SourceConfig.js"

/** A pipeline as a file writes it. */
export interface WrittenPipeline {
  readonly source?: typeof SourceConfig.Encoded
  /** The nodes by name, in their order. */
  readonly stages: Readonly<Record<string, typeof NodeSettings.Encoded>>
  readonly budget?: typeof Budget.Encoded
  readonly tests?: typeof PipelineTests.Encoded
}

/** What `spool.config.ts` exports: the same as `spool.yaml`, with pipelines made by the builder or written out. */
export interface Config {
  /** npm names, paths relative to the config, or the plugins themselves. */
  readonly plugins?: ReadonlyArray<string | AnyPlugin>
  /** The folder of the database and the artifacts; `.spool` beside the config. */
  readonly state?: string
  /** Fill any stage's config field of that name. */
  readonly defaults?: Readonly<Record<string, unknown>>
  readonly pipelines: ReadonlyArray<AnyPipeline> | Readonly<Record<string, AnyPipeline | WrittenPipeline>>
  /** Sections that plugins read: `providers`. */
  readonly [section: string]: unknown
}

/**
 * A config as a program.
 *
 * @example export default Config.make({ defaults: { provider: "dashscope-intl" }, pipelines: [sounds] })
 */
export const make = (config: Config): Config => config
