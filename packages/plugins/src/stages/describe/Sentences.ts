import type { Acoustics, Probe } from "../../kinds.js"
import * as Figure from "./Figure.js"
import { isInfrasound, isUltrasound } from "./hearing.js"

/** Takes one of several ways to say the same. */
export type Pick = (...ways: readonly [string, ...ReadonlyArray<string>]) => string

/** One sentence with the measurement that it rests on in it; `undefined` where that wasn't measured. */
type Sentence = (sound: Acoustics, pick: Pick, probe: Probe | undefined) => string | undefined

/** The first word whose limit the value stays under. */
const grade = (value: number, ...steps: ReadonlyArray<readonly [number, string]>): string =>
  steps.find(([limit]) => value < limit)?.[1] ?? ""

const channels = (count: number): string => (count === 1 ? "mono" : count === 2 ? "stereo" : `${count}-channel`)

const what: Sentence = (sound, pick, probe) => {
  const length = Figure.duration(sound.durationSeconds)
  const kind = channels(sound.channels)
  const rate = Figure.frequency(sound.sampleRate)
  const picture = probe?.streams.find(({ type }) => type === "video")
  if (picture !== undefined) {
    const { displayHeight: height = picture.height, displayWidth: width = picture.width } = picture
    const size = width === undefined || height === undefined ? "" : ` at ${width} by ${height} pixels`
    return `A video of ${length}${size}, with ${kind} sound sampled at ${rate}.`
  }
  return pick(
    `${length} of ${kind} sound, sampled at ${rate}.`,
    `A ${kind} recording of ${length}, sampled at ${rate}.`,
    `${kind.replace(/^./, (first) => first.toUpperCase())} sound that lasts ${length}, sampled at ${rate}.`
  )
}

const silent: Sentence = ({ durationSeconds, samplePeak, silenceRatio }, pick) =>
  silenceRatio < 1
    ? undefined
    : samplePeak !== undefined
      ? `All ${Figure.duration(durationSeconds)} are silent or nearly so.`
      : pick(
          `It is silent from beginning to end, all ${Figure.duration(durationSeconds)} of it.`,
          `All ${Figure.duration(durationSeconds)} are silent.`
        )

const loudness: Sentence = (sound, pick) => {
  const { integratedLoudness: loudness, loudnessRange: range } = sound
  if (loudness === undefined) return undefined
  // What isn't heard is neither loud nor quiet.
  if (sound.silenceRatio >= 1 || isUltrasound(sound) || isInfrasound(sound)) return `It measures ${Figure.level(loudness)} LUFS.`
  const how = grade(
    loudness,
    [-45, "very quiet"],
    [-28, "quiet"],
    [-17, "of medium loudness"],
    [-10, "loud"],
    [Infinity, "very loud"]
  )
  const figure = `${Figure.level(loudness)} LUFS`
  if (range === undefined)
    return pick(`It is ${how}, at ${figure}.`, `On the whole it is ${how} (${figure}).`, `At ${figure} it is ${how}.`)
  const varies = grade(
    range,
    [2, "hardly changes"],
    [6, "changes a little"],
    [12, "changes clearly"],
    [Infinity, "changes widely"]
  )
  const by = `${Figure.level(range)} LU`
  return pick(
    `It is ${how} (${figure}), and its loudness ${varies} (a range of ${by}).`,
    `On the whole it is ${how}, at ${figure}; the loudness ${varies}, over ${by}.`
  )
}

const peak: Sentence = ({ samplePeak, truePeak }, pick) => {
  const [value, unit] = truePeak === undefined ? [samplePeak, "dBFS"] : [truePeak, "dBTP"]
  if (value === undefined) return undefined
  const figure = `${Figure.level(value)} ${unit}`
  if (value > 0) return `Its peaks pass full scale, at ${figure}.`
  if (value > -1)
    return pick(`Its peaks come close to full scale, at ${figure}.`, `The highest peak, ${figure}, is close to full scale.`)
  return pick(`Its highest peak is ${figure}.`, `Its peaks reach ${figure}.`)
}

const clipping: Sentence = ({ clippedSamples }, pick) =>
  clippedSamples === 0
    ? undefined
    : pick(
        `${Figure.count(clippedSamples)} samples in runs at full scale point to clipping.`,
        `It seems to be clipped: ${Figure.count(clippedSamples)} samples stand at full scale in runs.`
      )

const invalid: Sentence = ({ invalidSamples }) =>
  invalidSamples === undefined
    ? undefined
    : `${Figure.count(invalidSamples)} of its samples are no numbers (NaN or infinite) and were left out.`

