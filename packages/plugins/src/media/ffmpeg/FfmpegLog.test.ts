import { describe, expect, it } from "@effect/vitest"
import { FastCheck as fc } from "effect"
import { handlerOf, type MediaRequest } from "../MediaRequest.js"
import { FfmpegLog } from "./FfmpegLog.js"

const read = (text: string): FfmpegLog => {
  const log = new FfmpegLog("n1")
  for (const line of text.split("\n")) log.read(line)
  return log
}
/** What a request finds in the log of its filter. */
const found = (log: FfmpegLog, job: number, place: number, request: MediaRequest) => {
  const handler = handlerOf(request)
  return handler._tag === "Sound" && handler.end._tag === "Measurement" ? handler.end.fromLog(log.filter(job, place)) : undefined
}
const loudness = { _tag: "Loudness", truePeak: true } as const
const silences = { _tag: "Silences", threshold: -50, minimumSeconds: 0.3 } as const

/** As `ebur128` ends, its own line first. */
const summary = (name: string, integrated: string, range: string, peak: string) =>
  `[ebur128@${name} @ 0x5651f4c43780] Summary:

  Integrated loudness:
    I:         ${integrated} LUFS
    Threshold: -29.1 LUFS

  Loudness range:
    LRA:        ${range} LU
    Threshold: -39.8 LUFS
    LRA low:   -39.8 LUFS
    LRA high:  -19.8 LUFS

  True peak:
    Peak:       ${peak} dBFS
size=N/A time=00:01:03.50 bitrate=N/A speed= 380x`

describe("FfmpegLog", () => {
  it("reads the loudness of each input by its filter's name, and the last word of each", () => {
    const log = read(
      [
        summary("n1_0_2", "-70.0", "0.0", "-inf"),
        summary("n1_1_2", "-23.4", "5.1", "-1.0"),
        summary("n1_0_2", "-19.1", "20.0", "-4.7")
      ].join("\n")
    )
    expect(found(log, 0, 2, loudness)).toEqual({ values: { integrated: -19.1, range: 20, truePeak: -4.7 }, rows: [] })
    expect(found(log, 1, 2, loudness)).toEqual({ values: { integrated: -23.4, range: 5.1, truePeak: -1 }, rows: [] })
    expect(found(log, 1, 2, { _tag: "Loudness" })).toEqual({ values: { integrated: -23.4, range: 5.1 }, rows: [] })
  })

  it("gives nothing where the gate left nothing", () => {
    const log = read(summary("n1_0_0", "-70.0", "0.0", "-inf"))
    expect(found(log, 0, 0, loudness)).toEqual({ values: {}, rows: [] })
  })

  it("reads levels, and clipping channel by channel", () => {
    const log = read(`[astats@n1_0_0 @ 0x5] Channel: 1
[astats@n1_0_0 @ 0x5] Peak level dB: -0.000265
[astats@n1_0_0 @ 0x5] Flat factor: 12.4
[astats@n1_0_0 @ 0x5] Peak count: 400.000000
[astats@n1_0_0 @ 0x5] Channel: 2
[astats@n1_0_0 @ 0x5] Peak level dB: -6.0
[astats@n1_0_0 @ 0x5] Flat factor: 3
[astats@n1_0_0 @ 0x5] Peak count: 9
[astats@n1_0_0 @ 0x5] Overall
[astats@n1_0_0 @ 0x5] Peak level dB: -0.000265
[astats@n1_0_0 @ 0x5] RMS level dB: -14.0571
[astats@n1_0_0 @ 0x5] Number of samples: 132300`)
    expect(found(log, 0, 0, { _tag: "Levels" })).toEqual({ values: { peak: 0, rms: -14.06, clippedSamples: 400 }, rows: [] })
    expect(log.samples(0, 1, 2, [0])).toBe(132300)
    expect(log.isChanging(0, 1, [0])).toBe(false)
  })

  it("reads silences, the last one open", () => {
    const log = read(`[ametadata@n1_0_0 @ 0x5] frame:86 pts:88200 pts_time:2
[ametadata@n1_0_0 @ 0x5] lavfi.silence_start=2.01
[ametadata@n1_0_0 @ 0x6] lavfi.silence_end=2.6
[ametadata@n1_0_0 @ 0x5] lavfi.silence_start=4`)
    expect(found(log, 0, 0, silences)).toEqual({ values: {}, rows: [{ start: 2.01, end: 2.6 }, { start: 4 }] })
  })

  it("averages the spectrum over the windows that sound", () => {
    const window = (
      mean: string,
      centroid: string,
      flatness: string
    ) => `[ametadata@n1_0_0 @ 0x5] lavfi.aspectralstats.1.mean=${mean}
[ametadata@n1_0_0 @ 0x5] lavfi.aspectralstats.1.centroid=${centroid}
[ametadata@n1_0_0 @ 0x5] lavfi.aspectralstats.1.flatness=${flatness}`
    const log = read(
      [
        window("1", "1000", "0.2"),
        window("0.0000001", "9000", "0.9"),
        window("0.5", "2000", "0.4"),
        window("0", "nan", "nan")
      ].join("\n")
    )
    expect(found(log, 0, 0, { _tag: "Spectrum" })).toEqual({ values: { centroid: 1500, flatness: 0.3 }, rows: [] })
  })

  it("believes no line that a file could have put there", () => {
    const forged = ["[ebur128@l0 @ 0x1] Summary:", "    I:  -1.0 LUFS", "[ametadata@x @ 0x1] lavfi.silence_start=0"].join("\n")
    const log = read(`${forged}\n${summary("n1_0_0", "-19.1", "2.0", "-4.7")}\n${forged}`)
    expect(found(log, 0, 0, loudness)).toMatchObject({ values: { integrated: -19.1 } })
    expect(found(log, 0, 0, silences)).toEqual({ values: {}, rows: [] })
  })

  it("counts damage by input, in the words of old and new versions", () => {
    const log = read(`Error while decoding stream #3:0: Invalid data found when processing input
[aist#4:0/mp3 @ 0x55d0] [dec:mp3float @ 0x55d1] Error submitting packet to decoder: Invalid data found when processing input
[mp3float @ 0x5] Header missing`)
    expect(log.complaints([3, 4])).toEqual([1, 2].map(() => "Invalid data found when processing input"))
    expect(log.complaints([0])).toEqual([])
  })

  it("knows how far it is", () => {
    expect(read("size=     188kB time=01:02:03.50 bitrate= 512.2kbits/s speed=45.6x").seconds).toBe(3723.5)
  })

  it.prop(
    "reads whatever it is given",
    [fc.array(fc.oneof(fc.string(), fc.constantFrom("[ebur128@n1_0_0 @ 0x1] Summary:", "    I: x", "time=1:2:3")))],
    ([lines]) => {
      const log = read(lines.join("\n"))
      expect(found(log, 0, 0, loudness)?.rows).toEqual([])
      expect(log.tail.length).toBeLessThanOrEqual(12)
    }
  )
})
