import { createHash } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { Injectable } from '@nestjs/common'
import { type AuthCacheSettings, Settings } from '#config'
import { Clock, isJsonObject, type JsonObject, RecentMap } from '#kernel'
import { authFault, unauthorized } from './auth.errors.js'
import { type Caller, callerOf } from './caller.js'
import { CustomAuth } from './custom-auth.js'
import type { IncomingCall } from './incoming-call.js'
import { withinDeadline } from './within-deadline.js'

interface Known {
  readonly caller: Caller
  /** ms since the epoch. */
  readonly until: number
}

/** Asks the project's authenticator, and remembers its answers as `auth.cache` says. */
@Injectable()
export class CustomAuthentication {
  readonly #cache: AuthCacheSettings | null
  readonly #known: RecentMap<string, Known>

  constructor(
    settings: Settings,
    private readonly custom: CustomAuth,
    private readonly clock: Clock,
  ) {
    this.#cache = settings.auth.kind === 'custom' ? settings.auth.cache : null
    this.#known = new RecentMap(this.#cache?.maxEntries ?? 0)
  }

  /** @throws AppError `unauthorized` when it names nobody, what it throws, `auth_faulty`, `auth_timed_out`. */
  async authenticate(call: IncomingCall): Promise<Caller> {
    const key = this.#cache && cacheKey(this.#cache, call.headers)
    const known = key === null ? undefined : this.#known.get(key)
    if (known && known.until > this.clock.now().getTime()) return known.caller
    const { authenticate } = this.custom.handlers
    const caller = readCaller(await withinDeadline(this.clock, () => authenticate(call.toRequest())))
    if (key !== null && this.#cache) {
      this.#known.set(key, { caller, until: this.clock.now().getTime() + this.#cache.ttlMs })
    }
    return caller
  }
}

/** Null when none of the headers is there: such answers are not remembered. No credential is kept as it is. */
function cacheKey({ headers: names }: AuthCacheSettings, headers: IncomingHttpHeaders): string | null {
  const values = names.map((name) => headers[name] ?? null)
  if (values.every((value) => value === null)) return null
  return createHash('sha256').update(JSON.stringify(values)).digest('base64')
}

function readCaller(answer: unknown): Caller {
  const caller = callerOf(typeof answer === 'string' ? { identity: answer } : userIn(answer))
  if (caller === null) throw unauthorized()
  return caller
}

/** As JSON has it: it is stored with runs. */
function userIn(answer: unknown): JsonObject {
  if (answer === undefined || answer === null || answer === false) throw unauthorized()
  const user = asJson(answer)
  if (isJsonObject(user)) return user
  throw authFault('the authenticator has returned neither a string nor an object')
}

function asJson(answer: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(answer) ?? 'null')
  } catch (cause) {
    throw authFault('the authenticator has returned what JSON cannot write', cause)
  }
}
