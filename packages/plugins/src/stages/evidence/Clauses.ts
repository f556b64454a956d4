/** What stands in quotation marks is somebody's word, a sign's or a title's. */
const QUOTED = /"[^"]*"|“[^”]*”|(?<!\w)'[^']*'(?!\w)|‘[^’]*’|《[^》]*》|「[^」]*」/g
/** "Apart from rain, nothing is heard" is one clause. */
const APART = /(\b(?:apart from|except|besides|other than)\b[^,.;]{0,80}),|(除[^，。；]{0,40})，/g
/** Where a clause ends: a comma goes on with a list, unless a new subject follows it. */
const END =
  /[.;!?。；！？，\n]+|,(?= (?:and |but |while |then |yet )?(?:an?|the|then|but|while|yet|only|he|she|it|they|there|this|some(?:body|one)?|nobody|no one|one|two|three|several)\b)/
/** What denies the words that follow it, or those before. */
const DENIED_BEFORE =
  /(?:\b(?:no|not(?! only| just)|without|never|nobody|neither|nor|devoid of|free (?:of|from)|absence of|lack(?:s|ing)?(?: of)?|instead of|rather than)\b|n't\b).{0,40}$|(?:没|无(?![线数论聊尽意奈])|未|不(?![断停时同久仅只但少错过])|并非|缺乏).{0,8}$/
const DENIED_AFTER = /^.{0,15}\b(?:is|are|was|were) (?:absent|missing|not (?:present|heard|audible))\b/

/** The clauses of an English or Chinese text, in lower case, without what it quotes. */
export const of = (text: string): ReadonlyArray<string> =>
  text
    .toLowerCase()
    .replace(QUOTED, " ")
    .replace(APART, "$1$2 ")
    .split(END)
    .map((clause) => clause.replace(/\s+/g, " ").trim())
    .filter((clause) => clause !== "")

/** Whether a clause denies what was found in it. */
export const isDenied = (clause: string, found: RegExpExecArray): boolean =>
  DENIED_BEFORE.test(clause.slice(0, found.index)) || DENIED_AFTER.test(clause.slice(found.index + found[0].length))
