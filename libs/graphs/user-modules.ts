import { relative } from 'node:path'
import { Injectable } from '@nestjs/common'
import { type ModuleExport, Settings } from '#config'
import { describeError, startRefused } from '#kernel'
import { exportNames, findExport } from './graph-export.js'
import { ModuleImporter } from './module-importer.js'

/** Loads what `langgraph.json` names beside graphs. */
@Injectable()
export class UserModules {
  constructor(
    private readonly settings: Settings,
    private readonly importer: ModuleImporter,
  ) {}

  /**
   * The value of an export. To be called after the graphs are loaded, which put `env` under the environment.
   * @param key where `langgraph.json` names it, for the message.
   * @throws AppError `start_refused` when the module cannot be loaded or has no such export.
   */
  async load({ file, exportName }: ModuleExport, key: string): Promise<unknown> {
    const label = this.labelOf({ file }, key)
    const module = await this.#import(file, label)
    const found = findExport(module, exportName)
    if (found) return found.value
    const names = exportNames(module).join(', ') || 'nothing'
    throw startRefused(`${label}: has no export "${exportName}", it exports ${names}.`)
  }

  /** How messages name where an export comes from: `auth.path (src/auth.ts)`. */
  labelOf({ file }: Pick<ModuleExport, 'file'>, key: string): string {
    return `${key} (${relative(this.settings.projectDir, file)})`
  }

  async #import(file: string, label: string): Promise<Record<string, unknown>> {
    try {
      return await this.importer.import(file)
    } catch (thrown) {
      const { error, message } = describeError(thrown)
      throw startRefused(`${label}: could not be loaded: ${error}: ${message}`)
    }
  }
}
