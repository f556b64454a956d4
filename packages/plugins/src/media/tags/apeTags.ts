import { at, type ReadBytes } from "../security/FileBytes.js"

const FOOTER = 32
const ID3V1 = 128
/** Bytes of a tag that are read: a cover in one may have megabytes. */
const MOST = 1_048_576

/** Names of ours for those that APE has. */
const names: Readonly<Record<string, string>> = { year: "date", "album artist": "album_artist" }

/**
 * The texts of an APEv2 at the end of a file, which libav doesn't read of an MP3. Several values of one name are joined as libav does.
 */
export const apeTags = (read: ReadBytes, size: number): Readonly<Record<string, string>> | undefined => {
  const end = [size, size - ID3V1].find((end) => end >= FOOTER && at(read(8, end - FOOTER), 0, "APETAGEX"))
  if (end === undefined) return undefined
  const footer = read(FOOTER, end - FOOTER)
  const bytes = footer.readUInt32LE(12) - FOOTER
  if (bytes <= 0 || bytes > Math.min(MOST, end - FOOTER)) return undefined
  const items = read(bytes, end - FOOTER - bytes)
  const found: Record<string, string> = {}
  for (let position = 0, n = footer.readUInt32LE(16); n > 0 && position + 9 < items.length; n--) {
    const length = items.readUInt32LE(position)
    const isText = ((items[position + 4] ?? 0) & 6) === 0
    const start = items.indexOf(0, position + 8) + 1
    if (start === 0 || start + length > items.length) break
    const name = items.toString("latin1", position + 8, start - 1).toLowerCase()
    if (isText)
      found[names[name] ?? name] = items
        .toString("utf8", start, start + length)
        .split("\0")
        .join(";")
    position = start + length
  }
  return found
}
