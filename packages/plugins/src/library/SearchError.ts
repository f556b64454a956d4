import { Failure } from "@mediaspool/core"

/** Why a search can't be made. */
export class SearchError extends Failure.Class<SearchError>()("SearchError", {
  NothingToSearch: { retry: "never", help: 'Type words, "a phrase", or filters such as emotion:happy and duration:>60.' },
  FieldUnknown: { retry: "never", help: "Put the text between quotes to look for it as it stands." },
  RangeUnreadable: { retry: "never", help: "Write a range as >60, <1m30s or 10..20." }
}) {}
