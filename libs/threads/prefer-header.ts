/** Whether a `Prefer` header (RFC 7240) asks for `return=minimal`, alone or among other preferences. */
export function prefersMinimal(header: string | undefined): boolean {
  const preferences = (header ?? '').split(/[,;]/).map((preference) => preference.trim().toLowerCase())
  return preferences.includes('return=minimal')
}
