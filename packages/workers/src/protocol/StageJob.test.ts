import { describe, expect, it } from "@effect/vitest"
import { Either, Schema } from "effect"
import * as Mismatch from "./Mismatch.js"
import { jobId, StageJob } from "./StageJob.js"

const job: StageJob = {
  coordinator: "0123456789abcdef",
  key: "k".repeat(43),
  try: 1,
  pipeline: "sounds",
  node: "copy",
  stage: "transcode",
  version: 1,
  config: {},
  inputs: {},
  files: [{ hash: "a".repeat(64), size: 6, extension: ".wav", place: { root: "nas", path: "inbox/a.wav" } }],
  weight: 1,
  lostOn: []
}
const file = { hash: "a".repeat(64), size: 6, extension: ".wav" }
const decode = (changes: object) =>
  Either.mapLeft(Schema.decodeUnknownEither(StageJob)({ ...job, ...changes }), Mismatch.describe)

describe("A job", () => {
  it("is read as it was written", () => {
    expect(decode({})).toEqual(Either.right(job))
    expect(jobId(job)).toBe(`0123456789abcdef-${"k".repeat(43)}-1`)
  })

  it.each([
    ["a key that isn't a key", { key: "../../etc/passwd" }, "key"],
    ["a key with more behind it", { key: `${"k".repeat(43)}/x` }, "key"],
    ["a coordinator that isn't one", { coordinator: "me" }, "coordinator"],
    ["a hash that isn't one", { files: [{ ...file, hash: "../a" }] }, "files.0.hash"],
    ["an extension that is a path", { files: [{ ...file, extension: "/../x" }] }, "files.0.extension"],
    ["a size below nothing", { files: [{ ...file, size: -1 }] }, "files.0.size"],
    ["inputs under a name that isn't a hash", { inputsFile: { ...file, hash: "x" } }, "inputsFile.hash"],
    ["no weight", { weight: 0 }, "weight"],
    ["a round that is a path", { round: "../1" }, "round"]
  ])("with %s is refused, with its place", (_, changes, place) => {
    expect(decode(changes)).toEqual(Either.left(expect.stringMatching(new RegExp(`^${place.replaceAll(".", "\\.")}: `))))
  })
})
