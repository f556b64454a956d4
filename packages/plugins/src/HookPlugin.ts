import { Plugin } from "@mediaspool/core"
import { Hooks } from "./HookSettings.js"

/** Webhooks and commands around runs; the command calls them. */
export const hookPlugin = Plugin.make({
  name: "hooks",
  stages: [],
  sections: [{ name: "hooks", schema: Hooks }],
  permissions: { hosts: ["*"], programs: ["*"], secrets: ["*"] }
})
