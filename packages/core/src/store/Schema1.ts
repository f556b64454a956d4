/**
 * The first version of core's tables. Times are milliseconds since 1970, columns that hold a key or digest are base64url
 * of a sha-256, hashes of bytes are lower-case hex. Plugins keep their own tables beside these (`media`, `caption` …).
 *
 * What others may rely on:
 * - `item(id, path, content_hash, gone_at)`: one row a file and content. `path` has the bytes that the file system gave.
 *   On a rename only `path` and the stamp change. New content at a path is a new row; the old one gets `gone_at` and stays as history.
 * - `item_state(item, pipeline, plan, state)`: where the item stands in a pipeline. An item without a row, or with another plan's,
 *   is work. A plugin whose user deleted a sink's rows brings them back with the next run by deleting the item's state:
 *   `DELETE FROM item_state WHERE pipeline = OLD.pipeline AND item IN (SELECT id FROM item WHERE content_hash = …)`.
 */
export const schema1 = `
CREATE TABLE item (
  id INTEGER PRIMARY KEY,
  path BLOB NOT NULL,
  -- The stamp of the last look. dev and ino are unsigned in the system and signed here.
  dev INTEGER NOT NULL,
  ino INTEGER NOT NULL,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  ctime_ns INTEGER NOT NULL,
  -- NULL while nobody could read it.
  content_hash TEXT,
  found_at INTEGER NOT NULL,
  -- 0 while the file is there; else when it was found missing, or replaced by other content.
  gone_at INTEGER NOT NULL DEFAULT 0,
  UNIQUE (path, gone_at)
) STRICT;
CREATE INDEX item_by_content ON item (content_hash);
CREATE INDEX item_by_inode ON item (ino);
CREATE INDEX item_gone ON item (path) WHERE gone_at <> 0;

-- A plan that ran: what its results depend on, as RFC 8785 JSON.
CREATE TABLE plan (
  id INTEGER PRIMARY KEY,
  pipeline TEXT NOT NULL,
  fingerprint TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  -- 1 where a stage reads names: a renamed file is then work.
  reads_location INTEGER NOT NULL,
  made_at INTEGER NOT NULL
) STRICT;

CREATE TABLE item_state (
  item INTEGER NOT NULL REFERENCES item (id),
  pipeline TEXT NOT NULL,
  plan INTEGER NOT NULL REFERENCES plan (id),
  state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'waiting')),
  settled_at INTEGER NOT NULL,
  PRIMARY KEY (item, pipeline)
) STRICT, WITHOUT ROWID;
CREATE INDEX item_state_open ON item_state (pipeline, state) WHERE state <> 'done';

-- What stands between an item and 'done': one row a node that failed or waits, as of the item's last run.
CREATE TABLE failure (
  item INTEGER NOT NULL REFERENCES item (id),
  pipeline TEXT NOT NULL,
  node TEXT NOT NULL,
  stage TEXT NOT NULL,
  -- The ledger's key of a failure that is remembered; NULL where the next run tries again.
  key TEXT,
  code TEXT NOT NULL,
  retry TEXT NOT NULL,
  message TEXT NOT NULL,
  help TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  failed_at INTEGER NOT NULL,
  PRIMARY KEY (item, pipeline, node)
) STRICT, WITHOUT ROWID;

-- The part of a key's preimage that many results share: RFC 8785 JSON without inputs.
CREATE TABLE recipe (
  id INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  stage TEXT NOT NULL,
  version INTEGER NOT NULL,
  preimage TEXT NOT NULL
) STRICT;

-- What has been done, by key.
CREATE TABLE ledger (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  recipe INTEGER NOT NULL REFERENCES recipe (id),
  -- The inputs' digests by port, as they stand in the preimage.
  inputs TEXT NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('value', 'failed', 'skipped')),
  -- The encoded value as JSON without paths; NULL when it is too large and lies in a file. Else the failure.
  value TEXT,
  -- Below 'artifacts'.
  file TEXT,
  -- The value's digest; empty without one.
  digest TEXT NOT NULL,
  -- How many files belong to the result.
  artifacts INTEGER NOT NULL,
  -- Programs and versions that made it; no part of the key.
  made_with TEXT,
  made_at INTEGER NOT NULL
) STRICT;

-- Files that results own: 'artifacts/<first two digits of hash>/<hash>.<extension>'.
CREATE TABLE artifact (
  key TEXT NOT NULL,
  slot TEXT NOT NULL,
  hash TEXT NOT NULL,
  size INTEGER NOT NULL,
  extension TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  PRIMARY KEY (key, slot)
) STRICT, WITHOUT ROWID;
CREATE INDEX artifact_by_hash ON artifact (hash);

-- Paid requests. 'sent' is the intent: with an owner that died, nobody knows whether it was billed.
CREATE TABLE call (
  key TEXT PRIMARY KEY,
  identity TEXT NOT NULL,
  account TEXT NOT NULL,
  model TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('sent', 'answered')),
  owner TEXT NOT NULL,
  run INTEGER,
  item INTEGER,
  node TEXT,
  -- How often it was sent.
  sent INTEGER NOT NULL,
  sent_at INTEGER NOT NULL,
  answered_at INTEGER,
  body TEXT,
  request_id TEXT,
  input_tokens INTEGER,
  output_tokens INTEGER,
  audio_tokens INTEGER,
  -- Decimal; the estimate until the answer is here.
  amount TEXT,
  currency TEXT
) STRICT;
CREATE INDEX call_by_time ON call (answered_at);

-- Decisions that calls rest on, made once.
CREATE TABLE decision (
  key TEXT PRIMARY KEY,
  identity TEXT NOT NULL,
  value TEXT NOT NULL,
  decided_at INTEGER NOT NULL
) STRICT;

CREATE TABLE run (
  id INTEGER PRIMARY KEY,
  pipeline TEXT NOT NULL,
  plan INTEGER NOT NULL REFERENCES plan (id),
  owner TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  ended_at INTEGER,
  -- NULL while it runs, or when its process died.
  outcome TEXT CHECK (outcome IN ('finished', 'drained', 'interrupted', 'stopped')),
  summary TEXT
) STRICT;

-- One try of one node for one item.
CREATE TABLE attempt (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL,
  item INTEGER NOT NULL,
  node TEXT NOT NULL,
  key TEXT NOT NULL,
  try INTEGER NOT NULL,
  outcome TEXT NOT NULL CHECK (outcome IN ('ran', 'skipped', 'failed', 'waiting')),
  code TEXT,
  message TEXT,
  started_at INTEGER NOT NULL,
  milliseconds REAL NOT NULL,
  -- What its calls used and cost; replayed ones cost nothing.
  input_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL,
  amount TEXT,
  currency TEXT
) STRICT;
CREATE INDEX attempt_by_item ON attempt (item);

-- Content that a process works on. An owner that died holds nothing: its lock file is free.
CREATE TABLE lease (
  content_hash TEXT PRIMARY KEY,
  owner TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Files outside the state folder that stages wrote: never taken as input.
CREATE TABLE output (
  path BLOB PRIMARY KEY,
  hash TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Small facts by name, such as a source folder's marker.
CREATE TABLE fact (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
