import { storableText } from '#kernel'
import { ANY_LABEL, endOfPrefix, toPath } from './namespace.js'

/** Which stored namespaces a listing looks at. */
export interface NamespacePattern {
  /** The range of the primary key, to exclusive; null when it has no end. */
  readonly from: string
  readonly to: string | null
  /** PostgreSQL's regular expressions for the beginning and the end; each namespace must match both. */
  readonly prefix: string
  readonly suffix: string
}

/** Reads a prefix and a suffix, in which `*` stands for any one label. @throws AppError `namespace_invalid`. */
export function namespacePattern(prefix: readonly string[], suffix: readonly string[]): NamespacePattern {
  toPath(prefix)
  toPath(suffix)
  const firstWildcard = prefix.indexOf(ANY_LABEL)
  const fixed = toPath(firstWildcard < 0 ? prefix : prefix.slice(0, firstWildcard))
  return {
    from: fixed,
    to: fixed === '' ? null : endOfPrefix(fixed),
    prefix: `^${prefix.map(labelPattern).join('')}`,
    suffix: suffix.length === 0 ? '' : `(^|\\.)${suffix.map(labelPattern).join('')}$`,
  }
}

/** One label and the dot behind it, with every sign escaped that means something in a pattern. */
function labelPattern(label: string): string {
  if (label === ANY_LABEL) return '[^.]+\\.'
  return `${storableText(label).replace(/[*+?^${}()|[\]\\]/g, '\\$&')}\\.`
}
