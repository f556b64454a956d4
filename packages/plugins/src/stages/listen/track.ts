import { Field } from "@mediaspool/core"
import { Schema } from "effect"
import type { MediaStream, Probe } from "../../kinds.js"
import { language, type Track } from "../../media/Streams.js"

const Choice = Schema.Union(
  Schema.Literal("default", "first"),
  Schema.Int.pipe(Schema.between(1, 256)),
  Schema.Struct({ language: Schema.NonEmptyString.annotations({ description: "A language as in BCP 47: `de`, `en`" }) })
)

/** The setting by which a stage says which sound it listens to. */
export const track = Field.maybe(
  Choice,
  "Which of several sound tracks: `default` (the one that the file marks; then most channels, then first), `first`, `{ language: de }`, or its number from 1. The default one when left out"
)

/** The choice as a request takes it; the default stays unsaid. */
export const tracked = ({ track }: { readonly track?: Track | undefined }): { readonly track?: Track } =>
  track === undefined || track === "default" ? {} : { track }

/** The stream of a probe that a choice names, as the engine takes it: one in a codec that nothing reads hides no other. */
export const trackIn = ({ streams }: Probe, track: Track = "default"): MediaStream | undefined => {
  const sounds = streams.filter(({ type }) => type === "audio")
  if (typeof track === "number") return sounds[track - 1]
  const readable = sounds.filter(({ unread }) => unread !== true)
  if (typeof track === "object") {
    const wanted = language(track.language)
    const spoken = readable.filter((one) => one.language === wanted || one.language?.startsWith(`${wanted}-`))
    const most = Math.max(...spoken.map(({ channels = 0 }) => channels))
    return spoken.find(({ chosen }) => chosen) ?? spoken.find(({ channels = 0 }) => channels === most)
  }
  return (track === "default" ? sounds.find(({ chosen }) => chosen) : undefined) ?? readable[0] ?? sounds[0]
}
