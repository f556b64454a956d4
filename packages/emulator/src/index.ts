export * as ModelEmulator from "./ModelEmulator.js"
