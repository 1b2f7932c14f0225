import { isJsonObject } from '#kernel'

/** An object of the file whose types have been judged by `checkShape`; a value of a wrong type reads as absent. */
export type Block = Readonly<Record<string, unknown>>

/** The object under a key; empty when there is none. */
export function blockOf(block: Block, key: string): Block {
  const value = block[key]
  return isJsonObject(value) ? value : {}
}

/** The string under a key. */
export function textOf(block: Block, key: string): string | undefined {
  const value = block[key]
  return typeof value === 'string' ? value : undefined
}

/** Whether `true` stands under a key. */
export function flagOf(block: Block, key: string): boolean {
  return block[key] === true
}

/** The number under a key. */
export function numberOf(block: Block, key: string): number | undefined {
  const value = block[key]
  return typeof value === 'number' ? value : undefined
}

/** The list of strings under a key. */
export function textsOf(block: Block, key: string): readonly string[] | undefined {
  const value = block[key]
  return Array.isArray(value) && value.every((item): item is string => typeof item === 'string') ? value : undefined
}
