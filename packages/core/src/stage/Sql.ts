/** What a text of SQL is made of: words as they are written, quoted names without their quotes, everything else by one character. */
type Token =
  | { readonly kind: "name" | "text" | "mark"; readonly text: string }
  /** `upper`: the same in upper case. */
  | { readonly kind: "word"; readonly text: string; readonly upper: string }

// In this order: comments, 'text', "name", `name`, [name], words, anything else.
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?|[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*|\S/g

const token = (text: string): Token | undefined => {
  const first = text[0] ?? ""
  if (text.startsWith("--") || text.startsWith("/*")) return undefined
  // Where only a name can stand SQLite takes a text for one.
  if (first === "'") return { kind: "text", text: text.slice(1, -1).replaceAll("''", "'") }
  if (first === '"' || first === "`") return { kind: "name", text: text.slice(1, -1).replaceAll(first + first, first) }
  if (first === "[") return { kind: "name", text: text.slice(1, -1) }
  return /[A-Za-z_\u0080-\uffff]/.test(first) ? { kind: "word", text, upper: text.toUpperCase() } : { kind: "mark", text }
}

const tokens = (sql: string): ReadonlyArray<Token> =>
  (sql.match(TOKEN) ?? []).flatMap((text) => {
    const found = token(text)
    return found === undefined ? [] : [found]
  })

const is = (found: Token | undefined, word: string): boolean => found?.kind === "word" && found.upper === word

const isAny = (found: Token | undefined, words: ReadonlyArray<string>): boolean =>
  found?.kind === "word" && words.includes(found.upper)

const isMark = (found: Token | undefined, mark: string): boolean => found?.kind === "mark" && found.text === mark

/** One statement: the verb it begins with, in upper case, and the table that it changes, makes or drops, in lower case. */
export interface Statement {
  readonly verb: string
  readonly table: string | undefined
  /** Another name that the statement gives the table, in lower case. */
  readonly renamedTo: string | undefined
  /** What CREATE makes and DROP removes, whatever it is, in lower case. */
  readonly name: string | undefined
  /** The table that an index or a trigger is made on, in lower case. */
  readonly on: string | undefined
  /** What a trigger does. */
  readonly body: ReadonlyArray<Statement>
  /** A trigger that refuses what it follows (`RAISE`). */
  readonly raises: boolean
  /** A foreign key that is looked at when the transaction is over. */
  readonly defers: boolean
}

/** The name at a place, which a schema's name may precede. A name of another schema than `main` is given whole. */
const nameAt = (list: ReadonlyArray<Token>, at: number): string | undefined => {
  const first = list[at]
  if (first === undefined || first.kind === "mark") return undefined
  const second = list[at + 2]
  if (!isMark(list[at + 1], ".") || second === undefined) return first.text.toLowerCase()
  const schema = first.text.toLowerCase()
  return schema === "main" ? second.text.toLowerCase() : `${schema}.${second.text.toLowerCase()}`
}

/** Words that may stand between a verb and the name of its table. */
const BEFORE_NAME: Readonly<Record<string, ReadonlyArray<string>>> = {
  INSERT: ["OR", "ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK", "INTO"],
  REPLACE: ["INTO"],
  UPDATE: ["OR", "ABORT", "FAIL", "IGNORE", "REPLACE", "ROLLBACK"],
  DELETE: ["FROM"],
  ALTER: ["TABLE"],
  DROP: ["TABLE", "VIEW", "INDEX", "TRIGGER", "IF", "EXISTS"],
  CREATE: ["TEMP", "TEMPORARY", "VIRTUAL", "UNIQUE", "TABLE", "INDEX", "TRIGGER", "VIEW", "IF", "NOT", "EXISTS"]
}

/** What may follow WITH and its queries. */
const AFTER_WITH = ["INSERT", "REPLACE", "UPDATE", "DELETE", "SELECT", "VALUES"]

/** Verbs that name the table they change. */
const CHANGES = ["INSERT", "REPLACE", "UPDATE", "DELETE", "ALTER", "DROP"]

/** The statements between a trigger's BEGIN and its END. */
const bodyOf = (list: ReadonlyArray<Token>): ReadonlyArray<Statement> => {
  const from = list.findIndex((found) => is(found, "BEGIN"))
  const found: Array<Array<Token>> = [[]]
  for (const next of from < 0 ? [] : list.slice(from + 1, -1))
    if (isMark(next, ";")) found.push([])
    else found.at(-1)?.push(next)
  return found.filter(({ length }) => length > 0).map(ofTokens)
}

const ofTokens = (list: ReadonlyArray<Token>): Statement => {
  const verb = list[0]?.text.toUpperCase() ?? ""
  // The verb behind WITH stands outside of all parentheses.
  let depth = 0
  let at = 0
  if (verb === "WITH")
    for (at = 1; at < list.length; at++) {
      if (isMark(list[at], "(")) depth++
      else if (isMark(list[at], ")")) depth--
      else if (depth === 0 && isAny(list[at], AFTER_WITH)) break
    }
  const changes = isAny(list[at], CHANGES)
  const creates = is(list[at], "CREATE") && list.slice(at, at + 4).some((found) => is(found, "TABLE"))
  let place = at + 1
  const before = BEFORE_NAME[list[at]?.text.toUpperCase() ?? ""] ?? []
  while (isAny(list[place], before)) place++
  const rename = list.findIndex((found, i) => is(found, "RENAME") && is(list[i + 1], "TO"))
  const isTrigger = verb === "CREATE" && list.slice(0, 4).some((found) => is(found, "TRIGGER"))
  const isIndex = verb === "CREATE" && list.slice(0, 4).some((found) => is(found, "INDEX"))
  const on = isTrigger || isIndex ? list.findIndex((found, i) => i > place && is(found, "ON")) : -1
  return {
    verb,
    table: changes || creates ? nameAt(list, place) : undefined,
    renamedTo: verb === "ALTER" && rename > 0 ? nameAt(list, rename + 2) : undefined,
    name: ["CREATE", "DROP"].includes(verb) ? nameAt(list, place) : undefined,
    on: on > 0 ? nameAt(list, on + 1) : undefined,
    body: isTrigger ? bodyOf(list) : [],
    raises: isTrigger && list.some((found, i) => is(found, "RAISE") && isMark(list[i + 1], "(")),
    defers: list.some((found, i) => is(found, "INITIALLY") && is(list[i + 1], "DEFERRED"))
  }
}

/** The statements of a script. The body of a trigger belongs to its CREATE. */
export const statements = (sql: string): ReadonlyArray<Statement> => {
  const found: Array<Statement> = []
  let list: Array<Token> = []
  let cases = 0
  let isTrigger = false
  const finish = () => {
    if (list.length > 0) found.push(ofTokens(list))
    list = []
    cases = 0
    isTrigger = false
  }
  for (const next of tokens(sql)) {
    const last = list.at(-1)
    if (isMark(next, ";")) {
      if (isTrigger && !(is(last, "END") && cases < 0)) {
        list.push(next)
        continue
      }
      finish()
      continue
    }
    list.push(next)
    if (list.length <= 4 && is(list[0], "CREATE") && is(next, "TRIGGER")) isTrigger = true
    // A CASE has an END of its own; the one too many ends the trigger.
    if (is(next, "CASE")) cases++
    else if (is(next, "END")) cases--
  }
  finish()
  return found
}

/** How often LIMIT stands within parentheses, where it ends the query between them. */
export const innerLimits = (sql: string): number => {
  let depth = 0
  let limits = 0
  for (const next of tokens(sql)) {
    if (isMark(next, "(")) depth++
    else if (isMark(next, ")")) depth--
    else if (depth > 0 && is(next, "LIMIT")) limits++
  }
  return limits
}

/** The tables, in lower case, that a script makes, by the names that they have in the end. */
export const tablesMade = (sql: string): ReadonlyArray<string> => {
  const made = new Set<string>()
  for (const { renamedTo, table, verb } of statements(sql)) {
    if (table === undefined) continue
    if (verb === "CREATE") made.add(table)
    else if (renamedTo !== undefined && made.has(table)) made.add(renamedTo)
  }
  return [...made]
}
