import { Injectable } from '@nestjs/common'
import type { AuthSettings, ModuleExport } from '#config'
import { startRefused } from '#kernel'
import { AuthHandlers } from './auth-handlers.js'

/** Gives what the project exports. */
export interface ProjectExports {
  /** The value of an export; `key` is where `langgraph.json` names it. */
  load(module: ModuleExport, key: string): Promise<unknown>
  /** How messages name it. */
  labelOf(module: ModuleExport, key: string): string
}

const KEY = 'auth.path'

/** The project's `Auth` object, once it is loaded. */
@Injectable()
export class CustomAuth {
  #handlers: AuthHandlers | null = null

  /**
   * Loads it, where there is one; called once, by the composition root, before anything listens.
   * @throws AppError `start_refused`.
   */
  async load(settings: AuthSettings, project: ProjectExports): Promise<void> {
    if (settings.kind !== 'custom') return
    const { module } = settings
    this.#handlers = AuthHandlers.of(await project.load(module, KEY), project.labelOf(module, KEY))
  }

  /** @throws AppError `start_refused` when nothing was loaded: nobody is let in then. */
  get handlers(): AuthHandlers {
    if (this.#handlers === null) throw startRefused('auth.path: the Auth object was not loaded.')
    return this.#handlers
  }
}
