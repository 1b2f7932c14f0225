import { Injectable } from '@nestjs/common'
import { SchedulerRegistry } from '@nestjs/schedule'
import { Clock, type Timer } from '#kernel'

/** The name of the scheduler's next look in the registry of `@nestjs/schedule`. */
export const NEXT_LOOK = 'crons.next-look'

/**
 * The scheduler's clock: the one thing that it waits for is a timeout of `@nestjs/schedule`'s registry. The time itself is
 * the injected clock's, so that specs can move it: the library has none to inject.
 */
@Injectable()
export class CronClock extends Clock {
  constructor(
    private readonly registry: SchedulerRegistry,
    private readonly clock: Clock,
  ) {
    super()
  }

  override now(): Date {
    return this.clock.now()
  }

  /** @throws Error while an earlier one is neither over nor cancelled. */
  override after(delayMs: number, callback: () => void): Timer {
    const timer = this.clock.after(delayMs, () => {
      this.#forget()
      callback()
    })
    this.registry.addTimeout(NEXT_LOOK, timer)
    return {
      cancel: () => {
        timer.cancel()
        this.#forget()
      },
    }
  }

  /** Nest may have forgotten it before: it clears its registry when the application is closed. */
  #forget(): void {
    if (this.registry.doesExist('timeout', NEXT_LOOK)) this.registry.deleteTimeout(NEXT_LOOK)
  }
}
