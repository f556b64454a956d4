import { Schema } from "effect"

/** How an emulator behaves; any of it may be changed while it runs. */
export const EmulatorSettings = Schema.Struct({
  /** Keys that it knows. */
  keys: Schema.optionalWith(Schema.Array(Schema.String), { default: () => ["sk-emulator"] }),
  /** A key of an account that owes money, and one of an account that may not use the models. */
  keyWithoutBalance: Schema.optionalWith(Schema.String, { default: () => "sk-no-balance" }),
  keyWithoutAccess: Schema.optionalWith(Schema.String, { default: () => "sk-no-access" }),
  /** Requests a minute; absent is without limit. */
  rpm: Schema.optional(Schema.Positive),
  /** Tokens a minute. */
  tpm: Schema.optional(Schema.Positive),
  /** Before an answer begins. */
  answerMillis: Schema.optionalWith(Schema.NonNegative, { default: () => 0 }),
  /** Between two pieces of a stream. */
  chunkMillis: Schema.optionalWith(Schema.NonNegative, { default: () => 0 })
})
export type EmulatorSettings = typeof EmulatorSettings.Type & {
  readonly rpm: number | undefined
  readonly tpm: number | undefined
}

const decode = Schema.decodeSync(EmulatorSettings)

export const make = (settings: typeof EmulatorSettings.Encoded = {}): EmulatorSettings => {
  const decoded = decode(settings)
  return { ...decoded, rpm: decoded.rpm, tpm: decoded.tpm }
}
