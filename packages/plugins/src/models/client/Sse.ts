/** One frame of `text/event-stream`. */
export interface Frame {
  readonly event: string | undefined
  /** The `data:` lines, joined by newlines. */
  readonly data: string
  /** Comments, without their colon: DashScope puts the status there (`HTTP_STATUS/429`). */
  readonly comments: ReadonlyArray<string>
}

/** Reads server-sent events as their bytes come, wherever the network cut them. */
export interface Parser {
  /** Gives the frames that these bytes end. */
  readonly push: (bytes: Uint8Array) => ReadonlyArray<Frame>
  /** The frame that a stream which ended well has begun: some leave out the empty line behind the last. */
  readonly end: () => Frame | undefined
}

const lineEnd = /\r\n|\n|\r/g

/** A parser of one stream (WHATWG server-sent events). A frame that an early end cut off is never given by `push`. */
export const parser = (): Parser => {
  const decoder = new TextDecoder()
  /** The beginning of a line whose end hasn't come. */
  let begun: Array<string> = []
  let afterReturn = false
  let event: string | undefined
  let data: Array<string> = []
  let comments: Array<string> = []

  const field = (line: string): void => {
    const colon = line.indexOf(":")
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1)
    if (name === "") comments.push(value)
    else if (name === "data") data.push(value)
    else if (name === "event") event = value
  }

  const end = (): Frame | undefined => {
    const frame = data.length === 0 ? undefined : { event, data: data.join("\n"), comments }
    event = undefined
    data = []
    comments = []
    return frame
  }

  return {
    push: (bytes) => {
      const decoded = decoder.decode(bytes, { stream: true })
      if (decoded === "") return []
      // The second half of a `\r\n` that was cut in two ends no line of its own.
      const text = afterReturn && decoded.startsWith("\n") ? decoded.slice(1) : decoded
      afterReturn = decoded.endsWith("\r")
      const frames: Array<Frame> = []
      let from = 0
      for (const { 0: mark, index } of text.matchAll(lineEnd)) {
        begun.push(text.slice(from, index))
        from = index + mark.length
        const line = begun.join("")
        begun = []
        const frame = line === "" ? end() : field(line)
        if (frame !== undefined) frames.push(frame)
      }
      if (from < text.length) begun.push(text.slice(from))
      return frames
    },
    end: () => {
      const line = begun.join("")
      begun = []
      if (line !== "") field(line)
      return end()
    }
  }
}
