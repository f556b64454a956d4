// Fetches media that nobody here made into fixtures/real, through Debian's own package manager, without installing anything:
// the sounds of the freedesktop theme and the media files of Python's test suite. Their licences differ from ours: never commit them.
import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs"
import { join } from "node:path"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

export const folder = fileURLToPath(new URL("../fixtures/real", import.meta.url))

/** Package → the folder inside it that holds media. */
const packages = {
  "sound-theme-freedesktop": "usr/share/sounds/freedesktop/stereo",
  "libpython3.11-testsuite": "usr/lib/python3.11/test"
}
const media = /\.(oga|ogg|wav|aiff?|aifc|au|mp3|flac|m4a|mp4|avi|mkv|webm|mov|8svx|hcom|sndt|voc)$/i

/** Debian's package manager writes what it says to stderr: stdout belongs to who called us. */
const program = (name, args, cwd) => execFileSync(name, args, { cwd, stdio: ["ignore", 2, 2] })

export const fetch = () => {
  if (existsSync(join(folder, ".complete"))) return folder
  const work = mkdtempSync(join(tmpdir(), "mediaspool-real-"))
  try {
    for (const [name, inside] of Object.entries(packages)) {
      program("apt-get", ["download", name], work)
      const archive = readdirSync(work).find((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"))
      program("dpkg-deb", ["-x", archive, "unpacked"], work)
      const from = join(work, "unpacked", inside)
      for (const path of readdirSync(from, { recursive: true }).filter((path) => media.test(path))) {
        const to = join(folder, name, path)
        mkdirSync(join(to, ".."), { recursive: true })
        // Links inside the packages become the files that they mean.
        cpSync(join(from, path), to, { dereference: true })
      }
    }
    mkdirSync(join(folder, ".complete"))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  fetch()
  const count = readdirSync(folder, { recursive: true }).filter((path) => media.test(path)).length
  console.log(`${count} media files in ${folder}`)
}
