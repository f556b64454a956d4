import { Stream } from "effect"

/** One frame of `text/event-stream`. */
export interface Frame {
  readonly event: string | undefined
  /** The `data:` lines, joined by newlines. */
  readonly data: string
  /** Comments, without their colon: DashScope puts the status there (`HTTP_STATUS/429`). */
  readonly comments: ReadonlyArray<string>
}

interface Partial {
  readonly event: string | undefined
  readonly data: ReadonlyArray<string>
  readonly comments: ReadonlyArray<string>
}
const empty: Partial = { event: undefined, data: [], comments: [] }

const take = (partial: Partial, line: string): Partial => {
  const colon = line.indexOf(":")
  const field = colon === -1 ? line : line.slice(0, colon)
  const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "")
  if (field === "") return { ...partial, comments: [...partial.comments, value] }
  if (field === "data") return { ...partial, data: [...partial.data, value] }
  return field === "event" ? { ...partial, event: value } : partial
}

/** The frames of a stream of bytes (WHATWG server-sent events). A frame that an early end cut off is dropped. */
export const frames = <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Frame, E, R> =>
  bytes.pipe(
    Stream.decodeText(),
    Stream.splitLines,
    Stream.mapAccum(empty, (partial, line): readonly [Partial, ReadonlyArray<Frame>] => {
      if (line !== "") return [take(partial, line), []]
      const { comments, data, event } = partial
      return [empty, data.length === 0 ? [] : [{ event, data: data.join("\n"), comments }]]
    }),
    Stream.mapConcat((found) => found)
  )
