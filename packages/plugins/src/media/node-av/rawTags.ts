import { type Dictionary, FormatContext } from "node-av/lib"
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** `\=`, `\;`, `\#`, `\\` and an escaped end of line stand for themselves. */
const unescaped = (text: string): string => text.replace(/\\([^])/g, "$1")

/**
 * Tags as bytes. The binding hands them over as UTF-8 and puts U+FFFD where they are in another encoding; the muxer of FFmpeg's
 * metadata file writes them as they are.
 */
export const rawTags = (metadata: Dictionary): ReadonlyMap<string, Buffer> => {
  const folder = mkdtempSync(join(tmpdir(), "mediaspool-tags-"))
  try {
    const file = join(folder, "tags.txt")
    const output = new FormatContext()
    if (output.allocOutputContext2(null, "ffmetadata", file) < 0) return new Map()
    output.metadata = metadata
    const written = output.openOutputSync() >= 0 && output.writeHeaderSync(null) >= 0 && output.writeTrailerSync() >= 0
    output.closeOutputSync()
    if (!written) return new Map()
    const lines = readFileSync(file, "latin1").matchAll(/^((?:[^\\=\n;#]|\\[^])+)=((?:[^\\\n]|\\[^])*)$/gm)
    return new Map(
      [...lines].map(([, name = "", value = ""]) => [unescaped(name).toLowerCase(), Buffer.from(unescaped(value), "latin1")])
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
