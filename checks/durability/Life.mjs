// What happens to a folder of media while somebody works on it: files arrive, are renamed, edited, copied and deleted.
import {
  appendFileSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync
} from "node:fs"
import { createHash } from "node:crypto"
import { basename, dirname, join } from "node:path"
import { marks, peakOf, recording, secondsOf } from "./Sound.mjs"

const folders = ["", "", "talks", "music/live", "übung 中文"]
const wait = (millis) => new Promise((resolve) => setTimeout(resolve, millis))

/** The number that a recording has which comes to stand in a file. */
export const number = (count) => 100 + count
const sound = (count) => recording(number(count))
const broken = (count) => Buffer.from(`no recording ${count}`)

/** What may come to stand in a file, by how much has happened before. */
export const contents = (count) => [sound(count), broken(count)]

/** Gives what was put into a recording, by its hash, among the first of a life. */
export const recordings = () => {
  const known = new Map()
  const note = (number, bytes, seconds) =>
    known.set(createHash("sha256").update(bytes).digest("hex"), {
      ...marks(number),
      level: peakOf(bytes),
      seconds: secondsOf(number, seconds)
    })
  note(0, recording(0, 3), 3)
  let made = 0
  return (hash, until) => {
    for (; made <= until; made++) note(number(made), sound(made))
    return known.get(hash)
  }
}

/** Numbers in a row of which one gives a file of any length that there is. */
const LENGTHS = 4

/**
 * @param chance decides what happens
 * @param count how much has happened before, where a life goes on
 */
export const make = (inbox, chance, count = 0) => {
  const counts = {}
  const all = () =>
    readdirSync(inbox, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith(".part"))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
  const place = (name) => {
    const folder = join(inbox, chance.of(folders))
    mkdirSync(folder, { recursive: true })
    return join(folder, name)
  }
  const fresh = () => sound(count++)

  const events = {
    arrives: () => writeFileSync(place(`${count} arrived.wav`), fresh()),
    /** As a downloader does it. */
    arrivesByRename: () => {
      const path = place(`${count} fetched.wav`)
      writeFileSync(`${path}.part`, fresh())
      renameSync(`${path}.part`, path)
    },
    /** As a slow copy does it: nobody may take it for whole meanwhile. */
    arrivesSlowly: async () => {
      const path = place(`${count} copied slowly.wav`)
      const bytes = fresh()
      const third = Math.ceil(bytes.length / 3)
      for (let at = 0; at < bytes.length; at += third) {
        appendFileSync(path, bytes.subarray(at, at + third))
        await wait(60)
      }
    },
    arrivesBroken: () => writeFileSync(place(`${count} broken.mp3`), broken(count++)),
    copied: () => copyFileSync(chance.of(all()), place(`${count++} copy.wav`)),
    renamed: () => {
      const from = chance.of(all())
      const to = place(`${count++} renamed ${basename(from).replace(/^(\d+ renamed )+/, "")}`)
      renameSync(from, to)
    },
    edited: () => {
      const path = chance.of(all())
      writeFileSync(join(dirname(path), ".saving"), fresh())
      renameSync(join(dirname(path), ".saving"), path)
    },
    rewritten: () => writeFileSync(chance.of(all()), fresh()),
    /** In its place, with as many bytes, and the times put back: only the ctime tells. */
    swapped: () => {
      const path = chance.of(all())
      const { atime, mtime, size } = lstatSync(path)
      const bytes = Array.from({ length: LENGTHS }, fresh).find(({ length }) => length === size)
      if (bytes === undefined) return
      writeFileSync(path, bytes)
      utimesSync(path, atime, mtime)
    },
    deleted: () => all().length > 6 && rmSync(chance.of(all()))
  }
  const often = ["arrives", "arrives", "arrivesByRename", "arrivesSlowly", "renamed", "edited", "copied"]
  const seldom = ["arrivesBroken", "rewritten", "deleted"]

  /** What may happen to a file under whoever reads it. */
  const under = ["swapped", "swapped", "rewritten", "edited"]

  return {
    /** Replaces a file, as it may happen while it is read. */
    replace: async () => {
      const name = chance.of(under)
      await events[name]()
      counts[name] = (counts[name] ?? 0) + 1
    },
    count: () => count,
    /** Lets something happen, and says what. */
    go: async (without = []) => {
      const name = chance.of((chance.next() < 0.85 ? often : seldom).filter((name) => !without.includes(name)))
      await events[name]()
      counts[name] = (counts[name] ?? 0) + 1
      return name
    },
    counts
  }
}
