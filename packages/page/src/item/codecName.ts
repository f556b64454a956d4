/** `16-bit` for what every WAV has; other codecs by their names. */
export const codecName = (codec: string): string => {
  const [, kind, bits] = /^pcm_([suf])(\d+)/.exec(codec) ?? []
  return bits === undefined ? codec : kind === "f" ? `${bits}-bit float` : `${bits}-bit`
}
