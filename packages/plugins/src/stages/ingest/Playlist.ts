/** How texts begin that make a player open other files or addresses. Lower case, without leading white space. */
const openings: ReadonlyArray<{ readonly name: string; readonly start: RegExp }> = [
  { name: "an M3U or HLS playlist", start: /^#extm3u/ },
  { name: "an ffconcat script", start: /^ffconcat version/ },
  { name: "a PLS playlist", start: /^\[playlist\]/ },
  { name: "an ASX playlist", start: /^(<\?xml[^>]*>\s*)?<asx\b/ },
  { name: "an XSPF playlist", start: /^(<\?xml[^>]*>\s*)?<playlist\b/ },
  { name: "a SMIL playlist", start: /^(<\?xml[^>]*>\s*)?<smil\b/ },
  { name: "a DASH manifest", start: /^(<\?xml[^>]*>\s*)?(<!--[^]*?-->\s*)?<mpd\b/ },
  { name: "a Smooth Streaming manifest", start: /^(<\?xml[^>]*>\s*)?<smoothstreamingmedia\b/ },
  { name: "a session description (SDP)", start: /^v=0\r?\no=/ },
  { name: "a stream reference", start: /^(rtsptext|\[reference\]|rtsp:\/\/|mms:\/\/|https?:\/\/\S+\s*$)/ }
]

const text = (head: Uint8Array): string => {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 4096))
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString("utf16le")
  if (bytes[0] === 0xfe && bytes[1] === 0xff)
    return Buffer.from(bytes.subarray(0, bytes.length & ~1))
      .swap16()
      .toString("utf16le")
  return bytes.toString("latin1").replace(/^\xef\xbb\xbf/, "")
}

/** What kind of playlist the content begins as; `undefined` when it is none. Players follow these whatever the file's name says. */
export const find = (head: Uint8Array): string | undefined => {
  const beginning = text(head)
    .replace(/^[\s\0\ufeff]+/, "")
    .toLowerCase()
  return openings.find(({ start }) => start.test(beginning))?.name
}
