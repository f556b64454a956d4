import { BigDecimal, Schema } from "effect"

/** An amount of money as an exact decimal; on the wire a decimal string. */
export class Money extends Schema.Class<Money>("@mediaspool/Money")({
  /** ISO 4217: `CNY`, `USD`. */
  currency: Schema.String,
  amount: Schema.BigDecimal
}) {}

/** `Money.amount` for people and for JSON, without an exponent. */
export const format = (money: Money): string => `${BigDecimal.format(BigDecimal.normalize(money.amount))} ${money.currency}`

/** Tokens that a provider reports for one call. */
export class Usage extends Schema.Class<Usage>("@mediaspool/Usage")({
  inputTokens: Schema.NonNegativeInt,
  outputTokens: Schema.NonNegativeInt,
  /** The part of the input that was audio. */
  audioTokens: Schema.optional(Schema.NonNegativeInt),
  /** The part of the input that was pictures, of a video too. */
  pictureTokens: Schema.optional(Schema.NonNegativeInt),
  /** The part of the input that the provider had kept from an earlier request. */
  cachedTokens: Schema.optional(Schema.NonNegativeInt)
}) {}
