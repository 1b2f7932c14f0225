import { Injectable } from '@nestjs/common'

/** Whether this process wants traffic: from the end of its start to the beginning of its stop. */
@Injectable()
export class Readiness {
  #state: 'starting' | 'ready' | 'stopping' = 'starting'

  /** What keeps the process from taking traffic, or null. */
  get obstacle(): string | null {
    return this.#state === 'ready' ? null : `the server is ${this.#state}`
  }

  /** The start is done. */
  started(): void {
    this.#state = 'ready'
  }

  /** The stop has begun. */
  stopping(): void {
    this.#state = 'stopping'
  }
}
