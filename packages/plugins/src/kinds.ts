import { Artifact, Kind, SourceFile } from "@mediaspool/core"
import { Schema } from "effect"

export { SourceFile }

const Seconds = Schema.NonNegative.annotations({ identifier: "Seconds" })

/** One elementary stream of a container. */
export class MediaStream extends Schema.Class<MediaStream>("@mediaspool/MediaStream")({
  type: Schema.Literal("audio", "video", "subtitle", "data", "picture"),
  /** The codec's name in FFmpeg: `mp3`, `pcm_s16le`, `h264`. A `picture` is a cover, not moving. */
  codec: Schema.String,
  /** Hz */
  sampleRate: Schema.optional(Schema.Int),
  channels: Schema.optional(Schema.Int),
  /** Pixels */
  width: Schema.optional(Schema.Int),
  height: Schema.optional(Schema.Int),
  /** Frames per second */
  frameRate: Schema.optional(Schema.Number),
  /** Bits per second */
  bitRate: Schema.optional(Schema.Number),
  /** Pixels, as the picture is seen: upright, and with square pixels. Absent where they are those of the stored picture. */
  displayWidth: Schema.optional(Kind.unkeyed(Schema.Int)),
  displayHeight: Schema.optional(Kind.unkeyed(Schema.Int)),
  /** Degrees clockwise by which the stored picture is turned to be seen: 90, 180 or 270. */
  rotation: Schema.optional(Kind.unkeyed(Schema.Int)),
  /** Seconds after the start of the file at which the stream begins; absent for those that begin with it. */
  startSeconds: Schema.optional(Kind.unkeyed(Schema.Number)),
  /** BCP 47, where the container says: `de`. */
  language: Schema.optional(Kind.unkeyed(Schema.String)),
  /** The stream's own title. */
  title: Schema.optional(Kind.unkeyed(Schema.String)),
  /** Whether this is the sound that stages listen to unless their `track` says otherwise. Only where there are several. */
  chosen: Schema.optional(Kind.unkeyed(Schema.Boolean)),
  /** Whether it is sound or a picture in a codec that nothing here reads. */
  unread: Schema.optional(Kind.unkeyed(Schema.Boolean))
}) {}

/** What the container says of itself. */
export class Probe extends Schema.TaggedClass<Probe>("@mediaspool/Probe")("Probe", {
  /** The demuxer's short name in FFmpeg: `mp3`, `mov`, `matroska`. */
  container: Schema.String,
  durationSeconds: Seconds,
  /** Whether the length is the container's guess: what has decoded the file knows better. */
  durationEstimated: Schema.optional(Kind.unkeyed(Schema.Boolean)),
  /** Whether several recordings stand behind each other in the file. */
  joined: Schema.optional(Kind.unkeyed(Schema.Boolean)),
  /** Bits per second, over all streams. */
  bitRate: Schema.optional(Schema.Number),
  streams: Schema.Array(MediaStream),
  /** The container's own tags (title, artist …), by lower-case name. Text from a stranger. */
  tags: Schema.Record({ key: Schema.String, value: Schema.String })
}) {}

/** Sound, made by a stage. */
export class AudioFile extends Schema.TaggedClass<AudioFile>("@mediaspool/AudioFile")("AudioFile", {
  file: Artifact,
  container: Schema.String,
  codec: Schema.String,
  /** Hz */
  sampleRate: Kind.unkeyed(Schema.Int),
  channels: Kind.unkeyed(Schema.Int),
  /** Bits per second, as it came out. */
  bitRate: Kind.unkeyed(Schema.Number),
  durationSeconds: Kind.unkeyed(Seconds),
  /** Seconds of the source before the copy begins, where its sound begins late: times in the copy plus this are times in the file. */
  startSeconds: Schema.optional(Seconds),
  /** How channels became fewer, where a plain sum would have lost the sound: they are in opposite phase. */
  mix: Schema.optional(Schema.String),
  /** Why nothing is heard in the copy though the source isn't silent: all that sounds is ultrasound, or above what the copy holds. */
  inaudible: Schema.optional(Kind.unkeyed(Schema.String))
}) {}

/** Moving pictures, with or without sound, made by a stage. */
export class VideoFile extends Schema.TaggedClass<VideoFile>("@mediaspool/VideoFile")("VideoFile", {
  file: Artifact,
  container: Schema.String,
  videoCodec: Schema.String,
  audioCodec: Schema.optional(Schema.String),
  /** Pixels */
  width: Kind.unkeyed(Schema.Int),
  height: Kind.unkeyed(Schema.Int),
  durationSeconds: Kind.unkeyed(Seconds)
}) {}

/** A stretch of time in seconds from the start of the file. */
export class Span extends Schema.Class<Span>("@mediaspool/Span")({ startSeconds: Seconds, endSeconds: Seconds }) {}

