import { Context, Effect, Schema } from "effect"

/** A top-level section of the config file that the plugin reads. */
export interface Section {
  readonly name: string
  readonly schema: Schema.Schema.AnyNoContext
}

/** The config file's top-level sections that a plugin declared (`providers`, `vocabularies`), decoded by the plugin's own schema. */
export interface Service {
  /** The section's decoded value, or what its schema gives for a section that isn't there. */
  readonly section: (name: string) => unknown
}

/** The sections of the config that this process runs with. */
export class Settings extends Context.Tag("@mediaspool/core/Settings")<Settings, Service>() {
  /** A section of the plugin that asks: core has decoded it by this schema, so another value is a defect. */
  static readonly read = <S extends Section>({ name, schema }: S): Effect.Effect<S["schema"]["Type"], never, Settings> =>
    Effect.flatMap(Settings, (settings) => Effect.orDie(Schema.validate(Schema.typeSchema(schema))(settings.section(name))))
}
