/** Imports a user's module. Also the injection token; tests give another one, because Vitest rewrites `import()`. */
export abstract class ModuleImporter {
  /** @param file absolute path. @throws whatever the module throws, or a syntax error. */
  abstract import(file: string): Promise<Record<string, unknown>>
}
