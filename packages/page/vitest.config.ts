import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

export default mergeConfig(shared, { test: { name: "page", expect: { poll: { timeout: 15_000 } } } })
