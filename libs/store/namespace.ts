import { invalidRequest, storableText } from '#kernel'
import { namespaceInvalid } from './store.errors.js'

/** How long a namespace with its dots, and a key, may be in bytes: together they are a key of the database's index. */
export const MAX_NAME_BYTES = 1024

/** Stands for any one label where namespaces are listed. */
export const ANY_LABEL = '*'

/**
 * The namespace as it is stored: each label with a dot behind it. So no namespace is a prefix of another one's text
 * unless it is a prefix of its labels.
 * @throws AppError `invalid_request` for one that is too long, `namespace_invalid` for a label that cannot be.
 */
export function toPath(labels: readonly string[]): string {
  const path = labels.map((label) => `${storableText(label)}.`).join('')
  requireRoom('namespace', path)
  if (labels.some((label) => label === '' || label.includes('.'))) throw namespaceInvalid(labels.join('.'))
  return path
}

/** The labels of a stored namespace. */
export function toLabels(path: string): string[] {
  return path.split('.').slice(0, -1)
}

/** The key as it is stored. @throws AppError `invalid_request` for one that is too long. */
export function toStoredKey(key: string): string {
  const stored = storableText(key)
  requireRoom('key', stored)
  return stored
}

/** The first text behind every path that begins with this one: `/` comes next after `.`. */
export function endOfPrefix(path: string): string {
  return `${path.slice(0, -1)}/`
}

function requireRoom(name: string, text: string): void {
  if (Buffer.byteLength(text) > MAX_NAME_BYTES) throw invalidRequest(`${name}: must not exceed ${MAX_NAME_BYTES} bytes`)
}
