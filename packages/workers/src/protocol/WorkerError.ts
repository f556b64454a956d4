import { Failure } from "@mediaspool/core"

/** What can go wrong between a coordinator, its queue and its workers. */
export class WorkerError extends Failure.Class<WorkerError>()("WorkerError", {
  QueueUnreachable: {
    retry: "config",
    help: "Start Redis or Valkey there, or correct `workers.queue` (`--queue` of a worker); `rediss://` where it speaks TLS."
  },
  QueueRefused: {
    retry: "config",
    help: "Set the user and the password that the server expects: `workers.password`, or SPOOL_QUEUE_PASSWORD for a worker."
  },
  QueueNotTrusted: {
    retry: "config",
    help: "Use a certificate that names this host; where it is your own authority's: NODE_EXTRA_CA_CERTS=/path/to/ca.pem."
  },
  QueueAddressInvalid: {
    retry: "config",
    help: "Write `redis://HOST:PORT/DATABASE`, or `rediss://…` for TLS; the password goes into `workers.password`."
  },
  QueueUnusable: {
    retry: "config",
    help: "Name a server that may be written to and has memory and disk left: no replica, `maxmemory` as large as the jobs need."
  },
  QueueFailed: { retry: "now", help: "Check the server's own log: it refused a command that a queue needs." },
  QueueAway: { retry: "later", help: "Work that is out waits and goes on by itself when the server is back." },
  NoWorkers: { retry: "later", help: "Start one: `spool worker`; or let this machine help: take `local: none` away." },
  WorkerIncompatible: { retry: "config", help: "Install the same major version on the coordinator and on every worker." },
  WorkFolderUnusable: { retry: "config", help: "Name a folder that this user can write: `--work DIR`." },
  WorkerNotStarted: {
    retry: "config",
    help: "Run `spool doctor` on that machine: it checks the engine, the config and the plugins."
  },
  FileServerFailed: { retry: "config", help: "Set `workers.listen` to an address of this machine and a free port." },
  OutboxUnusable: {
    retry: "config",
    help: "Mount the share, and name a folder on it that this user can write: `workers.outbox`; without it workers upload results."
  },
  WorkerLost: {
    retry: "never",
    help: "Two worker processes ended while they worked on this file, probably for lack of memory. Give workers more, then `spool requeue`."
  },
  NoWorkerFits: {
    retry: "now",
    help: "`spool workers` says what each worker lacks: a root, a stage, a plugin's version or an engine."
  },
  FileOutsideRoots: {
    retry: "now",
    help: "Add the folder that holds the file to `workers.roots`, or set `files: fetch`."
  },
  FileDiffers: {
    retry: "now",
    help: "Mount the same share under the root's path on both machines, or set `files: fetch`."
  },
  FileNotFetched: { retry: "now", help: "Check the network between the worker and the coordinator, and at `workers.listen`." },
  ResultNotDelivered: {
    retry: "now",
    help: "Check the disk and the network of the worker, at `workers.outbox` and at `workers.listen`."
  },
  ResultDamaged: { retry: "now", help: "The bytes changed on the way: look at the share, or at the network." },
  JobRefused: { retry: "now", help: "Update Mediaspool and the plugins on the machine that refused, so that both sides agree." },
  CallsStayHome: {
    retry: "config",
    help: "Take `on: workers` away from this node: paid requests and library rows are the coordinator's alone."
  }
}) {}
