import { Schema } from "effect"
import * as Kind from "./Kind.js"

/**
 * One setting of a stage's config: its type, description and default, written once. Parsing, `spool check`, the JSON Schema,
 * the reference and the result key all read them from here.
 *
 * @example
 * const Config = Schema.Struct({
 *   format: Field.required(Schema.Literal("mp3", "wav"), "Container of the copy"),
 *   sampleRate: Field.withDefault(Schema.Int, 16000, "Sample rate in Hz")
 * })
 */
export const required = <A, I>(schema: Schema.Schema<A, I>, description: string): Schema.Schema<A, I> =>
  schema.annotations({ description })

/** A setting that may be left out. The default is given in its decoded form. */
export const withDefault = <A, I>(
  schema: Schema.Schema<A, I>,
  fallback: NoInfer<A>,
  description: string
): Schema.optionalWith<Schema.Schema<A, I>, { default: () => A }> =>
  // `JSONSchema.make` drops the default of `optionalWith`, so it stands as an annotation too.
  Schema.optionalWith(schema.annotations({ description, default: fallback }), { default: () => fallback })

/** A setting that may be left out and then has no value. */
export const maybe = <A, I>(schema: Schema.Schema<A, I>, description: string): Schema.optional<Schema.Schema<A, I>> =>
  Schema.optional(schema.annotations({ description }))

/**
 * Marks the schema of a setting that says where, how fast or how patiently, and never what comes out: a provider's name, a number
 * of calls at once. It stays out of the result key, found like a kind's unkeyed fields (`Kind.unkeyedPaths`).
 *
 * @example provider: Field.required(Field.unkeyed(Schema.String), "Who listens")
 */
export const unkeyed = Kind.unkeyed

/** The config of a stage that has no settings. */
export const none = Schema.Struct({})
