import { Context } from "effect"

/** The config file's top-level sections that a plugin declared (`providers`, `vocabularies`), decoded by the plugin's own schema. */
export interface Service {
  /** The section's decoded value, or what its schema gives for a section that isn't there. */
  readonly section: (name: string) => unknown
}

export class Settings extends Context.Tag("@mediaspool/core/Settings")<Settings, Service>() {}
