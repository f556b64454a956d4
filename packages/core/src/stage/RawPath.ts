/**
 * A file's path as a string that keeps every byte. POSIX names are bytes, not text: a byte that is no part of valid UTF-8
 * becomes a lone surrogate U+DC80…U+DCFF (the convention of Python's PEP 383), and turns back into the byte on the way out.
 */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
const escaped = /[\udc80-\udcff]/

/** The path of these bytes. */
export const fromBytes = (bytes: Uint8Array): string => decoded(bytes) ?? fromInvalid(bytes)

const decoded = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

const sequenceLength = (lead: number): number =>
  lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0

const fromInvalid = (bytes: Uint8Array): string => {
  let path = ""
  for (let i = 0; i < bytes.length;) {
    const length = sequenceLength(bytes[i] ?? 0)
    const isWhole = length > 0 && i + length <= bytes.length
    const character = isWhole ? decoded(bytes.subarray(i, i + length)) : undefined
    path += character ?? String.fromCharCode(0xdc00 + (bytes[i] ?? 0))
    i += character === undefined ? 1 : length
  }
  return path
}

/** The bytes of a path. */
export const toBytes = (path: string): Buffer => {
  if (!escaped.test(path)) return Buffer.from(path, "utf8")
  const parts = path.split(/([\udc80-\udcff])/u)
  return Buffer.concat(
    parts.map((part) =>
      part.length === 1 && escaped.test(part) ? Buffer.of(part.charCodeAt(0) & 0xff) : Buffer.from(part, "utf8")
    )
  )
}

/** Whether the path can be handed to programs as text. */
export const isText = (path: string): boolean => !escaped.test(path)

/** What Node's `fs` takes for this path. */
export const forNode = (path: string): string | Buffer => (isText(path) ? path : toBytes(path))

const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu

/** The path as a terminal or a log may show it: control, format and bidi characters escaped. */
export const display = (path: string): string =>
  path.replace(unsafe, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`)