const silences: Sentence = ({ silenceRatio, silences }, pick) => {
  const longest = silences.reduce<Acoustics["silences"][number] | undefined>(
    (best, span) =>
      best === undefined || span.endSeconds - span.startSeconds > best.endSeconds - best.startSeconds ? span : best,
    undefined
  )
  if (longest === undefined || silenceRatio >= 1) return undefined
  const length = Figure.duration(longest.endSeconds - longest.startSeconds)
  const start = Figure.moment(longest.startSeconds)
  if (silences.length === 1)
    return pick(
      `There is one silence of ${length}, from ${start} on.`,
      `It falls silent once, at ${start}, for ${length} (${Figure.share(silenceRatio)} of the whole).`
    )
  return pick(
    `It is silent for ${Figure.share(silenceRatio)} of the time, in ${silences.length} stretches; the longest lasts ${length}, from ${start} on.`,
    `${silences.length} silences make up ${Figure.share(silenceRatio)} of it, the longest of ${length} from ${start} on.`
  )
}

const spectrum: Sentence = (sound, pick) => {
  const { brightness, noisiness, silenceRatio } = sound
  // What is silent throughout has no spectrum worth a word.
  if (silenceRatio >= 1) return undefined
  if (brightness !== undefined && isUltrasound(sound))
    return `Most of it is ultrasound: its spectrum is centred on ${Figure.frequency(brightness)}, above what people hear.`
  if (brightness !== undefined && isInfrasound(sound))
    return sound.integratedLoudness === undefined || sound.rmsLevel === undefined
      ? `Most of it is infrasound: its spectrum is centred on ${Figure.frequency(brightness)}, below what people hear.`
      : `Most of it is infrasound, below what people hear: of its level of ${Figure.level(sound.rmsLevel)} dBFS they hear ${Figure.level(sound.integratedLoudness)} LUFS.`
  const bright =
    brightness === undefined
      ? undefined
      : grade(
          brightness,
          [500, "dark"],
          [1500, "rather dark"],
          [3000, "neither dark nor bright"],
          [5000, "bright"],
          [Infinity, "very bright"]
        )
  const noisy =
    noisiness === undefined
      ? undefined
      : grade(
          noisiness,
          [0.03, "tonal"],
          [0.15, "more tonal than noisy"],
          [0.4, "a mix of tone and noise"],
          [Infinity, "noise-like"]
        )
  const centre = brightness === undefined ? "" : Figure.frequency(brightness)
  const flatness = noisiness === undefined ? "" : Figure.ratio(noisiness)
  if (bright !== undefined && noisy !== undefined)
    return pick(
      `Its spectrum is ${bright}, centred on ${centre}, and ${noisy} (flatness ${flatness}).`,
      `The sound is ${bright} (spectral centre ${centre}) and ${noisy} (flatness ${flatness}).`
    )
  if (bright !== undefined) return `Its spectrum is ${bright}, centred on ${centre}.`
  return noisy === undefined ? undefined : `The sound is ${noisy} (flatness ${flatness}).`
}

/** How sure a sentence may be of an estimate. */
const hedge = (confidence: number, sure: string, likely: string, perhaps: string): string =>
  confidence >= 0.75 ? sure : confidence >= 0.5 ? likely : perhaps

/** An estimate from the beginning of a long file says nothing of the rest. */
const where = ({ durationSeconds, musicSeconds = durationSeconds }: Acoustics): string =>
  musicSeconds < durationSeconds - 1 ? `In its first ${Figure.duration(musicSeconds)} ` : ""

const claim = (place: string, verb: string): string => (place === "" ? verb : place + verb[0]?.toLowerCase() + verb.slice(1))

const tempo: Sentence = (sound) => {
  if (sound.tempo === undefined) return undefined
  const { alternative, beatsPerMinute, confidence } = sound.tempo
  const verb = hedge(confidence, "It keeps a steady pulse of", "It probably has a pulse of", "It may have a pulse of")
  const other =
    alternative === undefined
      ? ""
      : `, or of about ${Math.round(alternative.beatsPerMinute)} (confidence ${Figure.ratio(alternative.confidence)})`
  return `${claim(where(sound), verb)} about ${Math.round(beatsPerMinute)} beats a minute (confidence ${Figure.ratio(confidence)})${other}.`
}

const key: Sentence = (sound) => {
  if (sound.key === undefined) return undefined
  const { confidence, mode, tonic } = sound.key
  const verb = hedge(confidence, "Its tones fit", "Its tones probably belong to", "Its tones may belong to")
  return `${claim(where(sound), verb)} ${tonic} ${mode} (confidence ${Figure.ratio(confidence)}).`
}

/** In the order in which they are said. */
export const sentences: ReadonlyArray<Sentence> = [
  what,
  silent,
  loudness,
  peak,
  clipping,
  invalid,
  silences,
  spectrum,
  tempo,
  key
]