/** An estimate that may be wrong. `confidence` is from 0 to 1. */
const Pulse = Schema.Struct({ beatsPerMinute: Schema.Positive, confidence: Schema.Number })
/** The pulse of music, in beats a minute; confidence from 0 to 1. */
export const Tempo = Schema.Struct({
  ...Pulse.fields,
  /** The same pulse counted twice or half as fast, where the sound leaves open which one is the beat. */
  alternative: Schema.optional(Pulse)
})
/** The key that music is in: the tonic as `C`, `F#`; confidence from 0 to 1. */
export const MusicalKey = Schema.Struct({
  tonic: Schema.String,
  mode: Schema.Literal("major", "minor"),
  confidence: Schema.Number
})

/** Numbers measured from the sound. A field is absent where it can't be measured (the loudness of silence). */
export class Acoustics extends Schema.TaggedClass<Acoustics>("@mediaspool/Acoustics")("Acoustics", {
  durationSeconds: Seconds,
  channels: Schema.Int,
  sampleRate: Schema.Int,
  /** LUFS, integrated over the file (ITU-R BS.1770, EBU R128). */
  integratedLoudness: Schema.optional(Schema.Number),
  /** LU (EBU Tech 3342); absent under ten seconds. */
  loudnessRange: Schema.optional(Schema.Number),
  /** dBTP */
  truePeak: Schema.optional(Schema.Number),
  /** dBFS; above 0 where float samples pass full scale. */
  samplePeak: Schema.optional(Schema.Number),
  /** dBFS */
  rmsLevel: Schema.optional(Schema.Number),
  silences: Schema.Array(Span),
  /** 0 to 1 */
  silenceRatio: Schema.Number,
  /** Samples in runs of two or more at the full scale of the format; float has none. */
  clippedSamples: Schema.Int,
  /** Samples that are no finite numbers; every other figure leaves them out. Absent where there are none. */
  invalidSamples: Schema.optional(Schema.Int),
  /** Hz; the spectral centroid over the file's own band, where it reaches the silence threshold. */
  brightness: Schema.optional(Schema.Number),
  /** 0 (a pure tone) to 1 (white noise); the spectral flatness. */
  noisiness: Schema.optional(Schema.Number),
  tempo: Schema.optional(Tempo),
  key: Schema.optional(MusicalKey),
  /** Seconds from the start that tempo and key were looked for in. */
  musicSeconds: Schema.optional(Seconds)
}) {}

/** How well a sound is recorded. A field is absent where it can't be told. */
export class Quality extends Schema.TaggedClass<Quality>("@mediaspool/Quality")("Quality", {
  /** dB of the sound over its steady noise: an estimate, -20 to 100. */
  snr: Schema.optional(Schema.Number),
  /** Hz up to which there is sound. */
  bandwidth: Schema.optional(Schema.Number),
  /** Hz at which the spectrum ends at once: a lossy encoder, a filter or a lower sample rate has been there. */
  cutoff: Schema.optional(Schema.Number),
  /** dBFS of steady lines at the frequency of the mains and its multiples, with that frequency in Hz. */
  hum: Schema.optional(Schema.Number),
  mains: Schema.optional(Schema.Int),
  /** 0 to 1: the share of samples in runs of two or more at the full scale of the format. */
  clipping: Schema.Number,
  /** Mean of the samples, of full scale; of several channels the farthest from 0. */
  offset: Schema.Number,
  /** Of two channels: dB of the first over the second, -120 to 120. */
  balance: Schema.optional(Schema.Number),
  /** Of two channels: 1 for the same sound in both, -1 for one turned over. */
  correlation: Schema.optional(Schema.Number),
  /** What stands out, by the stage's limits: `hum`, `clipped` … */
  marks: Schema.Array(Schema.String)
}) {}

/** Where a file lies among others, by one model: the nearer, the more alike. Vectors of two models have nothing in common. */
export class Vector extends Schema.TaggedClass<Vector>("@mediaspool/Vector")("Vector", {
  /** With its version, or the provider's name of it: `timbre@1`, `text-embedding-v4`. */
  model: Schema.String,
  provider: Schema.String,
  /** Empty where there is nothing to compare: silence, or no text. */
  values: Schema.Array(Schema.Number)
}) {}

/** What a sound can be known again by. */
export class Fingerprint extends Schema.TaggedClass<Fingerprint>("@mediaspool/Fingerprint")("Fingerprint", {
  /** Sha-256 of the decoded samples, in hex: the same in any container that keeps them. */
  audioHash: Schema.String,
  /** Sha-256 of the sound as it stands in the file, undecoded: the same in any container and with any tags. */
  packetHash: Schema.optional(Schema.String),
  /** 32 bits for each 46 ms of the first half minute; big-endian, in base64. */
  words: Schema.String,
  /** Empty for silence. */
  timbre: Schema.Array(Schema.Number),
  timbreModel: Schema.String,
  durationSeconds: Kind.unkeyed(Seconds)
}) {}

/** A stretch of speech in seconds from the start of the file, with the mean of the model's probabilities, 0 to 1. */
export class SpeechSpan extends Schema.Class<SpeechSpan>("@mediaspool/SpeechSpan")({
  startSeconds: Seconds,
  endSeconds: Seconds,
  probability: Schema.Number
}) {}

