import { MAX_JSON_DEPTH } from '#http'
import { invalidRequest } from '#kernel'
import { invalidJson } from './edge.errors.js'

/**
 * Stands for an empty body that was announced as JSON: fine on a route without a body (contract 1.2), a fault where one
 * is read (`EmptyBodyPipe`).
 */
export const EMPTY_JSON: object = Object.freeze({})

/**
 * Reads a JSON body.
 * @throws AppError `invalid_json`; `invalid_request` for nesting that would run others out of stack, and for keys that
 * change an object's prototype when they are merged.
 */
export function parseJsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return EMPTY_JSON
  const value = parse(bytes)
  judge(value)
  return value
}

function parse(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own words quote the body and say no more.
    throw invalidJson()
  }
}

/** Level by level, not by recursion: the depth is what is being judged. */
function judge(value: unknown): void {
  let level = containers([value])
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === MAX_JSON_DEPTH) throw invalidRequest(`body: nested deeper than ${MAX_JSON_DEPTH} levels`)
    if (level.some(changesPrototype)) throw invalidRequest('body: __proto__ and constructor.prototype are not allowed')
    level = containers(level.flatMap((container): unknown[] => Object.values(container)))
  }
}

function containers(values: readonly unknown[]): object[] {
  return values.filter((value): value is object => typeof value === 'object' && value !== null)
}

function changesPrototype(container: object): boolean {
  if (Object.hasOwn(container, '__proto__')) return true
  if (!Object.hasOwn(container, 'constructor')) return false
  const { constructor } = container as { constructor: unknown }
  return typeof constructor === 'object' && constructor !== null && Object.hasOwn(constructor, 'prototype')
}
