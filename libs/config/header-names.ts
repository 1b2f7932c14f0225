const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/

/** Whether the text is an HTTP token (RFC 9110), as header names and methods are. */
export function isHeaderName(text: string): boolean {
  return TOKEN.test(text)
}
