import { Field, Money, type Usage } from "@mediaspool/core"
import { BigDecimal, Schema } from "effect"

const PerMillion = Schema.Union(Schema.NonNegative, Schema.NumberFromString.pipe(Schema.nonNegative()))

/** What a model costs, for a million tokens. */
export const Price = Schema.Struct({
  currency: Field.required(Schema.String.pipe(Schema.pattern(/^[A-Z]{3}$/)), "ISO 4217: CNY, USD"),
  audioIn: Field.required(PerMillion, "A million tokens of audio"),
  textIn: Field.maybe(PerMillion, "A million tokens of prompt; without it they cost what audio costs"),
  pictureIn: Field.maybe(PerMillion, "A million tokens of pictures; without it they cost what a prompt costs"),
  cachedIn: Field.maybe(
    PerMillion,
    "A million tokens of input that the service had kept from an earlier request; without it they cost what others do"
  ),
  textOut: Field.required(PerMillion, "A million tokens of answer"),
  /** When the vendor's page said so. */
  asOf: Field.maybe(Schema.String.pipe(Schema.pattern(/^\d{4}-\d{2}(-\d{2})?$/)), "When it was so: 2026-11")
})
export type Price = typeof Price.Type

// A price has a few decimals; its shortest notation as a number is what the page said.
const decimal = (value: number): BigDecimal.BigDecimal => BigDecimal.unsafeFromNumber(value)

const cost = (tokens: number, perMillion: number): BigDecimal.BigDecimal => {
  const product = BigDecimal.multiply(BigDecimal.fromBigInt(BigInt(tokens)), decimal(perMillion))
  // A millionth, exactly: six more places.
  return BigDecimal.make(product.value, product.scale + 6)
}

/** What these tokens cost, exactly. */
export const of = (price: Price, usage: Usage): Money => {
  const audio = Math.min(usage.audioTokens ?? 0, usage.inputTokens)
  const cached = price.cachedIn === undefined ? 0 : Math.min(usage.cachedTokens ?? 0, usage.inputTokens)
  const pictures = Math.min(usage.pictureTokens ?? 0, usage.inputTokens - audio)
  const text = usage.inputTokens - audio - pictures
  // A prompt comes first, so that it is what is kept first.
  const cachedText = Math.min(cached, text)
  const cachedPictures = Math.min(cached - cachedText, pictures)
  const textIn = price.textIn ?? price.audioIn
  const amount = [
    cost(audio - (cached - cachedText - cachedPictures), price.audioIn),
    cost(pictures - cachedPictures, price.pictureIn ?? textIn),
    cost(text - cachedText, textIn),
    cost(cached, price.cachedIn ?? 0),
    cost(usage.outputTokens, price.textOut)
  ].reduce(BigDecimal.sum)
  return new Money({ currency: price.currency, amount: BigDecimal.normalize(amount) })
}
