// Lists every package that comes with ours, from the lockfile, as a CycloneDX 1.6 document: names, versions, digests, licences.
// `node scripts/sbom.mjs` prints it; `npm run pack` writes it beside the tarballs.
import { existsSync, readFileSync, readdirSync } from "node:fs"
import { createRequire } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const { parse } = createRequire(join(root, "packages/core/package.json"))("yaml")
const manifestOf = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"))

/** Packages whose manifest names no licence that SPDX knows, with what their LICENSE file is. */
const READ = { "@shinyoshiaki/jspack": "BSD-3-Clause" }

/** What is built into the page, and so comes with the server. */
const BUNDLED = ["solid-js"]

/** `name@version` of a key of the lockfile, whose peers stand in brackets behind it. */
const idOf = (key) => {
  const bare = key.replace(/\(.*$/, "")
  const at = bare.lastIndexOf("@")
  return { name: bare.slice(0, at), version: bare.slice(at + 1) }
}

/** Where pnpm has put a package; none for one that belongs to another platform. */
const installed = ({ name, version }) => {
  const prefix = `${name.replace("/", "+")}@${version}`
  const store = join(root, "node_modules/.pnpm")
  const found = readdirSync(store).find((entry) => entry === prefix || entry.startsWith(`${prefix}_`))
  const folder = found === undefined ? undefined : join(store, found, "node_modules", name)
  return folder !== undefined && existsSync(join(folder, "package.json")) ? folder : undefined
}

const licenceOf = (name, folder) => {
  const { license, licenses } = manifestOf(folder)
  const said = license?.type ?? license ?? licenses?.map(({ type }) => type).join(" OR ")
  return READ[name] ?? said
}

/** Everything that the published packages need at run time, once each, in the order of their names. */
const shipped = () => {
  const { importers, packages, snapshots } = parse(readFileSync(join(root, "pnpm-lock.yaml"), "utf8"))
  const found = new Map()
  const take = (name, version) => {
    if (version.startsWith("link:")) return
    // An alias has the name of what it stands for in its version.
    const key = version.includes("@") && snapshots[version] !== undefined ? version : `${name}@${version}`
    if (found.has(key)) return
    const snapshot = snapshots[key]
    if (snapshot === undefined) throw new Error(`the lockfile has no ${key}`)
    found.set(key, snapshot)
    for (const [name, version] of Object.entries({ ...snapshot.dependencies, ...snapshot.optionalDependencies }))
      take(name, version)
  }
  for (const [place, { dependencies, optionalDependencies }] of Object.entries(importers))
    if (place.startsWith("packages/") && manifestOf(join(root, place)).private !== true)
      for (const [name, { version }] of Object.entries({ ...dependencies, ...optionalDependencies })) take(name, version)
  for (const name of BUNDLED) take(name, importers["packages/page"].devDependencies[name].version)
  const once = new Map([...found.keys()].map((key) => [`${idOf(key).name}@${idOf(key).version}`, idOf(key)]))
  return [...once]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, { name, version }]) => {
      const { cpu, os, resolution } = packages[id] ?? {}
      const folder = installed({ name, version })
      return {
        name,
        version,
        integrity: resolution?.integrity,
        platform: os === undefined && cpu === undefined ? undefined : [...(os ?? []), ...(cpu ?? [])].join(" "),
        licence: folder === undefined ? undefined : licenceOf(name, folder)
      }
    })
}

const purlOf = (name, version) => `pkg:npm/${name.replace("@", "%40")}@${version}`

const component = ({ integrity, licence, name, platform, version }) => ({
  type: "library",
  "bom-ref": purlOf(name, version),
  name,
  version,
  purl: purlOf(name, version),
  ...(integrity === undefined
    ? {}
    : { hashes: [{ alg: "SHA-512", content: Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex") }] }),
  ...(licence === undefined
    ? {}
    : { licenses: /[ (]/.test(licence) ? [{ expression: licence }] : [{ license: { id: licence } }] }),
  ...(platform === undefined ? {} : { properties: [{ name: "mediaspool:platform", value: platform }] })
})

/** The same bytes for the same lockfile: it names no time. */
export const sbom = () => {
  const { license, version } = manifestOf(join(root, "packages/cli"))
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: {
      component: {
        type: "application",
        "bom-ref": "mediaspool",
        name: "mediaspool",
        version,
        licenses: [{ license: { id: license } }]
      }
    },
    components: shipped().map(component)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(JSON.stringify(sbom(), null, 2))
