import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Caller, callerOf } from './caller.js'

/** `SIGNALBOX_API_KEYS`: whoever brings one of them as `x-api-key` may use the whole API. */
export class ApiKeys {
  readonly #keys: readonly { readonly hash: Buffer; readonly caller: Caller }[]

  /** @param hashes SHA-256 of each key: the keys themselves are not kept. */
  constructor(hashes: readonly Buffer[]) {
    this.#keys = hashes.map((hash) => ({ hash, caller: callerWith(hash) }))
  }

  /** Null without a key, or with a wrong one. Takes the same time whichever of the keys it is. */
  callerOf(headers: IncomingHttpHeaders): Caller | null {
    const key = headers['x-api-key']
    if (typeof key !== 'string' || key === '') return null
    const presented = createHash('sha256').update(key).digest()
    return this.#keys.filter(({ hash }) => timingSafeEqual(hash, presented))[0]?.caller ?? null
  }
}

/** Keys are told from each other, as a cron's creator for example, by the beginning of their hash. */
function callerWith(hash: Buffer): Caller {
  const identity = `api-key-${hash.toString('hex').slice(0, 12)}`
  const caller = callerOf({ identity })
  if (caller === null) throw new Error('an identity that is not empty names somebody')
  return caller
}
