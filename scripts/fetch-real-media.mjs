// Fetches media that nobody here made into fixtures/, through Debian's own package manager, without installing anything. Their licences
// differ from ours: never commit them.
//   node scripts/fetch-real-media.mjs [real | strangers]
// `real` are recordings: the sounds of the freedesktop theme and the media files of Python's test suite. `strangers` are more, and
// stranger: what the test suites of taglib, exiv2 and exiftool throw at their own readers, and a thousand spoken syllables.
import { execFileSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { tmpdir } from "node:os"
import { fileURLToPath } from "node:url"

const fixtures = fileURLToPath(new URL("../fixtures", import.meta.url))
const media = /\.(oga|ogg|opus|wav|aiff?|aifc|au|mp3|flac|m4a|mp4|avi|mkv|webm|mov|8svx|hcom|sndt|voc)$/i

/** Package → the folder inside it that holds media. */
const recordings = {
  "sound-theme-freedesktop": "usr/share/sounds/freedesktop/stereo",
  "libpython3.11-testsuite": "usr/lib/python3.11/test"
}
const sets = {
  real: { packages: recordings, sources: {} },
  strangers: {
    packages: { ...recordings, "klettres-data": "usr/share/klettres" },
    // A test suite's files are media whatever they are called: that is what they are there for.
    sources: { taglib: "tests/data", exiv2: "test/data", "libimage-exiftool-perl": "t/images" }
  }
}

/** Debian's package manager writes what it says to stderr: stdout belongs to who called us. */
const program = (name, args, cwd) => execFileSync(name, args, { cwd, stdio: ["ignore", 2, 2] })

const take = (from, to, chosen) => {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    const name = path.slice(from.length + 1)
    // Links inside the packages become the files that they mean.
    if (entry.isDirectory() || !chosen(name) || !existsSync(path)) continue
    mkdirSync(join(to, name, ".."), { recursive: true })
    cpSync(path, join(to, name), { dereference: true, recursive: true })
  }
}

const fromPackages = (packages, work, folder) => {
  for (const [name, inside] of Object.entries(packages)) {
    program("apt-get", ["download", name], work)
    const archive = readdirSync(work).find((file) => file.startsWith(`${name}_`) && file.endsWith(".deb"))
    program("dpkg-deb", ["-x", archive, "unpacked"], work)
    take(join(work, "unpacked", inside), join(folder, name), (path) => media.test(path))
  }
}

/** With a list of sources and a cache of its own: the machine's settings stay as they are. */
const fromSources = (sources, work, folder) => {
  if (Object.keys(sources).length === 0) return
  const list = join(work, "sources.list")
  writeFileSync(
    list,
    "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian bookworm main\n"
  )
  for (const path of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(work, path), { recursive: true })
  const settings = {
    "Dir::Etc::SourceList": list,
    "Dir::Etc::SourceParts": "/dev/null",
    "Dir::State::Lists": join(work, "lists"),
    "Dir::Cache": join(work, "cache")
  }
  const own = Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])
  program("apt-get", [...own, "update"], work)
  for (const [name, inside] of Object.entries(sources)) {
    const place = join(work, name)
    mkdirSync(join(place, "unpacked"), { recursive: true })
    program("apt-get", [...own, "source", "--download-only", name], place)
    const archive = readdirSync(place).find((file) => /\.orig\.tar\.\w+$/.test(file))
    program("tar", ["-xf", archive, "-C", "unpacked", "--strip-components=1"], place)
    take(join(place, "unpacked", inside), join(folder, name), (path) => !path.endsWith(".cpp"))
  }
}

/** Fetches a set unless it is there; gives its folder. */
export const fetch = (set = "real") => {
  const folder = join(fixtures, set)
  if (existsSync(join(folder, ".complete"))) return folder
  const work = mkdtempSync(join(tmpdir(), "mediaspool-fetch-"))
  try {
    fromPackages(sets[set].packages, work, folder)
    fromSources(sets[set].sources, work, folder)
    mkdirSync(join(folder, ".complete"))
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return folder
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = fetch(process.argv[2])
  const count = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length
  console.log(`${count} files in ${folder}`)
}
