import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import * as Mismatch from "./Mismatch.js"
import { entriesOf, StageBatch } from "./StageBatch.js"
import { type JobEntry, jobId } from "./StageJob.js"

const entry: JobEntry = {
  key: "k".repeat(43),
  try: 1,
  inputs: {},
  files: [{ hash: "a".repeat(64), size: 6, extension: ".wav", place: { root: "nas", path: "inbox/a.wav" } }]
}
const batch: StageBatch = {
  coordinator: "0123456789abcdef",
  pipeline: "sounds",
  node: "copy",
  stage: "transcode",
  version: 1,
  config: {},
  ids: [jobId({ coordinator: "0123456789abcdef", ...entry })],
  entries: JSON.stringify([entry]),
  isMerged: true,
  weight: 1,
  lostOn: [],
  machinesLost: 0
}
const file = { hash: "a".repeat(64), size: 6, extension: ".wav" }
const decode = (changes: object) =>
  Either.mapLeft(Schema.decodeUnknownEither(StageBatch)({ ...batch, ...changes }), Mismatch.describe)
const decodeEntry = (changes: object) => entriesOf({ ...batch, entries: JSON.stringify([{ ...entry, ...changes }]) })
const refusedAt = (place: string) => Either.left(expect.stringMatching(new RegExp(`^${place.replaceAll(".", "\\.")}: `)))

describe("A batch", () => {
  it("is read as it was written, and its attempts too", () => {
    expect(decode({})).toEqual(Either.right(batch))
    expect(decodeEntry({})).toEqual(Either.right([entry]))
    expect(batch.ids).toEqual([`0123456789abcdef-${"k".repeat(43)}-1`])
  })

  it.each([
    ["a coordinator that isn't one", { coordinator: "me" }, "coordinator"],
    ["no weight", { weight: 0 }, "weight"],
    ["no attempt", { ids: [] }, "ids.0"],
    ["an attempt whose name is a path", { ids: ["../../etc/passwd"] }, "ids.0"]
  ])("with %s is refused, with its place", (_, changes, place) => {
    expect(decode(changes)).toEqual(refusedAt(place))
  })

  it("with an attempt of another name than its key is refused, and with more of them than names", () => {
    const refused = Either.left("its attempts have other names than their keys")
    expect(decodeEntry({ key: "l".repeat(43) })).toEqual(refused)
    expect(entriesOf({ ...batch, entries: JSON.stringify([entry, entry]) })).toEqual(refused)
  })

  it.each([
    ["a key that isn't a key", { key: "../../etc/passwd" }, "0.key"],
    ["a key with more behind it", { key: `${"k".repeat(43)}/x` }, "0.key"],
    ["a hash that isn't one", { files: [{ ...file, hash: "../a" }] }, "0.files.0.hash"],
    ["an extension that is a path", { files: [{ ...file, extension: "/../x" }] }, "0.files.0.extension"],
    ["a size below nothing", { files: [{ ...file, size: -1 }] }, "0.files.0.size"],
    ["inputs under a name that isn't a hash", { inputsFile: { ...file, hash: "x" } }, "0.inputsFile.hash"],
    ["a round that is a path", { round: "../1" }, "0.round"]
  ])("with an attempt that has %s is refused, with its place", (_, changes, place) => {
    expect(decodeEntry(changes)).toEqual(refusedAt(place))
  })
})
