import type { FormatOptions } from "../ExportFormat.js"

const nullable = { TEXT: ["string", "null"], INTEGER: ["integer", "null"], REAL: ["number", "null"] } as const

const text = { type: "string" }
const maybeText = { type: ["string", "null"] }
const seconds = { type: ["number", "null"], description: "Seconds from the start of the file; null: the whole file" }

const listOf = (properties: object) => ({ type: "array", items: { type: "object", properties } })

/** JSON Schema of a row. */
export const rowSchema = ({ columns, isSplit }: FormatOptions): string =>
  `${JSON.stringify(
    {
      $schema: "http://json-schema.org/draft-07/schema#",
      title: "A medium with its captions and tags",
      type: "object",
      properties: {
        file_name: text,
        ...Object.fromEntries(columns.map(({ name, type }) => [name, { type: nullable[type] }])),
        captions: listOf({
          pipeline: text,
          node: text,
          kind: text,
          text,
          model: text,
          provider: text,
          language: maybeText,
          start_seconds: seconds,
          end_seconds: seconds
        }),
        tags: listOf({
          pipeline: text,
          node: text,
          vocabulary: text,
          vocabulary_version: maybeText,
          label: text,
          raw: text,
          confidence: { type: ["number", "null"], minimum: 0, maximum: 1 },
          evidence: maybeText,
          start_seconds: seconds,
          end_seconds: seconds,
          model: text
        }),
        ...(isSplit ? { split: text } : {})
      },
      required: ["content_hash", "path", "captions", "tags"]
    },
    undefined,
    2
  )}\n`

/** The card that datasets carry: what this is, and what the rows say. */
export const card = ({ columns }: FormatOptions): string => `---
task_categories:
  - audio-classification
tags:
  - audio
  - captions
---

# Media with captions and tags

Exported from a Mediaspool library. \`manifest.json\` says with which query, models, prompts and vocabularies it was made; \`SHA256SUMS\` has the hash of each file (\`sha256sum -c SHA256SUMS\`, or \`spool export --verify .\`).

Each line of \`metadata.jsonl\` is one medium: \`file_name\`, the columns ${columns.map(({ name }) => `\`${name}\``).join(", ")}, and the lists \`captions\` and \`tags\`. \`schema.json\` describes them.

Captions and tags were written by models and may be wrong. Check the rights of the recordings before you pass them on.
`
