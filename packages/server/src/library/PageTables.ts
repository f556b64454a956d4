import type { Store } from "@mediaspool/core"

/** What the page keeps in the library's file: it can be made again, and is dropped with no loss. */
export const migrations: Store.PluginMigrations = {
  plugin: "page",
  migrations: [
    {
      id: 1,
      sql: `
-- How a content looks: 'peaks' are 200 bytes, the loudest sample of each 200th of the file (255 is full scale); NULL where it has no sound.
CREATE TABLE waveform_peaks (
  content_hash TEXT PRIMARY KEY,
  peaks BLOB
) STRICT, WITHOUT ROWID;
`
    }
  ]
}
