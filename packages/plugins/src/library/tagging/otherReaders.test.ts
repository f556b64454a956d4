import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { execFileSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import * as SampleMedia from "../../testing/SampleMedia.js"
import * as TemporaryFolder from "../../testing/TemporaryFolder.js"
import * as Broadcast from "./Broadcast.fixture.js"
import * as TagFile from "./tagFile.js"

/** Debian's Python, where its mutagen is. */
const PYTHON = "/usr/bin/python3"

const text = (program: string, args: ReadonlyArray<string>): string =>
  execFileSync(program, args, { encoding: "utf8", stdio: "pipe" })

const isThere = (program: string, args: ReadonlyArray<string>): boolean => {
  try {
    text(program, args)
    return true
  } catch {
    console.warn(`${program} ${args.join(" ")} doesn't run: the tests that read written tags with it are SKIPPED`)
    return false
  }
}

const hasAll = [
  isThere(PYTHON, ["-c", "import mutagen"]),
  isThere("exiftool", ["-ver"]),
  isThere("mediainfo", ["--Version"]),
  isThere("ffprobe", ["-version"]),
  isThere("ffmpeg", ["-version"])
].every((is) => is)

const hasMatroska = isThere("mkvpropedit", ["--version"])

/** An ID3v2.4 tag with the frames that others lose: objects, ratings, chapters, lyrics, volumes. */
const DRESS = `
import sys
from mutagen.id3 import ID3, TIT2, COMM, GEOB, POPM, CTOC, CHAP, CTOCFlags, USLT, RVA2, UFID, APIC
tag = ID3()
tag.add(TIT2(encoding=3, text="Grüße"))
tag.add(COMM(encoding=3, lang="eng", desc="", text="old comment"))
tag.add(GEOB(encoding=3, mime="text/plain", filename="a.txt", desc="object", data=b"bytes"))
tag.add(POPM(email="a@b", rating=196, count=7))
tag.add(CTOC(element_id="toc", flags=CTOCFlags.TOP_LEVEL, child_element_ids=["c1"], sub_frames=[]))
tag.add(CHAP(element_id="c1", start_time=0, end_time=900, start_offset=0xffffffff, end_offset=0xffffffff, sub_frames=[TIT2(encoding=3, text="first")]))
tag.add(USLT(encoding=3, lang="deu", desc="", text="Zeile eins"))
tag.add(RVA2(desc="album", channel=1, gain=-3.5, peak=0.9))
tag.add(UFID(owner="http://example.org", data=b"id"))
tag.add(APIC(encoding=3, mime="image/png", type=3, desc="cover", data=b"\\x89PNG"))
tag.save(sys.argv[1], v2_version=4)
`

/** A cover, cue points and a block of another program's beside the comments; a field that stands there twice. */
const DRESS_FLAC = `
import sys
from mutagen.flac import FLAC, Picture, CueSheet, CueSheetTrack, CueSheetTrackIndex
file = FLAC(sys.argv[1])
file["artist"] = ["Eins", "Zwei"]
cover = Picture()
cover.type, cover.mime, cover.desc, cover.data = 3, "image/png", "cover", b"\\x89PNG"
file.add_picture(cover)
file.save()
cue = CueSheet(None)
cue.media_catalog_number, cue.lead_in_samples, cue.compact_disc = b"1234567890123", 88200, True
for number, start in ((1, 0), (2, 20580), (170, 44100)):
    track = CueSheetTrack(number, start, b"")
    if number < 170: track.indexes.append(CueSheetTrackIndex(1, 0))
    cue.tracks.append(track)
file = FLAC(sys.argv[1])
file.cuesheet = cue
file.metadata_blocks.append(cue)
file.save()
`

/** Fields that stand there twice, a cover as Vorbis comments have it, gains; in capitals, since that is what names become. */
const DRESS_OGG = `
import base64, sys, mutagen
from mutagen.flac import Picture
file = mutagen.File(sys.argv[1])
cover = Picture()
cover.type, cover.mime, cover.desc, cover.data = 3, "image/png", "cover", b"\\x89PNG"
file["METADATA_BLOCK_PICTURE"] = [base64.b64encode(cover.write()).decode("ascii")]
file["ARTIST"] = ["Eins", "Zwei"]
file["TITLE"] = ["Grüße"]
file["R128_TRACK_GAIN"] = ["-512"]
file["LYRICS"] = ["Zeile eins\\nZeile zwei"]
encoder = file.pop("encoder")
file["ENCODER"] = encoder
file.save()
`

/** What iTunes and audio books have: a cover, a tempo, fields of others' namespaces. */
const DRESS_MP4 = `
import sys
from mutagen.mp4 import MP4, MP4Cover
file = MP4(sys.argv[1])
file["covr"] = [MP4Cover(b"\\x89PNG", MP4Cover.FORMAT_PNG)]
file["tmpo"] = [120]
file["rtng"] = [2]
file["----:com.apple.iTunes:MOOD"] = [b"calm"]
file["\\xa9cmt"] = ["old comment"]
file.save()
`

const CHAPTERS = `;FFMETADATA1
title=Grüße
[CHAPTER]
TIMEBASE=1/1000
START=0
END=400
title=Eins
[CHAPTER]
TIMEBASE=1/1000
START=400
END=1000
title=Zwei
`

const MUTAGEN = `
import sys, mutagen
file = mutagen.File(sys.argv[1])
# It doesn't read Matroska.
for key, value in sorted(((file and file.tags) or {}).items()):
    if "MEDIASPOOL" not in key.upper(): print(key, repr(value))
`

/** What our fields are shown as, and what says how long or how old a file is. */
const OWN =
  /mediaspool|unknown_id3|(File|ID3|\/|Stream|Atom|Header|Footer)Size=|MediaDataOffset|source_?streamsize|streamsize_proportion|File(Modify|Access|Inode)|Directory|SourceFile|overallbitrate|bit_rate|created_date|modified_date|\(approx\)|FLAC:Padding/i

/** All that a reader says, a line each, without what is ours. */
const flat = (value: unknown, path = ""): ReadonlyArray<string> => {
  if (typeof value === "object" && value !== null)
    return Object.entries(value).flatMap(([key, inner]) => flat(inner, `${path}/${key}`))
  const line = `${path}=${String(value)}`
  return OWN.test(line) ? [] : [line]
}

const readers: Readonly<Record<string, (file: string) => ReadonlyArray<string>>> = {
  mutagen: (file) => text(PYTHON, ["-c", MUTAGEN, file]).trim().split("\n"),
  exiftool: (file) => flat(JSON.parse(text("exiftool", ["-j", "-G1", "-a", "-u", file]))),
  ffprobe: (file) =>
    flat(JSON.parse(text("ffprobe", ["-v", "error", "-of", "json", "-show_format", "-show_streams", "-show_chapters", file]))),
  mediainfo: (file) => flat(JSON.parse(text("mediainfo", ["--Output=JSON", file])))
}

/** ExifTool looks at nothing behind a Matroska file's first cluster, and MKVToolNix puts tags there. */
const isReader = (name: string, file: string): boolean => name !== "exiftool" || !/\.(mkv|webm)$/.test(file)

const said = (file: string) =>
  Object.fromEntries(
    Object.entries(readers)
      .filter(([name]) => isReader(name, file))
      .map(([name, read]) => [name, read(file)])
  )

const values = [
  ["MEDIASPOOL_CAPTION", "Regen fällt. 雨が降る。"],
  ["MEDIASPOOL_EMOTION", "sad; calm"]
] as const

describe.skipIf(!hasAll)("Written tags, as other programs read them", { timeout: 60_000 }, () => {
  const made: Readonly<Record<string, (file: string, source: string) => void>> = {
    "a.wav": (file) => writeFileSync(file, Broadcast.make("RIFF")),
    "a.mp3": (file, source) => {
      text("ffmpeg", ["-v", "error", "-i", source, "-b:a", "64k", "-write_xing", "0", file])
      text(PYTHON, ["-c", DRESS, file])
    },
    "a.aiff": (file, source) => {
      text("ffmpeg", ["-v", "error", "-i", source, "-metadata", "title=Grüße", "-write_id3v2", "1", file])
    },
    "a.flac": (file, source) => {
      text("ffmpeg", ["-v", "error", "-i", source, "-metadata", "title=Grüße", "-metadata", "DESCRIPTION=old", file])
      text(PYTHON, ["-c", DRESS_FLAC, file])
    },
    "a.ogg": (file, source) => {
      text("ffmpeg", ["-v", "error", "-i", source, "-c:a", "libvorbis", file])
      text(PYTHON, ["-c", DRESS_OGG, file])
    },
    "a.opus": (file, source) => {
      text("ffmpeg", ["-v", "error", "-i", source, "-c:a", "libopus", file])
      text(PYTHON, ["-c", DRESS_OGG, file])
    },
    "chapters.m4a": (file, source) => {
      writeFileSync(`${file}.txt`, CHAPTERS)
      const both = ["-i", source, "-i", `${file}.txt`, "-map_metadata", "1", "-map_chapters", "1", "-c:a", "aac"]
      text("ffmpeg", ["-v", "error", ...both, file])
      text(PYTHON, ["-c", DRESS_MP4, file])
    },
    // What describes the movie lies before it, and grows.
    "first.m4a": (file, source) => {
      text("ffmpeg", ["-v", "error", "-i", source, "-c:a", "aac", "-movflags", "+faststart", file])
    },
    ...(hasMatroska
      ? {
          "a.mkv": (file: string, source: string) => {
            const picture = ["-f", "lavfi", "-i", "testsrc=duration=1:size=64x64:rate=5"]
            const tags = ["-metadata", "title=Grüße", "-metadata", "comment=old", "-metadata:s:a:0", "language=deu"]
            text("ffmpeg", ["-v", "error", "-i", source, ...picture, ...tags, file])
          },
          "a.webm": (file: string, source: string) => {
            text("ffmpeg", ["-v", "error", "-i", source, "-metadata", "comment=old", "-c:a", "libopus", file])
          }
        }
      : {})
  }
  it.scoped.each(Object.keys(made))("%s: nothing else has changed, and the caption is there", (name) =>
    Effect.gen(function* () {
      const folder = yield* TemporaryFolder.make
      const source = yield* SampleMedia.writeWav(folder, "chords", { seconds: 1 })
      const file = join(folder, name)
      yield* Effect.sync(() => made[name]?.(file, source.path))
      const before = said(file)
      yield* TagFile.write(
        file,
        values,
        () => true,
        () => Effect.void
      )
      expect(said(file)).toEqual(before)
      if (/mkv|webm|m4a/.test(name)) return expect(text("ffprobe", ["-v", "error", "-show_format", file])).toContain(values[0][1])
      // FFmpeg 5.1 passes the ID3 chunk of a wave over; Mutagen reads it everywhere.
      expect(text(PYTHON, ["-c", "import mutagen, sys; print(mutagen.File(sys.argv[1]).tags.pprint())", file])).toContain(
        values[0][1]
      )
    })
  )
})
