import { Injectable } from '@nestjs/common'
import type { AuthSettings, ModuleExport } from '#config'
import { startRefused } from '#kernel'
import { AuthHandlers } from './auth-handlers.js'

/** The project's `Auth` object, once it is loaded. */
@Injectable()
export class CustomAuth {
  #handlers: AuthHandlers | null = null

  /**
   * Loads it, where there is one; called once, by the composition root, before anything listens.
   * @param importExport gives the value of an export of the project.
   * @throws AppError `start_refused`.
   */
  async load(settings: AuthSettings, importExport: (module: ModuleExport) => Promise<unknown>): Promise<void> {
    if (settings.kind !== 'custom') return
    this.#handlers = AuthHandlers.of(await importExport(settings.module))
  }

  /** @throws AppError `start_refused` when nothing was loaded: nobody is let in then. */
  get handlers(): AuthHandlers {
    if (this.#handlers === null) throw startRefused('auth.path: the Auth object was not loaded.')
    return this.#handlers
  }
}
