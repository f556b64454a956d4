import type { Acoustics, Probe, Speech } from "../../kinds.js"
import * as Clauses from "./Clauses.js"

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
  /** Finds the claim in a clause of an English or Chinese text; in lower case. */
  readonly said: RegExp
  /** A clause that says this too claims nothing. */
  readonly denied?: RegExp
  /** Whether the claim is itself that something isn't there. */
  readonly isDenial?: true
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
  korean: "ko",
  英语: "en",
  德语: "de",
  法语: "fr",
  西班牙语: "es",
  意大利语: "it",
  葡萄牙语: "pt",
  俄语: "ru",
  中文: "zh",
  汉语: "zh",
  普通话: "zh",
  日语: "ja",
  韩语: "ko"
}

const speech: Claim = {
  name: "speech",
  said: /\b(speech|speaks?|speaking|spoken|talk(s|ing)?|voices?|narrat(or|ion|es)|convers(ation|es?|ing)|dialogue|chat(s|ting)?|discuss(es|ing)?|interviews?|says)\b|[说讲谈]话|[说讲]着?(一口)?[^，]{0,4}语|交谈|对话|聊天|演讲|旁白|解说|朗[读诵]|播报|[人男女]声(?!合唱|独唱|演唱|歌唱|吟唱)|说道|[她他它们人]说[:：]/,
  denied:
    /\bvoices?\b[^,]{0,30}\b(sing|sings|singing|chant|chants|hum|hums)\b|\b(choir|choral|singing) voices?\b|\b(voices?|speech) of (the )?(wind|sea|birds?|nature)\b/,
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
  said: /\b(no|without|nobody|no one|devoid of|free of|absence of|lacks?|isn't any|aren't any)\b.{0,20}\b(speech|speaks?|speaking|spoken words|voices?|vocals|talk(s|ing)?|words|conversation|dialogue)\b|\b(speech|voices?|dialogue) (is|are) (absent|missing|not (present|heard|audible))\b|\binstrumental\b|(没有|听不[到见]|毫?无|不含).{0,8}([说讲谈]话|交谈|对话|旁白|人声|语音)|纯音乐|器乐曲/,
  denied:
    /\b(then|for a (while|moment)|at (first|times)|until|before|after|between|moments?|intelligible|distinct|clear|discernible|understandable|coherent|further|more|other (voices?|speech|talk|words|people|speakers?))\b|随后|然后|接着|之后|最后|清晰|其他/,
  isDenial: true,
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
  said: /\b(recording|file|clip|audio|track|sound|it|this) is (\w+ly )?silent\b|\b(silent (recording|file|clip|track)|(only|complete|total|absolute|nothing but|entire(ly)?) silen(ce|t))\b|\bno (audible )?sounds?( at all| is heard| can be heard)?$|\bnothing (is|can be) (heard|audible)$|(完全|全程|始终|一片)(无声|静音|寂静)|寂静无声|(没有|听不[到见])(任何)?声音$/,
  denied:
    /\b(not|never|n't) (only |completely )?silen|\b(almost|nearly|mostly|partly|then|followed by|before|after|between|ends? (in|with)|moments? of|but|except|apart from|besides|other than)\b|然后|随后|接着|之后|最后|除|几乎/,
  isDenial: true,
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
  said: /\b(music|musical|melod(y|ies|ic)|songs?|sings?|singing|piano|guitars?|violins?|flutes?|organ|orchestra|chords?)\b|音乐|旋律|歌[曲声]|[演]?唱歌?|钢琴|吉他|小提琴|长笛|管弦|和弦|交响/,
  denied:
    /\b(birds?|birdsong|crickets?|frogs?|whales?|insects?|cicadas?|kettles?)\b.{0,30}\b(sing|song)|\b(singing|songs? of (a |the |some )?)(birds?|crickets?|frogs?|whales?|insects?|cicadas?)\b|\borgans? of\b|\b(guitar|violin|piano|music) (case|box|stand|lid|shop)\b|[鸟虫蛙蝉鲸].{0,8}[歌唱]/,
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
  said: /\b(two|three|several|multiple|many) ((different )?(speakers|voices|narrators)\b|(people|persons|men|women|children|actors)\b.{0,25}\b(speak|talk|convers|discuss|argu|chat))|\ba (man|woman|boy|girl) and an?(other)? (man|woman|boy|girl|child)\b.{0,25}\b(speak|talk|convers|discuss|argu|chat)|([两二三几多数][个位名]?([人男女]|孩子|演员|说话)|一男一女).{0,12}([说谈讲聊争论]|对话|交流)/,
  denied: /\b(stereo|loudspeakers?|pair of|hi-?fi|sings?|singing)\b|唱/,
  check: ({ speechSeconds }) =>
    speechSeconds === undefined
      ? undefined
      : speechSeconds < 2
        ? contradicts(`only ${decimals(speechSeconds)} s of speech were detected`)
        : undefined
}

const loud: Claim = {
  name: "loud",
  said: /\b(very |extremely )?(loud|deafening|thunderous)\b|响亮|巨响|震耳|非常响|很响|大声/,
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
  said: /^(an? |the |some )?(very quiet|barely audible|hardly audible|faint|extremely quiet|whisper-quiet)\b|\b(recording|file|clip|audio|track|sound|it|this) is (very quiet|extremely quiet|(barely|hardly) audible)\b|(声音|录音|音量)(非常|很|极其|十分)?(轻|微弱|小)|^(声音|录音|音频|环境)?(非常|很|极其|十分)安静|几乎听不[到见]/,
  denied: /\b(background|distan(t|ce)|underneath|beneath|behind)\b|背景|远处/,
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
  said: /\b(fast|up-?tempo|rapid|brisk)\b[^.;]{0,20}\b(tempo|beat|rhythm|music|pace|drums?)\b|\b(tempo|beat|rhythm|pace) is (very |quite |rather )?(fast|rapid|brisk)\b|(节奏|速度|节拍|鼓点)[^不]{0,6}(快|急促)|快节奏/,
  check: (measured) => {
    const tempo = tempoOf(measured)
    const said = `${Math.round(tempo ?? 0)} beats a minute were measured`
    return tempo === undefined ? undefined : tempo < 75 ? contradicts(said) : tempo >= 110 ? agrees(said) : undefined
  }
}

const slow: Claim = {
  name: "slow",
  said: /\b(slow|down-?tempo)\b[^.;]{0,20}\b(tempo|beat|rhythm|music|pace|drums?)\b|\b(tempo|beat|rhythm|pace) is (very |quite |rather )?slow\b|(节奏|速度|节拍)[^不]{0,6}(慢|舒缓)|慢节奏|缓慢的?(节奏|音乐|旋律)/,
  check: (measured) => {
    const tempo = tempoOf(measured)
    const said = `${Math.round(tempo ?? 0)} beats a minute were measured`
    return tempo === undefined ? undefined : tempo > 150 ? contradicts(said) : tempo <= 90 ? agrees(said) : undefined
  }
}

const beats: Claim = {
  name: "tempo",
  said: /\b(\d{2,3})\s*(?:bpm|beats (?:per|a) minute)\b|每分钟\s*(\d{2,3})\s*[拍次]|(\d{2,3})\s*拍(?:每|\/)分/,
  check: (measured, found) => {
    const tempo = tempoOf(measured)
    const claimed = Number(found[1] ?? found[2] ?? found[3])
    if (tempo === undefined || claimed === 0) return undefined
    const said = `${Math.round(tempo)} beats a minute were measured`
    // The same pulse may be counted twice or half as fast.
    return [1, 2, 0.5].some((times) => Math.abs((times * tempo) / claimed - 1) < 0.06) ? agrees(said) : contradicts(said)
  }
}

const language: Claim = {
  name: "language",
  said: /\b(?:in|speaks?|speaking|spoken)(?: (?:fluent|clear|broken|standard|accented|american|british))? (english|german|french|spanish|italian|portuguese|russian|chinese|mandarin|japanese|korean)\b(?! (style|music|opera|folk|tradition))|\b(english|german|french|spanish|italian|portuguese|russian|chinese|mandarin|japanese|korean)(?:-speaking)? (?:voice|speaker|speech|narrat|dialogue|conversation|announcement)|[说讲用操]着?(?:一口)?(?:流利的)?(英语|德语|法语|西班牙语|意大利语|葡萄牙语|俄语|中文|汉语|普通话|日语|韩语)|(英语|德语|法语|西班牙语|意大利语|葡萄牙语|俄语|中文|汉语|普通话|日语|韩语)的?(?:演讲|对话|旁白|解说|讲话|新闻|广播)/,
  check: ({ language: container }, found) => {
    const claimed = found.slice(1).flatMap((word) => languages[word] ?? [])[0]
    if (container === undefined || claimed === undefined) return undefined
    return container.split("-")[0] === claimed
      ? agrees(`the file says so: '${container}'`)
      : contradicts(`the file says '${container}'`)
  }
}

/** Everything that is checked. */
const claims: ReadonlyArray<Claim> = [speech, noSpeech, silence, music, speakers, loud, quiet, fast, slow, beats, language]

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

const SILENCE = /^(complete |total |absolute |pure )?silence$|^(寂静|静音|无声)$/

/** Claims of a text that the measurements reach, each once, and what they say to it. */
export const findingsOf = (
  text: string,
  measured: Measured
): ReadonlyArray<{ readonly claim: string; readonly finding: Finding }> => {
  const clauses = Clauses.of(text)
  return claims.flatMap(({ check, denied, isDenial = false, name, said }) => {
    for (const clause of clauses) {
      // Alone it is a claim; after something else it is what follows.
      const pattern = name === silence.name && clauses.length === 1 && SILENCE.test(clause) ? SILENCE : said
      const found = pattern.exec(clause)
      if (found === null || denied?.test(clause) === true) continue
      if (!isDenial && Clauses.isDenied(clause, found)) continue
      const finding = check(measured, found)
      if (finding !== undefined) return [{ claim: name, finding }]
    }
    return []
  })
}
