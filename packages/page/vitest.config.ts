import { mergeConfig } from "vitest/config"
import shared from "../../vitest.shared.js"

export default mergeConfig(shared, { test: { name: "page", pool: "threads", expect: { poll: { timeout: 15_000 } } } })
