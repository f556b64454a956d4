/** For answers that are data: nothing in them may be shown or run. */
export const nothing = "default-src 'none'; frame-ancestors 'none'; sandbox"

/** For the page: its own scripts and styles by nonce, its own server, and nobody else. */
export const page = (nonce: string): string =>
  [
    "default-src 'none'",
    `script-src 'nonce-${nonce}' 'strict-dynamic'`,
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data:",
    "media-src 'self'",
    "connect-src 'self'",
    "manifest-src 'self'",
    "font-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'"
  ].join("; ")
