import * as RawPath from "../stage/RawPath.js"

/**
 * A path with one character a byte (Latin-1). Inside the scan's loop it costs a third of a Buffer, and sorts, joins and compares
 * as the file system's bytes do. A path of plain ASCII is the same as a BytePath, as a RawPath and as text.
 */
export type BytePath = string

const beyondAscii = /[^\x00-\x7f]/

/** Whether the path is ASCII. */
export const isPlain = (path: string): boolean => !beyondAscii.test(path)

export const ofRaw = (path: string): BytePath => (beyondAscii.test(path) ? RawPath.toBytes(path).toString("latin1") : path)

export const toRaw = (path: BytePath): string => (beyondAscii.test(path) ? RawPath.fromBytes(Buffer.from(path, "latin1")) : path)

/** What Node's `fs` takes for this path. */
export const forNode = (path: BytePath): string | Buffer => (beyondAscii.test(path) ? Buffer.from(path, "latin1") : path)

export const toBytes = (path: BytePath): Buffer => Buffer.from(path, "latin1")
