import { createHash, timingSafeEqual } from 'node:crypto'

/** What a request without the right key is told. */
export const ADMIN_KEY_WANTED =
  'Missing or wrong admin key; send it as the header x-admin-key, or as Authorization: Bearer KEY'

/** Whether a request brings the admin key, as `Authorization: Bearer …` or `x-admin-key`; compared in constant time. */
export function presentsAdminKey(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  adminKey: string,
): boolean {
  const { authorization } = headers
  const bearer = /^Bearer (.+)$/i.exec(typeof authorization === 'string' ? authorization : '')?.[1]
  const presented = [headers['x-admin-key'], bearer].filter((key) => typeof key === 'string')
  return presented.some((key) => timingSafeEqual(sha256(key), sha256(adminKey)))
}

/** Makes both sides the same length for the comparison in constant time. */
function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
