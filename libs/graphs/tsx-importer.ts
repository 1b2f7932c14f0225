import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Injectable } from '@nestjs/common'
import { register as registerCjs } from 'tsx/cjs/api'
import { register as registerEsm } from 'tsx/esm/api'
import { Settings } from '#config'
import { ModuleImporter } from './module-importer.js'

/**
 * Imports TypeScript and JavaScript, ESM and CommonJS, with the project's own `tsconfig.json` (its `paths` too).
 * Both registers are needed: without the one for CommonJS a project that lacks `"type": "module"` does not load. No
 * namespace: each would load a LangGraph of its own.
 */
@Injectable()
export class TsxImporter extends ModuleImporter {
  #isRegistered = false

  constructor(private readonly settings: Settings) {
    super()
  }

  override async import(file: string): Promise<Record<string, unknown>> {
    this.#register()
    const tellOfStandstill = (): void => this.#tellOfStandstill(file)
    process.once('beforeExit', tellOfStandstill)
    try {
      return await this.importUrl(pathToFileURL(file).href)
    } finally {
      process.off('beforeExit', tellOfStandstill)
    }
  }

  /** Node ends without a word where a module awaits what nothing is left to bring about. */
  #tellOfStandstill(file: string): void {
    const name = relative(this.settings.projectDir, file)
    process.stderr.write(`${name}: could not be loaded: an await at its top level never ends.\n`)
    process.exitCode = 1
  }

  /** Node's own `import()`; apart, because Vitest rewrites it. */
  protected async importUrl(url: string): Promise<Record<string, unknown>> {
    return (await import(url)) as Record<string, unknown>
  }

  #register(): void {
    if (this.#isRegistered) return
    this.#isRegistered = true
    const tsconfig = join(this.settings.projectDir, 'tsconfig.json')
    registerEsm(existsSync(tsconfig) ? { tsconfig } : {})
    registerCjs()
  }
}
