import { code } from "./meters.wasm.js"

/** A place in the memory of the kernels, in bytes. */
export type Pointer = number

/** The inner loops of `assembly/`, where it stands what they do. */
interface Loops {
  readonly bands: (powers: Pointer, edges: Pointer, count: number, out: Pointer) => void
  readonly squares: (samples: Pointer, count: number) => number
  readonly splitChannel: (
    input: Pointer,
    count: number,
    width: number,
    plane: Pointer,
    peaks: Pointer,
    powers: Pointer,
    isFirst: boolean,
    stats: Pointer
  ) => number
  readonly fold: (
    planes: Pointer,
    stride: number,
    width: number,
    count: number,
    even: Pointer,
    odd: Pointer,
    sums: Pointer
  ) => void
  readonly condense: (
    peaks: Pointer,
    powers: Pointer,
    from: number,
    count: number,
    scale: number,
    stretch: number,
    highs: Pointer,
    means: Pointer,
    room: number,
    state: Pointer
  ) => number
  readonly mix: (a: Pointer, scaleA: number, b: Pointer, scaleB: number, count: number, out: Pointer) => void
  readonly decimate: (line: Pointer, outputs: number, step: number, taps: Pointer, length: number, out: Pointer) => void
  readonly weigh: (first: Pointer, second: Pointer, from: number, to: number, filters: Pointer, state: Pointer) => void
  readonly between: (
    line: Pointer,
    count: number,
    taps: Pointer,
    isFine: boolean,
    curvature: number,
    peak: number,
    slack: number
  ) => number
  readonly powers: (
    samples: Pointer,
    size: number,
    window: Pointer,
    cos: Pointer,
    ends: Pointer,
    work: Pointer,
    scale: number,
    isAdded: boolean,
    out: Pointer
  ) => void
}

/** What is used of WebAssembly: TypeScript knows it with a browser's types alone. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer }
  readonly Instance: new <Exports>(
    module: object,
    imports: { readonly env: { readonly memory: object } }
  ) => { readonly exports: Exports }
}

const PAGE = 65_536
/** Memory that is not written to takes none of the machine's. */
const LEAST_PAGES = 128
/** What the compiled module keeps for itself. */
const OWN = 1024
/** Arrays begin at such multiples: those of a processor's cache. */
const ALIGNMENT = 64
/** Bytes behind each array that loops in fours may touch. */
const SLACK = 64

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGNMENT) * ALIGNMENT

let module: object | undefined

/** The meters' inner loops and the memory that they work in: arrays are laid out from below, and all of them given back at once. */
export class Kernels {
  readonly loops: Loops
  readonly #buffer: ArrayBuffer
  readonly #tables = new Map<string, Pointer>()
  readonly #arrays = new Map<string, Float32Array>()
  #top = OWN
  #ceiling: number

  private constructor(pages: number) {
    const memory = new WebAssembly.Memory({ initial: pages })
    module ??= new WebAssembly.Module(Buffer.from(code, "base64"))
    this.loops = new WebAssembly.Instance<Loops>(module, { env: { memory } }).exports
    this.#buffer = memory.buffer
    this.#ceiling = pages * PAGE
  }

  static readonly #idle: Array<Kernels> = []

  /** Some that nobody uses, with at least this much memory. */
  static take(bytes: number): Kernels {
    const idle = Kernels.#idle.findIndex((kernels) => kernels.#buffer.byteLength >= bytes)
    return Kernels.#idle.splice(idle, idle === -1 ? 0 : 1)[0] ?? new Kernels(Math.max(LEAST_PAGES, Math.ceil(bytes / PAGE)))
  }

  /** Takes all arrays back, for the next who takes these. */
  release(): void {
    this.#top = OWN
    Kernels.#idle.push(this)
  }

  /** Room for so many bytes; what stands there is anything. */
  reserve(bytes: number): Pointer {
    const pointer = this.#top
    this.#top = aligned(pointer + bytes + SLACK)
    if (this.#top > this.#ceiling) throw new RangeError("the meters' memory is too small")
    return pointer
  }

  /** Numbers that never change, laid down once under their name. */
  table(name: string, values: () => Float32Array): Pointer {
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    const made = values()
    this.#ceiling -= aligned(made.byteLength + SLACK)
    if (this.#top > this.#ceiling) throw new RangeError("the meters' memory is too small")
    this.floats(this.#ceiling, made.length).set(made)
    this.#tables.set(name, this.#ceiling)
    return this.#ceiling
  }

  /**
   * An array beside that memory, which whoever takes these next gets again: memory of the machine that comes and goes with each file
   * stays until V8 looks for it.
   */
  array(name: string, length: number): Float32Array {
    const kept = this.#arrays.get(name)
    if (kept !== undefined && kept.length >= length) return kept
    const made = new Float32Array(length)
    this.#arrays.set(name, made)
    return made
  }

  bytes(pointer: Pointer, length: number): Uint8Array {
    return new Uint8Array(this.#buffer, pointer, length)
  }

  floats(pointer: Pointer, length: number): Float32Array {
    return new Float32Array(this.#buffer, pointer, length)
  }

  integers(pointer: Pointer, length: number): Int32Array {
    return new Int32Array(this.#buffer, pointer, length)
  }

  doubles(pointer: Pointer, length: number): Float64Array {
    return new Float64Array(this.#buffer, pointer, length)
  }
}
