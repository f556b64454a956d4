import { mergeConfig } from "vitest/config"
import { ofCommand } from "../../vitest.shared.js"

export default mergeConfig(ofCommand, { test: { name: "sounds" } })
