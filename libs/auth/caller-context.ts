import { AsyncLocalStorage } from 'node:async_hooks'
import { Injectable } from '@nestjs/common'
import type { Caller } from './caller.js'

/** Knows in whose name the work at hand is done: a request, a graph's run. */
@Injectable()
export class CallerContext {
  readonly #storage = new AsyncLocalStorage<Caller | null>()

  /** Null where nobody is known: the server's own work, and every request while nobody is authenticated. */
  get current(): Caller | null {
    return this.#storage.getStore() ?? null
  }

  /** Does the work, and all that it begins, in this caller's name. */
  run<Result>(caller: Caller | null, work: () => Result): Result {
    return this.#storage.run(caller, work)
  }
}
