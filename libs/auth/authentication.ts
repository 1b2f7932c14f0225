import { Injectable } from '@nestjs/common'
import { Settings } from '#config'
import { unauthorized } from './auth.errors.js'
import type { Caller } from './caller.js'
import { ApiKeys } from './api-keys.js'
import { CustomAuthentication } from './custom-authentication.js'
import type { IncomingCall } from './incoming-call.js'
import { isStudioCall, STUDIO_CALLER } from './studio.js'

/** Finds out who calls, in the way that is configured. */
@Injectable()
export class Authentication {
  readonly #keys: ApiKeys | null

  constructor(
    private readonly settings: Settings,
    private readonly custom: CustomAuthentication,
  ) {
    this.#keys = settings.auth.kind === 'keys' ? new ApiKeys(settings.auth.keyHashes) : null
  }

  /** Whether callers are asked who they are. */
  get isRequired(): boolean {
    return this.settings.auth.kind !== 'none'
  }

  /** @throws AppError `unauthorized`, and what the project's authenticator throws. */
  async authenticate(call: IncomingCall): Promise<Caller> {
    const { auth, mode } = this.settings
    if (auth.kind !== 'custom') return this.#keys?.callerOf(call.headers) ?? refuse()
    if (mode === 'dev' && !auth.disableStudioAuth && isStudioCall(call)) return STUDIO_CALLER
    return this.custom.authenticate(call)
  }
}

function refuse(): never {
  throw unauthorized()
}
