export type { Violation, Rule } from "./Violation.js"
export * as Conformance from "./Conformance.js"
export type { Faults } from "./Faults.js"
export * as StageTest from "./StageTest.js"