/** Where somebody speaks. */
export class Speech extends Schema.TaggedClass<Speech>("@mediaspool/Speech")("Speech", {
  spans: Schema.Array(SpeechSpan),
  model: Schema.String
}) {}

/** A stretch of a video without a cut, with a picture from its middle. */
export class Scene extends Schema.Class<Scene>("@mediaspool/Scene")({
  startSeconds: Seconds,
  endSeconds: Seconds,
  /** Absent for a scene in which nothing is to be seen. */
  frame: Schema.optional(Artifact),
  /** The mean colour, as #rrggbb. */
  colour: Kind.unkeyed(Schema.String),
  /** Mean change of the picture, 0 to 1 a second: 0 for a still. */
  motion: Kind.unkeyed(Schema.Number),
  isBlack: Schema.Boolean
}) {}

/** Where the picture of a video changes at once. */
export class Scenes extends Schema.TaggedClass<Scenes>("@mediaspool/Scenes")("Scenes", {
  scenes: Schema.Array(Scene),
  /** Pixels of the frames. */
  width: Kind.unkeyed(Schema.Int),
  height: Kind.unkeyed(Schema.Int)
}) {}

/** A picture of the level over time. */
export class Waveform extends Schema.TaggedClass<Waveform>("@mediaspool/Waveform")("Waveform", {
  image: Artifact,
  /** Pixels */
  width: Schema.Int,
  height: Schema.Int
}) {}

/** What was said of one stretch of a file. */
export class CaptionSegment extends Schema.Class<CaptionSegment>("@mediaspool/CaptionSegment")({
  startSeconds: Seconds,
  endSeconds: Seconds,
  text: Schema.String
}) {}

/** What a captioner says of a file: one text for the whole, and one for every window it listened to. */
export class Caption extends Schema.TaggedClass<Caption>("@mediaspool/Caption")("Caption", {
  text: Schema.String,
  segments: Schema.Array(CaptionSegment),
  /** `describe` for the captioner that only reads measurements. */
  model: Schema.String,
  provider: Schema.String,
  /** Windows that were not sent, or gave nothing, and why: `silent`, `moderated`. */
  omitted: Schema.Array(Schema.Struct({ startSeconds: Seconds, endSeconds: Seconds, reason: Schema.String }))
}) {}

/** A caption after `post-process`. */
export class CleanCaption extends Schema.TaggedClass<CleanCaption>("@mediaspool/CleanCaption")("CleanCaption", {
  text: Schema.String,
  segments: Schema.Array(CaptionSegment),
  model: Schema.String,
  provider: Schema.String,
  /** BCP 47, found from the text: `en`, `zh`. */
  language: Schema.String,
  /** What was changed: `repetition`, `preamble`, `shortened`. */
  changes: Schema.Array(Schema.String)
}) {}

/** One label of a vocabulary, with what it rests on. */
export class Tag extends Schema.Class<Tag>("@mediaspool/Tag")({
  label: Schema.String,
  /** The model's own word. */
  raw: Schema.String,
  /** 0 to 1, where the model gave one. */
  confidence: Schema.optional(Schema.Number),
  /** A short quote or remark by the model. */
  evidence: Schema.optional(Schema.String),
  /** The window it was heard in; absent for the whole file. */
  startSeconds: Schema.optional(Seconds),
  endSeconds: Schema.optional(Seconds)
}) {}

/** Labels of one vocabulary, for the whole file or a part of it. */
export class Tags extends Schema.TaggedClass<Tags>("@mediaspool/Tags")("Tags", {
  /** `emotion@1` */
  vocabulary: Schema.String,
  tags: Schema.Array(Tag),
  model: Schema.String,
  provider: Schema.String
}) {}

/** What a measurement says to a claim of a caption or a tag. */
export class Check extends Schema.Class<Check>("@mediaspool/Check")({
  /** The node that claims it. */
  node: Schema.String,
  /** `speech`, `silence`, `music`, `tempo` … */
  claim: Schema.String,
  agrees: Schema.Boolean,
  /** What was measured, in words. */
  detail: Schema.String,
  /** The window of the claim; absent for the whole file. */
  startSeconds: Schema.optional(Seconds),
  endSeconds: Schema.optional(Seconds)
}) {}

/** What was said of a file, held against what was measured of it. */
export class Evidence extends Schema.TaggedClass<Evidence>("@mediaspool/Evidence")("Evidence", {
  checks: Schema.Array(Check)
}) {}

/** A model's answer to a prompt of the user's. */
export class Answer extends Schema.TaggedClass<Answer>("@mediaspool/Answer")("Answer", {
  text: Schema.String,
  /** The parsed reply, where the config gives a JSON schema. */
  value: Schema.optional(Schema.Unknown),
  model: Schema.String,
  provider: Schema.String
}) {}

/** The receipt of a write into the library. */
export class Persisted extends Schema.TaggedClass<Persisted>("@mediaspool/Persisted")("Persisted", {
  mediaId: Schema.Int,
  rows: Schema.Int
}) {}
