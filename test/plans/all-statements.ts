import { readdirSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'

const LIBS = resolve(import.meta.dirname, '../../libs')
const SOURCES = readdirSync(LIBS, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts') && !/\.(spec|int-spec|spec\.support)\.ts$/.test(file))
  .filter((file) => !file.startsWith('testing/'))
  .sort()

/** What the modules of repositories give out. */
export interface AllStatements {
  /** `Name.method` of every repository, `file.function` of what stands in a file without a class. */
  readonly methods: readonly string[]
  /** The texts, with their names: whole statements, and parts of them. */
  readonly texts: ReadonlyMap<string, string>
}

/** Everything that sends SQL, as the folders have it. */
export async function allStatements(): Promise<AllStatements> {
  const methods: string[] = []
  const texts = new Map<string, string>()
  for (const file of SOURCES.filter((source) => /\.(repository|sql)\.ts$/.test(source))) {
    const exported = (await import(join(LIBS, file))) as Record<string, unknown>
    for (const [name, value] of Object.entries(exported)) {
      if (typeof value === 'string') texts.set(`${file}: ${name}`, value)
      else if (!file.endsWith('.sql.ts')) methods.push(...methodsOf(name, value, basename(file, '.repository.ts')))
    }
  }
  return { methods, texts }
}

/** A class is called by its methods; a function by its name. */
function methodsOf(name: string, value: unknown, file: string): string[] {
  if (typeof value !== 'function') return []
  const own = Object.getOwnPropertyNames((value.prototype ?? {}) as object).filter((key) => key !== 'constructor')
  return own.length > 0 ? own.map((key) => `${name}.${key}`) : [`${file}.${name}`]
}

/** Source files that send statements and are no repositories. */
export function otherSenders(): string[] {
  return SOURCES.filter((file) => !file.endsWith('.repository.ts') && !file.startsWith('database/')).filter((file) =>
    /\.query(<.*>)?\(/.test(readFileSync(join(LIBS, file), 'utf8')),
  )
}
