export { type Behaviour, behaviours } from "./behaviours.js"
export * as ModelEmulator from "./ModelEmulator.js"
