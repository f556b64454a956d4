/** How texts begin that make a player open other files or addresses. Lower case, without leading white space. */
const openings: ReadonlyArray<readonly [name: string, start: RegExp]> = [
  ["an M3U or HLS playlist", /^#extm3u/],
  ["an ffconcat script", /^ffconcat version/],
  ["a PLS playlist", /^\[playlist\]/],
  ["an ASX playlist", /^(<\?xml[^>]*>\s*)?<asx\b/],
  ["an XSPF playlist", /^(<\?xml[^>]*>\s*)?<playlist\b/],
  ["a SMIL playlist", /^(<\?xml[^>]*>\s*)?<smil\b/],
  ["a DASH manifest", /^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)*<mpd\b/],
  ["a Smooth Streaming manifest", /^(<\?xml[^>]*>\s*)?<smoothstreamingmedia\b/],
  ["a session description (SDP)", /^v=0\r?\no=/],
  ["a stream reference", /^(rtsptext|\[reference\]|(rtsp|mms|https?):\/\/\S+\s*$)/]
]

const text = (head: Buffer): string => {
  if (head[0] === 0xff && head[1] === 0xfe) return head.toString("utf16le")
  if (head[0] === 0xfe && head[1] === 0xff)
    return Buffer.from(head.subarray(0, head.length & ~1))
      .swap16()
      .toString("utf16le")
  return head.toString("latin1").replace(/^\xef\xbb\xbf/, "")
}

/** What kind of playlist the content begins as; `undefined` when it is none. Players follow these whatever the file's name says. */
export const find = (head: Buffer): string | undefined => {
  const beginning = text(head.subarray(0, 4096))
    .replace(/^[\s\0\ufeff]+/, "")
    .toLowerCase()
  return openings.find(([, start]) => start.test(beginning))?.[0]
}
