import type { Acoustics, Probe, Speech } from "../../kinds.js"

/** What was measured of a stretch of a file. */
export interface Measured {
  readonly sound: Acoustics | undefined
  /** Seconds of the stretch in which somebody speaks; `undefined` where nobody listened for it. */
  readonly speechSeconds: number | undefined
  readonly seconds: number
  /** 0 to 1: how much of the stretch is silent. */
  readonly silent: number | undefined
  /** Whether the stretch is the whole file: loudness, tempo and tonality are measured of that alone. */
  readonly isWhole: boolean
  /** BCP 47, as the container says it of the sound. */
  readonly language: string | undefined
}

/** What a measurement says to a claim, in words. */
export interface Finding {
  readonly agrees: boolean
  readonly detail: string
}

/** Something that texts claim, and how it is checked. `undefined`: the measurements leave it open. */
export interface Claim {
  readonly name: string
  /** Finds the claim in a text; in lower case. */
  readonly said: RegExp
  /** A text that denies what it names claims nothing. */
  readonly denied?: RegExp
  readonly check: (measured: Measured, found: RegExpExecArray) => Finding | undefined
}

const agrees = (detail: string): Finding => ({ agrees: true, detail })
const contradicts = (detail: string): Finding => ({ agrees: false, detail })
const decimals = (value: number, digits = 1): string => value.toFixed(digits)
const share = (value: number): string => `${Math.round(100 * value)} %`

/** Loudness in LUFS below which nothing that sounds is called loud, and above which nothing is called quiet. */
const QUIET = -35
const LOUD = -16
/** Flatness from which a sound is noise, if it has neither key nor tempo. */
const NOISE = 0.4
/** Confidence from which tempo and key count. */
const SURE = 0.5

const languages: Readonly<Record<string, string>> = {
  english: "en",
  german: "de",
  french: "fr",
  spanish: "es",
  italian: "it",
  portuguese: "pt",
  russian: "ru",
  chinese: "zh",
  mandarin: "zh",
  japanese: "ja",
  korean: "ko"
}

const speech: Claim = {
  name: "speech",
  said: /\b(speech|speaks?|speaking|spoken|talk(s|ing)?|voices?|narrat(or|ion|es)|conversation|dialogue|says)\b/,
  denied: /\b(no|without|any|not|nobody|never)\b[^.;]{0,30}\b(speech|speak|spoken|talk|voice|words|conversation|dialogue)/,
  check: ({ seconds, silent, speechSeconds }) => {
    if (speechSeconds !== undefined)
      return speechSeconds === 0
        ? contradicts("no speech was detected")
        : agrees(`${decimals(speechSeconds)} s of speech were detected`)
    return silent !== undefined && silent > 0.97 && seconds > 0 ? contradicts(`${share(silent)} of it are silent`) : undefined
  }
}

const noSpeech: Claim = {
  name: "no-speech",
  said: /\b(no|without( any)?|nobody|no one)\b[^.;]{0,20}\b(speech|speaks?|speaking|spoken words|voices?|talk(s|ing)?|words)\b|\binstrumental\b/,
  check: ({ seconds, speechSeconds }) =>
    speechSeconds === undefined
      ? undefined
      : speechSeconds > 0.2 * seconds
        ? contradicts(`${decimals(speechSeconds)} s of speech were detected`)
        : speechSeconds === 0
          ? agrees("no speech was detected")
          : undefined
}

const silence: Claim = {
  name: "silence",
  said: /\b(is silent|silent recording|(only|complete|total|nothing but|entire(ly)?) silen(ce|t)|no sound|nothing is heard|no audible)\b/,
  denied: /\b(not|never|isn't|n't) (only |completely )?silen/,
  check: ({ silent }) =>
    silent === undefined
      ? undefined
      : silent > 0.9
        ? agrees(`${share(silent)} of it are silent`)
        : silent < 0.3
          ? contradicts(`only ${share(silent)} of it are silent`)
          : undefined
}

const music: Claim = {
  name: "music",
  said: /\b(music|musical|melod(y|ies|ic)|songs?|sings?|singing|piano|guitars?|violins?|flutes?|organ|orchestra|chords?)\b/,
  denied: /\b(no|without|not|rather than)\b[^.;]{0,20}\b(music|melod|song|instrument)/,
  check: ({ isWhole, sound }) => {
    if (sound === undefined || !isWhole) return undefined
    const key = (sound.key?.confidence ?? 0) >= SURE
    const tempo = (sound.tempo?.confidence ?? 0) >= SURE
    if (key || tempo)
      return agrees(
        key
          ? `a key was found: ${sound.key?.tonic} ${sound.key?.mode}`
          : `a tempo was found: ${Math.round(sound.tempo?.beatsPerMinute ?? 0)} beats a minute`
      )
    if (sound.integratedLoudness === undefined) return contradicts("it is silent")
    return (sound.noisiness ?? 0) > NOISE
      ? contradicts(`neither key nor tempo, and as flat as noise (${decimals(sound.noisiness ?? 0, 2)})`)
      : undefined
  }
}

