/**
 * The inner loops of the meters, in AssemblyScript with SIMD: no state, no allocation, only pointers into the memory that
 * `src/meters/Kernels.ts` lays out. `npm run kernels` compiles them to `src/meters/meters.wasm.ts`.
 *
 * Samples are 32-bit floats. Loops run in fours: what lies up to three samples behind the end of an array is read, and overwritten where
 * the array is written.
 */
export { bands, squares } from "./bands"
export { condense, fold, splitChannel } from "./levels"
export { decimate, mix, weigh } from "./filters"
export { between } from "./truePeak"
export { powers } from "./spectrum"