const speakers: Claim = {
  name: "several-speakers",
  said: /\b(two|three|several|multiple|many) (people|persons|speakers|voices|men|women|children|actors)\b/,
  denied: /\bno\b/,
  check: ({ speechSeconds }) =>
    speechSeconds === undefined
      ? undefined
      : speechSeconds < 2
        ? contradicts(`only ${decimals(speechSeconds)} s of speech were detected`)
        : undefined
}

const loud: Claim = {
  name: "loud",
  said: /\b(very |extremely )?(loud|deafening|thunderous)\b/,
  denied: /\b(not|never|no) (very )?loud/,
  check: ({ isWhole, sound }) => {
    const loudness = isWhole ? sound?.integratedLoudness : undefined
    return loudness === undefined
      ? undefined
      : loudness < QUIET
        ? contradicts(`${decimals(loudness)} LUFS were measured`)
        : loudness > -20
          ? agrees(`${decimals(loudness)} LUFS were measured`)
          : undefined
  }
}

const quiet: Claim = {
  name: "quiet",
  said: /\b(very quiet|barely audible|hardly audible|faint|extremely quiet|whisper-quiet)\b/,
  denied: /\b(not|never) (very |extremely )?quiet/,
  check: ({ isWhole, sound }) => {
    const loudness = isWhole ? sound?.integratedLoudness : undefined
    return loudness === undefined
      ? undefined
      : loudness > LOUD
        ? contradicts(`${decimals(loudness)} LUFS were measured`)
        : loudness < -30
          ? agrees(`${decimals(loudness)} LUFS were measured`)
          : undefined
  }
}

const tempoOf = ({ isWhole, sound }: Measured): number | undefined =>
  isWhole && sound?.tempo !== undefined && sound.tempo.confidence >= SURE ? sound.tempo.beatsPerMinute : undefined

const fast: Claim = {
  name: "fast",
  said: /\b(fast|up-?tempo|rapid|brisk)\b[^.;]{0,20}\b(tempo|beat|rhythm|music|pace|drums?)\b/,
  check: (measured) => {
    const tempo = tempoOf(measured)
    const said = `${Math.round(tempo ?? 0)} beats a minute were measured`
    return tempo === undefined ? undefined : tempo < 75 ? contradicts(said) : tempo >= 110 ? agrees(said) : undefined
  }
}

const slow: Claim = {
  name: "slow",
  said: /\b(slow|down-?tempo)\b[^.;]{0,20}\b(tempo|beat|rhythm|music|pace|drums?)\b/,
  check: (measured) => {
    const tempo = tempoOf(measured)
    const said = `${Math.round(tempo ?? 0)} beats a minute were measured`
    return tempo === undefined ? undefined : tempo > 150 ? contradicts(said) : tempo <= 90 ? agrees(said) : undefined
  }
}

const beats: Claim = {
  name: "tempo",
  said: /\b(\d{2,3})\s*(bpm|beats (per|a) minute)\b/,
  check: (measured, found) => {
    const tempo = tempoOf(measured)
    const claimed = Number(found[1])
    if (tempo === undefined || claimed === 0) return undefined
    const said = `${Math.round(tempo)} beats a minute were measured`
    // The same pulse may be counted twice or half as fast.
    return [1, 2, 0.5].some((times) => Math.abs((times * tempo) / claimed - 1) < 0.06) ? agrees(said) : contradicts(said)
  }
}

const language: Claim = {
  name: "language",
  said: /\b(?:in|speaks?|speaking|spoken) (english|german|french|spanish|italian|portuguese|russian|chinese|mandarin|japanese|korean)\b/,
  denied: /\bnot (in|speak)/,
  check: ({ language: container }, found) => {
    const claimed = languages[found[1] ?? ""]
    if (container === undefined || claimed === undefined) return undefined
    return container.split("-")[0] === claimed
      ? agrees(`the file says so: '${container}'`)
      : contradicts(`the file says '${container}'`)
  }
}

/** Everything that is checked. */
export const claims: ReadonlyArray<Claim> = [speech, noSpeech, silence, music, speakers, loud, quiet, fast, slow, beats, language]

/** The part of a file between two times, or all of it, as it was measured. */
export const measuredOf = (
  {
    probe,
    sound,
    speech
  }: { readonly probe: Probe | undefined; readonly sound: Acoustics | undefined; readonly speech: Speech | undefined },
  span?: { readonly startSeconds: number; readonly endSeconds: number }
): Measured => {
  const whole = sound?.durationSeconds ?? probe?.durationSeconds ?? 0
  const from = span?.startSeconds ?? 0
  const to = span?.endSeconds ?? whole
  const within = (spans: ReadonlyArray<{ readonly startSeconds: number; readonly endSeconds: number }>): number =>
    spans.reduce((sum, one) => sum + Math.max(0, Math.min(to, one.endSeconds) - Math.max(from, one.startSeconds)), 0)
  const track = probe?.streams.find(({ chosen, type }) => type === "audio" && chosen !== false)
  return {
    sound,
    speechSeconds: speech === undefined ? undefined : within(speech.spans),
    seconds: to - from,
    silent: sound === undefined || to <= from ? undefined : Math.min(1, within(sound.silences) / (to - from)),
    isWhole: span === undefined || (from <= 0.5 && to >= whole - 0.5),
    language: track?.language
  }
}
